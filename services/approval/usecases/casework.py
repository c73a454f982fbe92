"""What every act on a case has in common: find and hold it, know its law, write it back with its clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chassis.callers import Caller
from chassis.ids import new_event_id, new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.approval import DecisionMade
from policies.calendar import WorkCalendar
from policies.model import Packs, Policy
from services.approval.domain import clocks, law
from services.approval.domain.case import Case, Decided
from services.approval.domain.moves import Move, may
from services.approval.domain.words import Outcome, TaskKind
from services.approval.store import cases, records
from services.approval.store.cases import Reckoned
from services.approval.usecases.refusals import CaseAbsent, NotTheAuthority, WrongState

_Word = Literal["approved", "refused", "held"]


async def lock_case(tx: Transaction, caller: Caller, case_id: str) -> Case:
    """The case, held against every other change. Raises CaseAbsent, also for an officer excluded from it (R-142)."""
    case = await cases.lock(tx, case_id)
    if case is None:
        raise CaseAbsent
    return case


def policy_of(tx: Transaction, case: Case) -> Policy:
    """The policy in force for the case on the day its application was accepted."""
    return law.policy_of(tx.of(Packs), case)


async def keep(tx: Transaction, changed: Sequence[Case]) -> list[Case]:
    """Write locked cases back, each with the clock that runs now."""
    if not changed:
        return []
    calendar = tx.of(WorkCalendar)
    return await cases.save(tx, [reckoned(tx, case) for case in changed], calendar.version)


def reckoned(tx: Transaction, case: Case) -> Reckoned:
    """The case with the due day of its running clock."""
    return Reckoned(case, clocks.running(case, policy_of(tx, case), tx.of(WorkCalendar)))


async def reckon_again(tx: Transaction, caller: Caller, *, now: datetime) -> None:
    """Due days reckoned before a calendar year was published are reckoned anew."""
    version = tx.of(WorkCalendar).version
    await keep(tx, await cases.lock_misreckoned(tx, calendar=version, limit=500))


def require_own_office(caller: Caller, case: Case) -> None:
    """The township's own acts are done in its own name, by nobody above it (R-092, R-107). Raises NotTheAuthority."""
    if caller.org != case.office:
        raise NotTheAuthority


def require_way(case: Case, move: Move) -> None:
    """Raises WrongState where the case cannot take this move."""
    if not may(case.state, move):
        raise WrongState


async def open_tasks(tx: Transaction, found: Sequence[tuple[Case, TaskKind]], *, now: datetime) -> None:
    """People must look at these cases; nothing stops by itself."""
    if not found:
        return
    tasks = [(new_id("tsk"), case, kind) for case, kind in found]
    await records.add_tasks(tx, tasks, now=now)
    for task_id, case, kind in tasks:
        tx.audit(Act.TASK_OPENED, subject=case.case_id, office=case.office, details={"task": task_id, "kind": kind})


def say_decided(tx: Transaction, case: Case, decided: Decided, now: datetime) -> None:
    """Tell the decision that now stands on the case."""
    word: _Word = "approved" if decided.outcome is Outcome.APPROVED else "refused"
    _say(tx, case, decided, word, decided.reasons[0].value, (decided.report_id, decided.report_version), now)


def say_held(tx: Transaction, case: Case, decided: Decided, reason: str, now: datetime) -> None:
    """Tell that this decision no longer stands, with the report version the case stands on now."""
    _say(tx, case, decided, "held", reason, (case.report.report_id, case.report.version), now)
    tx.audit(
        Act.DECISION_HELD,
        subject=case.case_id,
        office=case.office,
        details={"reason": reason, "case_version": decided.case_version},
    )


def _say(
    tx: Transaction, case: Case, decided: Decided, word: _Word, reason: str, report: tuple[str, int], now: datetime
) -> None:
    tx.say(
        DecisionMade(
            event_id=new_event_id(),
            occurred_at=now,
            case_id=case.case_id,
            application_id=case.application_id,
            office=case.office,
            region=case.region,
            aid=case.aid,
            case_version=decided.case_version,
            decision=word,
            reason=reason,
            decided_on=decided.on,
            report_id=report[0],
            report_version=report[1],
            decision_hash=decided.decision_hash,
        ),
        trace=case.trace or None,
    )
