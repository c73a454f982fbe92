"""Working days of the published years, instants of the calendar of money, and years without a notice."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import yaml

from contracts.values import Month
from policies.calendar import (
    CHINA,
    Published,
    WorkCalendar,
    ledger_cutoff,
    ledger_month,
    payment_due,
    publicity_end,
    publicity_over_at,
    roster_due,
    start_of_day,
)
from policies.load import load_calendar
from policies.lookup import policy_for
from policies.model import Packs
from policies.money import Payment
from policies.problems import PolicyRefused, Problem
from tests.unit.policies.pack_folder import POLICIES, PackFolder

MAKE_UP_2026 = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
MAKE_UP_2025 = {"01-26", "02-08", "04-27", "09-28", "10-11"}


@pytest.fixture(scope="module")
def payment(packs: Packs) -> Payment:
    return policy_for(packs, "230799", date(2026, 11, 20)).payment


def test_twenty_working_days_across_two_holidays(calendar: WorkCalendar) -> None:
    due = calendar.add_working_days(date(2026, 9, 15), 20)
    assert (due.on, due.is_provisional, due.calendar) == (date(2026, 10, 19), False, calendar.version)


@pytest.mark.parametrize(("year", "make_up", "rest_days"), [(2025, MAKE_UP_2025, 28), (2026, MAKE_UP_2026, 33)])
def test_the_notices_days(calendar: WorkCalendar, year: int, make_up: set[str], rest_days: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    worked_weekends = {f"{day:%m-%d}" for day in days if day.weekday() >= 5 and calendar.is_working_day(day)}
    assert worked_weekends == make_up
    written = yaml.safe_load((POLICIES / "calendar" / f"{year}.yaml").read_text(encoding="utf-8"))
    named = [day["date"] for day in written["days"] if day["isOffDay"]]
    assert len(named) == rest_days
    assert not any(calendar.is_working_day(day) for day in named)


@pytest.mark.parametrize(
    ("start", "days", "on"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # Saturday before the Spring Festival is worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 9), 1, date(2026, 10, 10)),
        (date(2026, 10, 1), 3, date(2026, 10, 10)),  # begun on a rest day
        (date(2026, 6, 18), 1, date(2026, 6, 22)),
    ],
)
def test_single_steps(calendar: WorkCalendar, start: date, days: int, on: date) -> None:
    assert calendar.add_working_days(start, days).on == on


def test_a_period_has_a_day(calendar: WorkCalendar) -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        calendar.add_working_days(date(2026, 9, 15), 0)


def test_days_left_turn_negative_after_the_due_day(calendar: WorkCalendar) -> None:
    due = date(2026, 10, 19)
    assert calendar.working_days_between(date(2026, 9, 15), due).days == 20
    assert calendar.working_days_between(date(2026, 10, 16), due).days == 1
    assert calendar.working_days_between(due, due).days == 0
    assert calendar.working_days_between(date(2026, 10, 20), due).days == -1
    assert calendar.working_days_between(date(2026, 10, 24), due).days == -4


def test_a_year_without_notice_is_provisional(calendar: WorkCalendar) -> None:
    assert not calendar.is_published(2027)
    within = calendar.add_working_days(date(2026, 12, 1), 20)
    assert (within.on, within.is_provisional) == (date(2026, 12, 29), False)
    beyond = calendar.add_working_days(date(2026, 12, 30), 2)
    # New Year's Day is free by law whatever the notice says about the days around it.
    assert (beyond.on, beyond.is_provisional) == (date(2027, 1, 4), True)
    assert calendar.add_working_days(date(2026, 12, 31), 1).is_provisional
    assert calendar.working_days_between(date(2026, 12, 30), date(2027, 1, 4)).is_provisional
    assert not calendar.working_days_between(date(2026, 12, 30), date(2026, 12, 31)).is_provisional
    assert not calendar.working_days_between(date(2026, 12, 31), date(2026, 12, 31)).is_provisional


def test_a_later_notice_settles_what_was_provisional(calendar: WorkCalendar) -> None:
    before = WorkCalendar([Published(year=2026, papers=("a",), days={date(2026, 10, 1): True})])
    notice = Published(year=2027, papers=("b",), days={date(2027, 1, 4): True, date(2027, 1, 9): False})
    after = WorkCalendar([notice, Published(year=2026, papers=("a",), days={date(2026, 10, 1): True})])
    assert before.add_working_days(date(2026, 12, 31), 1).on == date(2027, 1, 4)
    due = after.add_working_days(date(2026, 12, 31), 1)
    # In a published year only the notice and the week count, so its days alone decide.
    assert (due.on, due.is_provisional) == (date(2027, 1, 1), False)
    assert after.is_working_day(date(2027, 1, 9))
    assert before.version != after.version
    assert after.years == (2026, 2027)


def test_a_notice_may_reach_into_december(calendar: WorkCalendar) -> None:
    early = Published(year=2027, papers=("b",), days={date(2026, 12, 31): True, date(2027, 1, 1): True})
    moved = WorkCalendar([Published(year=2026, papers=("a",), days={}), early])
    assert moved.add_working_days(date(2026, 12, 30), 1).on == date(2027, 1, 4)


@pytest.mark.parametrize("years", [[], [Published(year=2026, papers=(), days={})] * 2])
def test_a_calendar_has_each_year_once(years: list[Published]) -> None:
    with pytest.raises(ValueError, match="one notice for each"):
        WorkCalendar(years)


def test_publicity_is_seven_full_days_after_posting_holiday_or_not() -> None:
    assert publicity_end(date(2026, 9, 28), 7) == date(2026, 10, 5)
    assert publicity_over_at(date(2026, 9, 28), 7) == datetime(2026, 10, 6, tzinfo=CHINA)
    assert publicity_over_at(date(2026, 9, 28), 7).astimezone(UTC) == datetime(2026, 10, 5, 16, tzinfo=UTC)
    with pytest.raises(ValueError, match="at least one day"):
        publicity_end(date(2026, 9, 28), 0)


def test_the_ledger_closes_when_the_24th_begins(payment: Payment) -> None:
    closes = datetime(2026, 2, 24, tzinfo=CHINA)
    assert ledger_cutoff(Month(2026, 2), payment) == closes
    assert ledger_month(closes - timedelta(microseconds=1), payment) == Month(2026, 2)
    assert ledger_month(closes, payment) == Month(2026, 3)
    # The zone of the instant given does not matter, the day in China does.
    assert ledger_month(datetime(2026, 2, 23, 15, 59, 59, tzinfo=UTC), payment) == Month(2026, 2)
    assert ledger_month(datetime(2026, 2, 23, 16, tzinfo=UTC), payment) == Month(2026, 3)
    assert ledger_month(datetime(2026, 12, 24, tzinfo=CHINA), payment) == Month(2027, 1)
    assert ledger_month(datetime(2026, 12, 31, 16, tzinfo=UTC), payment) == Month(2027, 1)
    with pytest.raises(ValueError, match="zone"):
        ledger_month(datetime(2026, 2, 24), payment)  # noqa: DTZ001 a naive instant is what is refused


def test_another_cut_off_of_another_region(payment: Payment) -> None:
    later = replace(payment, ledger_cutoff_day=25, ledger_cutoff_at=time(17, 30))
    assert ledger_cutoff(Month(2026, 2), later) == datetime(2026, 2, 25, 17, 30, tzinfo=CHINA)


def test_before_the_named_day_unless_it_counts(payment: Payment) -> None:
    assert roster_due(Month(2026, 12), payment) == start_of_day(date(2027, 1, 1))
    assert payment_due(Month(2026, 11), payment) == start_of_day(date(2026, 11, 10))
    lenient = replace(payment, named_day_counts=True)
    assert roster_due(Month(2026, 12), lenient) == start_of_day(date(2027, 1, 2))
    assert payment_due(Month(2026, 11), lenient) == start_of_day(date(2026, 11, 11))


def spoilt(folder: PackFolder) -> tuple[Problem, ...]:
    with pytest.raises(PolicyRefused) as refused:
        load_calendar(folder.path)
    return refused.value.problems


@pytest.mark.parametrize(
    ("day", "path", "what"),
    [
        ({"name": "x", "date": date(2026, 3, 3), "isOffDay": False}, "isOffDay", "2026-03-03 is a weekday"),
        ({"name": "x", "date": date(2026, 10, 1), "isOffDay": True}, "date", "2026-10-01 stands twice"),
        ({"name": "x", "date": date(2027, 1, 1), "isOffDay": True}, "date", "lies outside the year"),
        ({"name": "x", "date": date(2025, 11, 30), "isOffDay": True}, "date", "lies outside the year"),
        ({"name": "x", "date": "2026-03-03", "isOffDay": True}, "date", "expected a day, found a text"),
        ({"name": "x", "date": date(2026, 3, 3), "isOffDay": "true"}, "isOffDay", "expected true or false"),
        ({"name": "x", "date": date(2026, 3, 3)}, "isOffDay", "is missing"),
        ({"name": "x", "date": date(2026, 3, 3), "isOffDay": True, "why": 1}, "why", "is an unknown key"),
    ],
)
def test_a_wrong_day_is_refused_by_name(folder: PackFolder, day: dict[str, object], path: str, what: str) -> None:
    folder.edit("calendar/2026.yaml", lambda year: year["days"].append(day))
    (problem,) = spoilt(folder)
    assert (problem.file, problem.path) == ("calendar/2026.yaml", f"days[39].{path}")
    assert what in problem.what


def test_a_year_agrees_with_its_file_and_names_its_paper(folder: PackFolder) -> None:
    folder.edit("calendar/2025.yaml", lambda year: year.update(papers=[]))
    (folder.path / "calendar" / "2026.yaml").rename(folder.path / "calendar" / "2027.yaml")
    assert [problem.path for problem in spoilt(folder)] == ["papers", "year"]


def test_a_folder_without_calendar_is_refused(folder: PackFolder) -> None:
    for file in (folder.path / "calendar").iterdir():
        file.unlink()
    assert spoilt(folder)[0].what == "holds no calendar year"
