"""Deciding: the township's opinion, and the authority's decision on it, once per case version, by somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from policies.calendar import WorkCalendar
from policies.model import Policy
from policies.words import Step
from services.approval.domain.case import Case, Decided, Extended, Opined
from services.approval.domain.decision import (
    Bar,
    Decision,
    Opinion,
    bar_of,
    decision_faults,
    is_authority,
    opinion_faults,
    record_of,
)
from services.approval.domain.moves import Move
from services.approval.domain.order import missing_before
from services.approval.domain.words import ExtensionReason, Lack, Outcome
from services.approval.store import cases, records
from services.approval.usecases import casework
from services.approval.usecases.refusals import (
    AlreadyDecided,
    AlreadyExtended,
    Blocked,
    CollectiveNeeded,
    ConditionsNotMet,
    MakerIsChecker,
    NotTheAuthority,
    StepsMissing,
    Unacceptable,
    WrongState,
)


async def write_opinion(
    tx: Transaction, caller: Caller, case: Case, opinion: Opinion, *, now: datetime
) -> tuple[Case, str]:
    """The handler's first opinion on a locked case (R-107). It waits for survey and flags (R-069, R-093).

    Raises NotTheAuthority, StepsMissing, WrongState, Blocked, Unacceptable.
    """
    casework.require_own_office(caller, case)
    policy = casework.policy_of(tx, case)
    if missing := missing_before(policy, Step.REVIEW_OPINION):
        raise StepsMissing(missing)
    casework.require_way(case, Move.OPINE)
    lacks = [lack for lack in _lacks(case, policy) if lack is not Lack.OPINION]
    if lacks:
        raise Blocked(lacks)
    if faults := opinion_faults(opinion):
        raise Unacceptable(faults)
    opined = Opined(
        opinion_id=new_id("opn"),
        recommendation=opinion.recommendation,
        reasons=opinion.reasons,
        by=caller.subject,
        on=local_day(now),
        report_id=case.report.report_id,
        report_version=case.report.version,
    )
    await records.add_opinion(tx, case, opined, opinion.note, now=now)
    (kept,) = await casework.keep(tx, [replace(case.move(Move.OPINE), opinion=opined)])
    tx.audit(
        Act.OPINION_WRITTEN,
        subject=case.case_id,
        office=case.office,
        details={
            "opinion": opined.opinion_id,
            "recommendation": opinion.recommendation,
            "case_version": case.case_version,
        },
    )
    return kept, opined.opinion_id


async def decide(tx: Transaction, caller: Caller, case: Case, decision: Decision, *, now: datetime) -> tuple[Case, str]:
    """Approve or refuse a locked case, for its region's authority and as its region orders (R-108, R-109, R-112).

    Raises StepsMissing, AlreadyDecided, Blocked, NotTheAuthority, MakerIsChecker, Unacceptable, ConditionsNotMet,
    CollectiveNeeded.
    """
    policy = casework.policy_of(tx, case)
    _require_ready(case, policy)
    if not is_authority(caller.org, case.office, policy):
        raise NotTheAuthority
    if caller.subject in case.makers or case.makers.intersection(decision.participants):
        raise MakerIsChecker
    if faults := decision_faults(decision, case, policy):
        raise Unacceptable(faults)
    match bar_of(decision, case):
        case Bar.CONDITIONS_NOT_MET:
            raise ConditionsNotMet
        case Bar.COLLECTIVE_NEEDED:
            raise CollectiveNeeded
    assert case.survey is not None, "a case without survey is not ready"
    survey = (await records.surveys(tx, [case.survey.survey_id]))[case.survey.survey_id]
    decision_id = new_id("dec")
    record, digest = record_of(
        case, decision, survey.groups, policy, decision_id=decision_id, by=caller.subject, at=now
    )
    decided = Decided(
        decision_id=decision_id,
        case_version=case.case_version,
        outcome=decision.outcome,
        reasons=decision.reasons,
        by=caller.subject,
        on=local_day(now),
        decision_hash=digest,
        report_id=case.report.report_id,
        report_version=case.report.version,
        household_income_month_fen=case.report.household_income_month_fen,
    )
    return await _take_hold(tx, case, decided, record, decision, now=now), decision_id


async def extend_deadline(
    tx: Transaction, caller: Caller, case: Case, reason: ExtensionReason, *, now: datetime
) -> tuple[Case, str]:
    """Let the clock of a locked, undecided case run longer, once, with its reason (R-118, R-119).

    Raises NotTheAuthority, WrongState, AlreadyExtended.
    """
    policy = casework.policy_of(tx, case)
    if not is_authority(caller.org, case.office, policy):
        raise NotTheAuthority
    if case.decision is not None or casework.reckoned(tx, case).due_on is None:
        raise WrongState
    limit = policy.deadlines.limit(case.aid)
    if case.extension is not None or limit.extended_workdays <= limit.workdays:
        raise AlreadyExtended
    extended = replace(case, extension=Extended(reason=reason, by=caller.subject, on=local_day(now)))
    (kept,) = await casework.keep(tx, [extended])
    details: dict[str, str | int] = {"reason": reason, "workdays": limit.extended_workdays}
    tx.audit(Act.DEADLINE_EXTENDED, subject=case.case_id, office=case.office, details=details)
    return kept, case.case_id


def _require_ready(case: Case, policy: Policy) -> None:
    if missing := missing_before(policy, Step.DECISION):
        raise StepsMissing(missing)
    if case.decision is not None:
        raise AlreadyDecided
    if lacks := _lacks(case, policy):
        raise Blocked(lacks)
    casework.require_way(case, Move.APPROVE)


async def _take_hold(
    tx: Transaction, case: Case, decided: Decided, record: bytes, decision: Decision, *, now: datetime
) -> Case:
    """The decision takes hold on this version alone; whoever comes second is told so."""
    if not await records.add_decision(tx, case, decided, record, decision.note, now=now):
        raise AlreadyDecided
    move = Move.APPROVE if decision.outcome is Outcome.APPROVED else Move.REFUSE
    after = casework.reckoned(tx, replace(case.move(move), decision=decided))
    kept = await cases.decide(tx, case, after, tx.of(WorkCalendar).version)
    if kept is None:
        raise AlreadyDecided
    casework.say_decided(tx, kept, decided, now)
    tx.audit(
        Act.DECISION_MADE,
        subject=case.case_id,
        office=case.office,
        details={
            "decision": decided.decision_id,
            "outcome": decided.outcome,
            "case_version": decided.case_version,
            "report_version": decided.report_version,
            "hash": decided.decision_hash,
            "path": decision.path,
        },
    )
    return kept


def _lacks(case: Case, policy: Policy) -> tuple[Lack, ...]:
    return case.lacks(flags_must_close=policy.flags.must_close_before_decision)
