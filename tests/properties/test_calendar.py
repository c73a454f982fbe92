"""The working-day calendar against an independent oracle, the `holidays` package, for the published years."""

from datetime import date, timedelta
from pathlib import Path

import holidays
from hypothesis import given
from hypothesis import strategies as st

from policies.calendar import WorkCalendar, publicity_end
from policies.load import load_calendar

CALENDAR = load_calendar(Path(__file__).resolve().parents[2] / "policies")
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
ORACLE = holidays.country_holidays("CN", years=[2025, 2026])

published_days = st.dates(FIRST, LAST)
periods = st.integers(1, 45)


def test_every_day_of_the_published_years() -> None:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert len(days) == 730
    assert [day for day in days if CALENDAR.is_working_day(day) != ORACLE.is_working_day(day)] == []


def test_every_start_day_with_every_limit_of_the_clock_register() -> None:
    for start in (FIRST + timedelta(days=n) for n in range((date(2026, 10, 20) - FIRST).days)):
        for limit in (3, 5, 10, 15, 20, 30, 45):
            due = CALENDAR.add_working_days(start, limit)
            # A start on a rest day counts from the next day on, in both.
            assert due.on == ORACLE.get_nth_working_day(start, limit) or due.on.year > LAST.year
            assert due.is_provisional == (due.on.year > LAST.year)


@given(published_days, periods)
def test_counting_reverses_adding(start: date, days: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    assert CALENDAR.is_working_day(due.on)
    count = CALENDAR.working_days_between(start, due.on)
    assert (count.days, count.is_provisional) == (days, due.is_provisional)


@given(published_days, published_days)
def test_counts_agree_with_the_oracle(one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    expected = sum(ORACLE.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
    assert CALENDAR.working_days_between(start, end).days == expected
    assert CALENDAR.working_days_between(end, start).days == -expected


@given(published_days, periods, periods)
def test_adding_in_two_steps_is_adding_once(start: date, first: int, second: int) -> None:
    halfway = CALENDAR.add_working_days(start, first)
    assert CALENDAR.add_working_days(halfway.on, second).on == CALENDAR.add_working_days(start, first + second).on


@given(published_days, periods)
def test_a_later_start_is_never_due_earlier(start: date, days: int) -> None:
    following = CALENDAR.add_working_days(start + timedelta(days=1), days)
    assert CALENDAR.add_working_days(start, days).on <= following.on


@given(st.dates(date(2027, 1, 1), date(2040, 12, 31)), periods)
def test_unpublished_years_are_always_marked(start: date, days: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    assert due.is_provisional
    assert due.on.weekday() < 5
    assert CALENDAR.working_days_between(start, due.on).is_provisional


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_publicity_knows_no_holidays(posted_on: date, days: int) -> None:
    end = publicity_end(posted_on, days)
    assert [posted_on + timedelta(days=n) for n in range(1, days + 1)][-1] == end


def test_the_version_follows_the_days_alone() -> None:
    again = load_calendar(Path(__file__).resolve().parents[2] / "policies")
    assert isinstance(again, WorkCalendar)
    assert again.version == CALENDAR.version
