"""The report (核对报告): what a version says, how it is numbered and hashed, and when one is due.

A report never decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from contracts.values import CitizenId, PersonName
from contracts.vocabulary import Conclusion, FlagCode, Outcome
from policies.model import Policy
from services.verification.domain import conditions, income, page
from services.verification.domain.conditions import Conditions, Verdict
from services.verification.domain.household import Household
from services.verification.domain.income import Income
from services.verification.domain.merge import Found
from services.verification.domain.review import Standing, rulings_of
from services.verification.domain.rulebook import rulebook_of
from services.verification.domain.spelling import canonical


class Person(NamedTuple):
    """Who a member is; both print masked."""

    name: PersonName
    citizen_id: CitizenId


class Coverage(NamedTuple):
    """Cells of the plan by how they ended; they add up to `asked` (INV-05)."""

    asked: int
    answered: int
    silent: int
    invalid: int


class Report(NamedTuple):
    """One version, ready to be kept: the canonical content with what others need of it in clear."""

    number: str
    version: int
    supersedes: str | None
    issued_at: datetime
    content: bytes
    content_hash: str
    coverage: Coverage
    is_partial: bool
    open_flags: tuple[tuple[str, FlagCode], ...]
    conclusion: Conclusion
    income: Income
    conditions: Conditions


class Edition(NamedTuple):
    """What distinguishes this version from others of the same check."""

    report_id: str
    version: int
    supersedes: str | None
    issued_at: datetime
    issued_on: date
    """Local date of `issued_at`."""


def is_due(version: int, *, all_ended: bool, has_news: bool = False, closed_last_flag: bool = False) -> bool:
    """Whether the version after `version` is to be issued.

    The first: when every cell ended (the deadline is the timer's affair). Later ones: when a late answer came, or the
    last open flag was closed.
    """
    if version == 0:
        return all_ended
    return has_news or closed_last_flag


def number_of(region: str, issued_on: date, check_id: str, version: int) -> str:
    """`HD-<region>-<yyyymmdd>-<end of the check's id>-v<version>`."""
    day = issued_on.isoformat().replace("-", "")
    return f"HD-{region}-{day}-{check_id[-8:]}-v{version}"


def coverage_of(found: Found) -> Coverage:
    """Count the cells by outcome."""
    if found.is_whole:
        asked = sum([len(one.member_ids) for one in found.stretches()])
        return Coverage(asked, asked, 0, 0)
    asked = answered = invalid = 0
    for one in found.stretches():
        cells = len(one.member_ids)
        asked += cells
        if one.outcome is Outcome.ANSWERED:
            answered += cells
        elif one.outcome is Outcome.INVALID:
            invalid += cells
    return Coverage(asked, answered, asked - answered - invalid, invalid)


def conclude(has_open_flags: bool, is_partial: bool, weighed: Conditions) -> Conclusion:
    """One word for the whole: open flags first, then what is missing, then a condition that fails."""
    if has_open_flags:
        return Conclusion.FLAGS_OPEN
    if is_partial:
        return Conclusion.INCOMPLETE
    return Conclusion.OVER_STANDARD if weighed.any_failed else Conclusion.NO_FLAGS


def draw_up(
    check_id: str,
    household: Household,
    people: Mapping[str, Person],
    policy: Policy,
    found: Found,
    standings: tuple[Standing, ...],
    edition: Edition,
) -> Report:
    """Everything a version says (R-077, R-080).

    The same facts give the same bytes and hash, whatever the order in which answers came.
    """
    ordered = tuple(sorted(standings, key=_by_code))
    rulings = rulings_of(ordered)
    reckoned = income.verified_income(household, policy, found, rulings)
    weighed = conditions.weigh(household, policy, found, reckoned, [one.flag for one in ordered], rulings)
    coverage = coverage_of(found)
    is_partial = coverage.answered < coverage.asked
    open_flags = tuple([(one.flag.flag_id, one.flag.code) for one in ordered if one.is_open])
    conclusion = conclude(bool(open_flags), is_partial, weighed)
    number = number_of(household.region, edition.issued_on, check_id, edition.version)
    content = canonical(
        {
            "number": number,
            "report_id": edition.report_id,
            "version": edition.version,
            "supersedes": edition.supersedes,
            "issued_at": edition.issued_at,
            "check_id": check_id,
            "application_id": household.application_id,
            "office": household.office,
            "region": household.region,
            "aid": page.AIDS[household.aid],
            "area": page.AREAS[household.area],
            "accepted_on": household.accepted_on,
            "members": [
                page.member(member, person.name.reveal(), person.citizen_id.mask())
                for member in household.members
                if (person := people[member.member_id])
            ],
            "coverage": {
                "asked": coverage.asked,
                "answered": coverage.answered,
                "silent": coverage.silent,
                "invalid": coverage.invalid,
                "is_partial": is_partial,
                "answers": page.coverage(found, edition.issued_on, policy.flags.stale_after_days),
            },
            "flags": [page.standing(one) for one in ordered],
            "conclusion": page.CONCLUSIONS[conclusion],
            "conditions": page.conditions(weighed, reckoned),
            "income": page.income(reckoned),
            "policy": rulebook_of(policy).page,
            "notes": page.NOTES,
            "objection_days": policy.report.objection_days,
        }
    )
    return Report(
        number=number,
        version=edition.version,
        supersedes=edition.supersedes,
        issued_at=edition.issued_at,
        content=content,
        content_hash=hashlib.sha256(content).hexdigest(),
        coverage=coverage,
        is_partial=is_partial,
        open_flags=open_flags,
        conclusion=conclusion,
        income=reckoned,
        conditions=weighed,
    )


def qualifies(verdict: Verdict) -> bool:
    """Only a condition known to be met counts as met."""
    return verdict is Verdict.MET


def _by_code(standing: Standing) -> tuple[str, str, str]:
    flag = standing.flag
    return (flag.code, flag.member_id or "", flag.flag_id)
