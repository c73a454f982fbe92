"""Opinion and decision: who may say what, on which ground, and the record that is hashed (R-107 to R-113, R-120)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

from contracts.vocabulary import Conclusion
from policies.model import Policy
from policies.words import Authority, DecisionPath, SupplementGroup
from services.approval.domain.case import Case
from services.approval.domain.faults import Fault
from services.approval.domain.words import APPROVAL_REASONS, Outcome, Reason

MEETING_LEAST = 3
"""People a confirmation meeting has at least, the one who presides among them."""


class Waived(StrEnum):
    """What a collective decision does without (R-121)."""

    AGENCY_ANSWERS = "agency_answers"
    MATERIALS = "materials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the township's handler recommends, household by household (R-107)."""

    recommendation: Outcome
    reasons: tuple[Reason, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the authority says, alone or in a meeting (R-108)."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    path: DecisionPath = DecisionPath.LEADER
    participants: tuple[str, ...] = ()
    """Officers at the meeting."""
    waived: tuple[Waived, ...] = ()
    note: str = ""


_RELATIVE = Fault("/participants", "participant_is_relative", "近亲属应当回避。", "A near relative takes no part.")


def opinion_faults(opinion: Opinion) -> tuple[Fault, ...]:
    """Reasons must go with what is recommended."""
    return tuple(_reason_faults(opinion.recommendation, opinion.reasons))


def decision_faults(decision: Decision, case: Case, policy: Policy) -> tuple[Fault, ...]:
    """Reasons, path and meeting fit together and the region; a near relative takes no part (R-108, R-121, R-142)."""
    return (
        *_reason_faults(decision.outcome, decision.reasons),
        *_path_faults(decision, policy),
        *(_RELATIVE for name in decision.participants if name in case.excluded),
    )


def _reason_faults(outcome: Outcome, reasons: tuple[Reason, ...]) -> Iterator[Fault]:
    is_approval = outcome is Outcome.APPROVED
    for index, reason in enumerate(reasons):
        if (reason in APPROVAL_REASONS) is not is_approval:
            yield Fault(
                f"/reasons/{index}", "reason_unfit", "理由与结论不符。", "The reason does not go with the outcome."
            )
        if reason in reasons[:index]:
            yield Fault(f"/reasons/{index}", "reason_doubled", "理由重复。", "The reason stands here twice.")


def _path_faults(decision: Decision, policy: Policy) -> Iterator[Fault]:
    if decision.path not in policy.decision.paths:
        yield Fault("/path", "path_not_provided", "本地区不采用此确认方式。", "The region does not decide in this way.")
    is_meeting = decision.path is DecisionPath.MEETING
    people = set(decision.participants)
    if is_meeting and len(people) < MEETING_LEAST:
        yield Fault(
            "/participants",
            "participants_too_few",
            f"会议须有{MEETING_LEAST}名以上不同人员参加。",
            f"A meeting has {MEETING_LEAST} or more different people.",
        )
    if people and not is_meeting:
        yield Fault(
            "/participants", "participants_not_asked", "仅会议须列参加人员。", "Only a meeting has participants."
        )
    is_collective = Reason.COLLECTIVE_DECISION in decision.reasons
    if is_collective and not policy.decision.case_by_case:
        yield Fault("/reasons", "collective_not_provided", "本地区没有一事一议。", "The region has no such decision.")
    if is_collective and not is_meeting:
        yield Fault(
            "/path", "meeting_needed", "一事一议须经会议集体研究。", "It is decided collectively, in a meeting."
        )
    if is_collective is not bool(decision.waived):
        yield Fault(
            "/waived",
            "waived_unfit",
            "一事一议须列明豁免事项。",
            "Such a decision, and no other, names what it waives.",
        )


class Bar(StrEnum):
    """Why a household cannot be approved, whatever the reasons given."""

    CONDITIONS_NOT_MET = "conditions_not_met"
    COLLECTIVE_NEEDED = "collective_needed"


def bar_of(decision: Decision, case: Case) -> Bar | None:
    """Whether an approval is barred by what people found in the check.

    A family known not to meet the conditions is never taken in (R-113). Where information is missing through no fault
    of the family, only a collective decision takes it in (R-120).
    """
    if decision.outcome is not Outcome.APPROVED:
        return None
    report = case.report
    if report.conclusion is Conclusion.OVER_STANDARD:
        return Bar.CONDITIONS_NOT_MET
    qualifies = report.income_qualifies and report.property_qualifies and not report.is_partial
    if not qualifies and Reason.COLLECTIVE_DECISION not in decision.reasons:
        return Bar.COLLECTIVE_NEEDED
    return None


def is_authority(org: str, office: str, policy: Policy) -> bool:
    """Whether this organisation decides cases of that office: the township itself where power is delegated, else the
    county above it (R-109).
    """
    if policy.decision.authority is Authority.TOWNSHIP:
        return org == office
    return org != office and org == office.rstrip("/").rpartition("/")[0] + "/"


def record_of(
    case: Case,
    decision: Decision,
    groups: Mapping[str, tuple[SupplementGroup, ...]],
    policy: Policy,
    *,
    decision_id: str,
    by: str,
    at: datetime,
) -> tuple[bytes, str]:
    """The decision in its one spelling, and its sha256: everything it stands on, nobody named (R-121)."""
    assert case.survey is not None, "nobody is decided on without a survey"
    assert case.opinion is not None, "nobody is decided on without an opinion"
    report = case.report
    content = orjson.dumps(
        {
            "decision_id": decision_id,
            "case_id": case.case_id,
            "case_version": case.case_version,
            "application_id": case.application_id,
            "office": case.office,
            "region": case.region,
            "aid": case.aid,
            "area": case.area,
            "accepted_on": case.accepted_on,
            "members": [
                {"member_id": one.member_id, "supplement_groups": sorted(groups.get(one.member_id, ()))}
                for one in case.members
            ],
            "report": {"report_id": report.report_id, "version": report.version, "hash": report.content_hash},
            "household_income_month_fen": report.household_income_month_fen,
            "survey_id": case.survey.survey_id,
            "opinion_id": case.opinion.opinion_id,
            "outcome": decision.outcome,
            "reasons": sorted(decision.reasons),
            "path": decision.path,
            "participants": sorted(decision.participants),
            "waived": sorted(decision.waived),
            "decided_by": by,
            "decided_at": at,
            "policy": {"pack": policy.pack_id, "hash": policy.hash},
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return content, hashlib.sha256(content).hexdigest()
