"""Deadlines in working days, at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.vocabulary import Aid
from services.approval.domain.case import Case, Extended, Notified
from services.approval.domain.clocks import Clock, clocks, running
from services.approval.domain.words import ClockName, ExtensionReason, NoticeWay, Outcome, State
from tests.unit.approval.cases import a_case, calendar, decided, policy, standing

DUE = date(2026, 10, 19)
"""Twenty working days after 2026-09-15, across two holidays and two make-up days."""


def the(name: ClockName, case: Case, today: date) -> Clock:
    (clock,) = [one for one in clocks(case, policy(case.region), calendar(), today) if one.name is name]
    return clock


@pytest.mark.policy("R-118")
def test_twenty_working_days_with_holidays_and_make_up_days() -> None:
    clock = the(ClockName.DECISION, a_case(), date(2026, 9, 15))
    assert (clock.due_on, clock.workdays, clock.days_left) == (DUE, 20, 20)
    assert not clock.is_provisional


@pytest.mark.policy("R-118")
@pytest.mark.parametrize(
    ("today", "left", "overdue"),
    [
        (DUE - timedelta(days=3), 1, False),  # a Friday
        (DUE, 0, False),
        (DUE + timedelta(days=1), -1, True),
    ],
)
def test_a_clock_is_overdue_from_the_day_after_its_last(today: date, left: int, overdue: bool) -> None:
    clock = the(ClockName.DECISION, a_case(), today)
    assert (clock.days_left, clock.is_overdue) == (left, overdue)


@pytest.mark.policy("R-118")
@pytest.mark.parametrize(("decided_on", "late"), [(DUE, False), (DUE + timedelta(days=1), True)])
def test_the_confirmation_stops_the_clock_in_time_or_late(decided_on: date, late: bool) -> None:
    clock = the(ClockName.DECISION, decided(on=decided_on), date(2027, 1, 1))
    assert (clock.stopped_on, clock.is_overdue, clock.days_left) == (decided_on, late, 0)


@pytest.mark.policy("R-118", "R-119")
@pytest.mark.parametrize(("aid", "plain", "longer"), [(Aid.DIBAO, 20, 30), (Aid.TEKUN, 15, 20)])
def test_each_aid_has_its_limit_and_what_it_may_be_extended_to(aid: Aid, plain: int, longer: int) -> None:
    case = a_case(aid=aid)
    extension = Extended(reason=ExtensionReason.DIFFICULT_SURVEY, by="leader", on=date(2026, 9, 20))
    extended = replace(case, extension=extension)
    today = date(2026, 9, 20)
    assert the(ClockName.DECISION, case, today).workdays == plain
    assert the(ClockName.DECISION, extended, today).workdays == longer
    assert the(ClockName.DECISION, extended, today).due_on > the(ClockName.DECISION, case, today).due_on
    assert running(extended, policy(), calendar()) == the(ClockName.DECISION, extended, today).due_on


@pytest.mark.policy("R-116")
def test_the_refusal_is_told_within_three_working_days() -> None:
    # Decided on Wednesday 2026-09-23; 25 to 27 September rest, so the third working day is the 29th.
    case = decided(Outcome.REFUSED, date(2026, 9, 23))
    due = date(2026, 9, 29)
    assert the(ClockName.REFUSAL_NOTICE, case, due).due_on == due
    assert not the(ClockName.REFUSAL_NOTICE, case, due).is_overdue
    assert the(ClockName.REFUSAL_NOTICE, case, due + timedelta(days=1)).is_overdue
    assert running(case, policy(), calendar()) == due
    told = replace(case, notice=Notified(delivered_on=due, way=NoticeWay.HANDED, by="clerk"))
    assert not the(ClockName.REFUSAL_NOTICE, told, date(2026, 12, 1)).is_overdue
    assert running(told, policy(), calendar()) is None


def test_an_approval_has_no_refusal_to_tell() -> None:
    names = [clock.name for clock in clocks(decided(), policy(), calendar(), date(2026, 9, 18))]
    assert ClockName.REFUSAL_NOTICE not in names


@pytest.mark.policy("R-118")
def test_a_year_without_a_published_calendar_is_marked_provisional() -> None:
    case = a_case(accepted_on=date(2026, 12, 21))
    clock = the(ClockName.DECISION, case, date(2026, 12, 21))
    assert clock.due_on.year == 2027
    assert clock.is_provisional
    assert not the(ClockName.SURVEY, case, date(2026, 12, 21)).is_provisional


def test_nothing_runs_on_a_closed_case() -> None:
    case = replace(standing(State.REVIEW), survey=None, state=State.CLOSED)
    assert clocks(case, policy(), calendar(), date(2027, 6, 1)) == ()
    assert running(case, policy(), calendar()) is None


def test_where_the_whole_procedure_counts_the_decision_does_not_stop_the_clock() -> None:
    """National rule: the limit covers everything up to the certificate (Annex 10, 2)."""
    case = decided(case=a_case(region="654099"))
    clock = the(ClockName.DECISION, case, date(2026, 9, 20))
    assert clock.stopped_on is None
    assert running(case, policy("654099"), calendar()) == clock.due_on


def test_calendars_are_named_so_that_days_can_be_reckoned_again() -> None:
    assert the(ClockName.DECISION, a_case(), date(2026, 9, 20)).calendar == calendar().version
