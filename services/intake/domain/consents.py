"""Consents: no agency is asked before the member, or a guardian, agreed in writing (R-024; PIPL 13-15, 29, 31)."""

from __future__ import annotations

from collections.abc import Mapping

from policies.eligibility import Household
from services.intake.domain.household import Member
from services.intake.domain.submission import Consent, Submission


def binds(consent: Consent, members: Mapping[str, Member], rule: Household) -> bool:
    """Whether this consent lets agencies be asked about its member.

    An adult of full capacity signs alone. For a minor, or an adult under guardianship, a guardian signs and says what
    makes them one: an adult member, or somebody outside the household who is then named. Age counts on the day of
    signature.
    """
    if consent.withdrawn_at is not None:
        return False
    member = members[consent.member_ref]
    if consent.given_by == consent.member_ref:
        return member.signs_alone(consent.signed_on, rule)
    if member.signs_alone(consent.signed_on, rule) or consent.guardian_relation is None:
        return False
    if consent.given_by is None:
        return consent.guardian_name is not None
    return members[consent.given_by].signs_alone(consent.signed_on, rule)


def consented(submission: Submission, rule: Household) -> list[str]:
    """Refs of the members whose consent binds, in the order of the members."""
    members = {member.ref: member for member in submission.members}
    bound = {consent.member_ref for consent in submission.consents if binds(consent, members, rule)}
    return [ref for ref in members if ref in bound]
