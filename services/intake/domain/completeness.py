"""Completeness: what is missing, told once, in one list, never again in another (R-005, R-006, R-008, R-024, R-026)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from contracts.vocabulary import ItemKind, Word
from policies.model import Policy
from policies.words import ApplicantRule
from policies.words import Material as MaterialKind
from services.intake.domain.consents import consented
from services.intake.domain.submission import Consent, Handed, Submission


class GapKind(Word):
    """What may be missing from an application."""

    SIGNED_DECLARATION = "signed_declaration", "申请人签字的家庭收入和财产书面声明"
    HEAD_CONSENT = "head_consent", "户主同意书"
    OWN_CONSENT = "own_consent", "成员本人签署的核对授权书"
    GUARDIAN_CONSENT = "guardian_consent", "监护人签署的核对授权书"
    NEAR_RELATIVE_STATEMENT = "near_relative_statement", "是否为经办人员或村(居)干部近亲属的说明"
    MATERIAL = "material", "规定提交的材料"


RIGID = frozenset((ItemKind.MEDICAL_EXPENDITURE, ItemKind.REHABILITATION_EXPENDITURE, ItemKind.EDUCATION_EXPENDITURE))
"""Spending that may be deducted, by vouchers (R-081)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing missing: whose (a member's ref) or which (a kind of the checklist), where that matters."""

    kind: GapKind
    member_ref: str | None = None
    material: MaterialKind | None = None


def missing(submission: Submission, policy: Policy, today: date) -> tuple[Gap, ...]:
    """Everything the application lacks, in the order in which the notice lists it.

    The declaration is signed by the applicant (R-005); an applicant who is not the head brings the head's consent
    (R-001); each member's consent binds (R-024); the question of near relatives is answered (R-026); the checklist is
    complete (R-006).
    """
    gaps: list[Gap] = []
    if policy.intake.signed_declaration_required and not _has_signed(submission):
        gaps.append(Gap(GapKind.SIGNED_DECLARATION, member_ref=submission.applicant))
    if _needs_head(submission, policy) and not _head_agreed(submission):
        gaps.append(Gap(GapKind.HEAD_CONSENT, member_ref=submission.head))
    bound = set(consented(submission, policy.household))
    for member in submission.members:
        if member.ref not in bound:
            kind = GapKind.OWN_CONSENT if member.signs_alone(today, policy.household) else GapKind.GUARDIAN_CONSENT
            gaps.append(Gap(kind, member_ref=member.ref))
    if submission.near_relatives is None:
        gaps.append(Gap(GapKind.NEAR_RELATIVE_STATEMENT))
    brought = {material.kind for material in submission.materials}
    gaps.extend(Gap(GapKind.MATERIAL, material=kind) for kind in checklist(submission, policy) if kind not in brought)
    return tuple(gaps)


def checklist(submission: Submission, policy: Policy) -> list[MaterialKind]:
    """The papers this household brings: the region's list, and what something it declared calls for (R-006, R-081)."""
    kinds = list(policy.intake.materials)
    if any(member.disability_grade is not None for member in submission.members):
        kinds.append(MaterialKind.DISABILITY_CERTIFICATE)
    if policy.income.rigid_needs_vouchers and any(item.kind in RIGID for item in submission.declaration):
        kinds.append(MaterialKind.EXPENSE_VOUCHERS)
    return list(dict.fromkeys(kinds))


def _needs_head(submission: Submission, policy: Policy) -> bool:
    """Whether the head's consent belongs to the application (R-001)."""
    return submission.applicant != submission.head and policy.intake.applicant_rule is ApplicantRule.HEAD_OR_CONSENTED


def _has_signed(submission: Submission) -> bool:
    return submission.signature is not None and submission.signature.signed_by == submission.applicant


def _head_agreed(submission: Submission) -> bool:
    return submission.head_consent is not None and submission.head_consent.signed_by == submission.head


def still_open(notice: Collection[Gap], lacking: Sequence[Gap], withdrawn: Collection[str]) -> tuple[Gap, ...]:
    """What of the one notice is still to be brought.

    Nothing that the notice did not name is ever asked for, whatever the checklist has become since (R-008). The one
    addition is the consent that a member took back: the family did that, and without it no agency may be asked (R-024).
    A consent named in the notice stays the same request when the member comes of age in between.
    """
    asked = {_request(gap) for gap in notice}
    return tuple(gap for gap in lacking if _request(gap) in asked or (_is_consent(gap) and gap.member_ref in withdrawn))


def _is_consent(gap: Gap) -> bool:
    return gap.kind in (GapKind.OWN_CONSENT, GapKind.GUARDIAN_CONSENT)


def _request(gap: Gap) -> tuple[str, str | None, str | None]:
    return ("consent" if _is_consent(gap) else gap.kind.value, gap.member_ref, gap.material)


def completed(submission: Submission, handed: Handed, policy: Policy) -> Submission:
    """The application with what was brought later: gaps are filled, what already stands is kept."""
    standing = set(consented(submission, policy.household))
    renewed = {consent.member_ref: consent for consent in handed.consents if consent.member_ref not in standing}
    kept: tuple[Consent, ...] = tuple(one for one in submission.consents if one.member_ref not in renewed)
    return replace(
        submission,
        signature=submission.signature if _has_signed(submission) else handed.signature or submission.signature,
        head_consent=submission.head_consent
        if _head_agreed(submission)
        else handed.head_consent or submission.head_consent,
        consents=kept + tuple(renewed.values()),
        materials=submission.materials + handed.materials,
        near_relatives=handed.near_relatives if submission.near_relatives is None else submission.near_relatives,
    )
