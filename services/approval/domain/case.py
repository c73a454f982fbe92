"""The case: one household's way from the report to the first payment, and how each event moves it.

Only opaque ids, codes, dates and amounts; whatever names a person lies elsewhere, sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from contracts.vocabulary import Aid, Area, Conclusion
from services.approval.domain.moves import IllegalMove, Move, way_of
from services.approval.domain.words import (
    ExtensionReason,
    Lack,
    NoticeWay,
    Outcome,
    Reason,
    State,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member as the report names it."""

    member_id: str
    person_key: str
    declared_groups: tuple[str, ...] = ()
    """Supplement groups the family declared; the survey confirms them (R-194)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report version a case stands on."""

    report_id: str
    version: int
    content_hash: str
    conclusion: Conclusion
    open_flags: tuple[str, ...]
    """Ids, sorted."""
    is_partial: bool
    income_per_head_month_fen: int
    household_income_month_fen: int
    income_qualifies: bool
    property_qualifies: bool
    policy_pack: str

    def says_the_same(self, other: Report) -> bool:
        """Whether flags, conclusion and the figures an amount stands on are alike; coverage alone changes nothing."""
        return self._basis == other._basis

    @property
    def _basis(self) -> tuple[object, ...]:
        return (
            self.open_flags,
            self.conclusion,
            self.household_income_month_fen,
            self.income_qualifies,
            self.property_qualifies,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """The survey that counts (R-093)."""

    survey_id: str
    visited_on: date
    surveyors: tuple[str, ...]
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opined:
    """The township's first opinion (R-107)."""

    opinion_id: str
    recommendation: Outcome
    reasons: tuple[Reason, ...]
    by: str
    on: date
    report_id: str
    report_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision in force (R-108)."""

    decision_id: str
    case_version: int
    outcome: Outcome
    reasons: tuple[Reason, ...]
    by: str
    on: date
    """System confirmation: entitlement runs from here (R-201)."""
    decision_hash: str
    report_id: str
    report_version: int
    household_income_month_fen: int
    """As the report said it on which the decision stands; later reports do not change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The publicity under way or passed (R-125, R-128)."""

    publicity_id: str
    place: str
    by: str
    posted_on: date
    ended_on: date
    """Last full day."""
    over_at: datetime
    """First instant at which it has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """The certificate (R-117)."""

    certificate_id: str
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """The written refusal reached the family (R-116)."""

    delivered_on: date
    way: NoticeWay
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The clock runs longer, with a reason (R-118)."""

    reason: ExtensionReason
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as it stands. Every change makes a new one; `revision` counts them."""

    case_id: str
    application_id: str
    office: str
    region: str
    aid: Aid
    area: Area
    accepted_on: date
    opened_at: datetime
    trace: str
    members: tuple[Member, ...]
    report: Report
    state: State = State.REVIEW
    case_version: int = 1
    """One decision is made on each version."""
    survey_round: int = 1
    """A survey counts for the round in which it was made; an objection begins another (R-127)."""
    revision: int = 1
    is_doubtful: bool = False
    """A report had flags, or the survey differs from the declaration: the county looks at it (R-139)."""
    is_near_relative: bool = False
    """Filed as a near relative of somebody who handles aid (R-141)."""
    excluded: tuple[str, ...] = ()
    """Officers who are near relatives: they neither see nor touch the case (R-142)."""
    survey: Surveyed | None = None
    opinion: Opined | None = None
    payee_id: str | None = None
    decision: Decided | None = None
    publicity: Posted | None = None
    certificate: Certified | None = None
    notice: Notified | None = None
    extension: Extended | None = None
    paid_at: datetime | None = None

    def move(self, move: Move) -> Case:
        """The case after a legal move; raises IllegalMove. A move that opens a version undoes what led to the last."""
        way = way_of(self.state, move)
        moved = replace(self, state=way.target)
        if not way.opens:
            return moved
        return replace(
            moved, case_version=self.case_version + 1, opinion=None, decision=None, publicity=None, certificate=None,
            notice=None,
        )  # fmt: skip

    @property
    def makers(self) -> frozenset[str]:
        """Whoever prepared the decision: surveyors, recorder, writer of the opinion. None of them may make it."""
        names: set[str] = set()
        if self.survey is not None:
            names |= {*self.survey.surveyors, self.survey.recorded_by}
        if self.opinion is not None:
            names.add(self.opinion.by)
        return frozenset(names)

    def lacks(self, *, flags_must_close: bool) -> tuple[Lack, ...]:
        """What stands between this case and its decision (R-069, R-112)."""
        found = []
        if self.survey is None:
            found.append(Lack.SURVEY)
        if flags_must_close and self.report.open_flags:
            found.append(Lack.OPEN_FLAGS)
        if self.opinion is None:
            found.append(Lack.OPINION)
        return tuple(found)


class Consequence(Enum):
    """What a later report does to a case."""

    NONE = "none"
    VOIDED = "voided"
    HELD = "held"
    TASK = "task"


def take_report(case: Case, report: Report) -> tuple[Case, Consequence]:
    """Move a case by a later report version; versions it already knows do nothing.

    Undecided: the opinion falls if the report says something else, the survey stays. Decided but unpaid: held, to be
    decided again. Paid: people look at it, nothing stops by itself. A closed case stays closed.
    """
    if case.state is State.CLOSED or report.version <= case.report.version:
        return case, Consequence.NONE
    changed = not report.says_the_same(case.report)
    taken = replace(case, report=report, is_doubtful=case.is_doubtful or bool(report.open_flags))
    if not changed or case.state in (State.REVIEW, State.HELD):
        return taken, Consequence.NONE
    if case.state is State.PAID:
        return taken, Consequence.TASK
    if case.state is State.OPINED:
        return replace(taken.move(Move.VOID), opinion=None), Consequence.VOIDED
    return taken.move(Move.HOLD), Consequence.HELD


def withdraw(case: Case) -> tuple[Case, Consequence]:
    """The household took its application back: what is not paid ends; what is refused or paid stands as it is."""
    try:
        closed = case.move(Move.CLOSE)
    except IllegalMove:
        return case, Consequence.TASK if case.state is State.PAID else Consequence.NONE
    return closed, Consequence.NONE if case.decision is None else Consequence.HELD


def settle(case: Case, paid_at: datetime) -> tuple[Case, Consequence]:
    """A payment is known, of which the first counts. Money under way while the case was stopped is for people to judge.

    A case that was certified anew after such money is paid like any other from its next payment on.
    """
    paid = replace(case, paid_at=case.paid_at or paid_at)
    if case.state is State.CERTIFIED:
        return paid.move(Move.PAY), Consequence.NONE
    if case.paid_at is not None:
        return case, Consequence.NONE
    return paid, Consequence.TASK
