"""What approval can be asked, within the caller's range. Reading a case whole leaves an audit line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.transaction import Transaction
from contracts.audit import Act
from policies.calendar import WorkCalendar
from policies.model import Packs
from policies.words import Step
from services.approval.domain.case import Case
from services.approval.domain.clocks import Clock, clocks, running
from services.approval.domain.law import policy_of
from services.approval.domain.order import missing_before
from services.approval.domain.payee import Payee
from services.approval.domain.survey import Survey
from services.approval.domain.words import Lack, State
from services.approval.store import cases, records, spot_checks
from services.approval.store.records import ObjectionLine, TaskLine
from services.approval.store.spot_checks import Drawing, Line

__all__ = ["Drawing", "Line", "View", "Whole", "page_of_cases", "page_of_spot_checks", "read_case", "read_draw", "view"]


@dataclass(frozen=True, slots=True)
class View:
    """A case with its clocks, what its region wants that does not exist here, and what its next step lacks."""

    case: Case
    clocks: tuple[Clock, ...]
    missing: tuple[Step, ...]
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A case with everything on record that its readers need; the account is shown masked."""

    view: View
    survey: Survey | None
    payee: Payee | None
    objections: Sequence[ObjectionLine]
    tasks: Sequence[TaskLine]


async def page_of_cases(
    tx: Transaction,
    caller: Caller,
    *,
    after: str,
    state: State | None,
    application_id: str | None,
    overdue: bool,
    limit: int,
    now: datetime,
) -> Sequence[View]:
    """The next cases beyond `after` in the caller's range, oldest first, nobody named. At most `limit`."""
    today = local_day(now)
    if application_id is not None:
        one = await cases.of_application(tx, application_id)
        fits = one is not None and one.case_id > after and state in (None, one.state)
        found = [one] if one is not None and fits and (not overdue or _is_overdue(tx, one, today)) else []
    else:
        found = await cases.page(tx, after=after, state=state, overdue_on=today if overdue else None, limit=limit)
    return [view(tx, case, now) for case in found]


async def read_case(tx: Transaction, caller: Caller, case_id: str, *, now: datetime) -> Whole | None:
    """One case whole; None where the caller may not see one of that id (R-142)."""
    case = await cases.get(tx, case_id)
    if case is None:
        return None
    survey_id = case.survey.survey_id if case.survey else ""
    surveys = await records.surveys(tx, [survey_id]) if survey_id else {}
    payees = await records.payees(tx, [case.payee_id]) if case.payee_id else {}
    tx.audit(Act.CASE_READ, subject=case_id, office=case.office)
    return Whole(
        view(tx, case, now),
        surveys.get(survey_id),
        payees.get(case.payee_id or ""),
        await records.objections(tx, case_id),
        await records.tasks(tx, case_id),
    )


async def page_of_spot_checks(
    tx: Transaction, caller: Caller, *, after: str, done: bool | None, limit: int
) -> Sequence[Line]:
    """The next spot checks beyond `after` in the caller's range. At most `limit`."""
    return await spot_checks.page(tx, after=after, done=done, limit=limit)


async def read_draw(tx: Transaction, caller: Caller, draw_id: str) -> Drawing | None:
    """A draw with its seed and population, from which anybody can draw again."""
    return await spot_checks.get_draw(tx, draw_id)


def view(tx: Transaction, case: Case, now: datetime) -> View:
    """A case as its office sees it on this day."""
    policy = policy_of(tx.of(Packs), case)
    lacks: tuple[Lack, ...] = ()
    if case.state in (State.REVIEW, State.HELD, State.OPINED):
        lacks = case.lacks(flags_must_close=policy.flags.must_close_before_decision)
    elif case.state in (State.APPROVED, State.PUBLICITY) and case.payee_id is None:
        lacks = (Lack.PAYEE,)
    return View(
        case,
        clocks(case, policy, tx.of(WorkCalendar), local_day(now)),
        missing_before(policy, Step.DECISION),
        lacks,
    )


def _is_overdue(tx: Transaction, case: Case, today: date) -> bool:
    due_on = running(case, policy_of(tx.of(Packs), case), tx.of(WorkCalendar))
    return due_on is not None and due_on < today
