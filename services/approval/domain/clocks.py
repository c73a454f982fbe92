"""The clocks of a case: working days, which run from acceptance, and how many are left (Annex 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policies.calendar import WorkCalendar
from policies.model import Policy
from policies.words import ClockEnd
from services.approval.domain.case import Case
from services.approval.domain.words import ClockName, Outcome, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock and how it stands on a day."""

    name: ClockName
    started_on: date
    workdays: int
    due_on: date
    stopped_on: date | None
    """The day the awaited act was done."""
    days_left: int
    """Working days from today until the due day, negative beyond it; 0 once it has stopped."""
    is_overdue: bool
    """Past its day, or stopped after it."""
    is_provisional: bool
    """Reckoned through a year whose calendar is not published yet."""
    calendar: str


def clocks(case: Case, policy: Policy, calendar: WorkCalendar, today: date) -> tuple[Clock, ...]:
    """Every clock of the case (R-116, R-118, R-119). A closed case has none running."""
    surveyed_on = case.survey.visited_on if case.survey else None
    found = [
        _clock(ClockName.SURVEY, case.accepted_on, policy.survey.start_workdays, surveyed_on, calendar, today),
        _clock(
            ClockName.DECISION, case.accepted_on, decision_workdays(case, policy), _ended(case, policy), calendar, today
        ),
    ]
    decision = case.decision
    if decision is not None and decision.outcome is Outcome.REFUSED:
        delivered = case.notice.delivered_on if case.notice else None
        workdays = policy.decision.refusal_notice_workdays
        found.append(_clock(ClockName.REFUSAL_NOTICE, decision.on, workdays, delivered, calendar, today))
    if case.state is State.CLOSED:
        found = [one for one in found if one.stopped_on is not None]
    return tuple(found)


def decision_workdays(case: Case, policy: Policy) -> int:
    """Working days from acceptance to the decision, or what they were extended to (R-118, R-119)."""
    limit = policy.deadlines.limit(case.aid)
    return limit.extended_workdays if case.extension else limit.workdays


def running(case: Case, policy: Policy, calendar: WorkCalendar) -> date | None:
    """The due day of the clock that runs towards the decision or its notice; None where neither does."""
    if case.state is State.CLOSED:
        return None
    if case.decision is not None and case.decision.outcome is Outcome.REFUSED and case.notice is None:
        return calendar.add_working_days(case.decision.on, policy.decision.refusal_notice_workdays).on
    if _ended(case, policy) is None:
        return calendar.add_working_days(case.accepted_on, decision_workdays(case, policy)).on
    return None


def _ended(case: Case, policy: Policy) -> date | None:
    """The day that stopped the approval clock: confirmation, or the end of the whole procedure (Annex 10, 2)."""
    if case.decision is None:
        return None
    if policy.deadlines.ends_at is ClockEnd.CONFIRMATION or case.decision.outcome is Outcome.REFUSED:
        return case.decision.on
    return case.certificate.issued_on if case.certificate else None


def _clock(
    name: ClockName, started_on: date, workdays: int, stopped_on: date | None, calendar: WorkCalendar, today: date
) -> Clock:
    due = calendar.add_working_days(started_on, workdays)
    return Clock(
        name=name,
        started_on=started_on,
        workdays=workdays,
        due_on=due.on,
        stopped_on=stopped_on,
        days_left=0 if stopped_on else calendar.working_days_between(today, due.on).days,
        is_overdue=(stopped_on or today) > due.on,
        is_provisional=due.is_provisional,
        calendar=due.calendar,
    )
