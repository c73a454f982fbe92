"""Working days as the State Council publishes them, and the instants that follow from days. Standard library only.

Days of the event are not counted; 工作日 leave out rest days and count make-up days; 日/天 are plain calendar days
(national rules §10). Years without a published notice are reckoned from weekends and the holidays fixed by date, and
marked provisional, so that a deadline can be shown now and set again when the notice appears.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from contracts.values import Month
from policies.money import Payment

CHINA = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
_SATURDAY = 5
# New Year, Labour Day and National Day stand on fixed dates; the lunar ones move and are left to the notice.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One year's notice: rest days (True) and make-up working days (False); all other days follow the week."""

    year: int
    papers: tuple[str, ...]
    days: Mapping[date, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A day reached by counting working days."""

    on: date
    is_provisional: bool
    """True when a year was passed for which no notice is published yet."""
    calendar: str
    """Version of the calendar it was reckoned with, to find what must be reckoned again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of working days; negative when the end lies before the start."""

    days: int
    is_provisional: bool
    calendar: str


class WorkCalendar:
    """Which days are worked. Immutable; `version` changes when any day of any year does."""

    def __init__(self, years: Iterable[Published]) -> None:
        """Raise ValueError when a year is given twice or none is."""
        notices = sorted(years, key=lambda one: one.year)
        self.years = tuple(one.year for one in notices)
        if not notices or len(set(self.years)) != len(notices):
            raise ValueError("a calendar needs one notice for each of its years")
        self._named = {day: is_off for one in notices for day, is_off in one.days.items()}
        content = ",".join(f"{day.isoformat()}={int(is_off)}" for day, is_off in sorted(self._named.items()))
        digest = hashlib.sha256(f"{self.years}:{content}".encode()).hexdigest()
        self.version = f"{self.years[0]}-{self.years[-1]}.{digest[:8]}"
        # The cases of a day share their few deadlines, and each is reckoned at every look.
        self._due = lru_cache(maxsize=1_024)(self._reckon)

    def is_published(self, year: int) -> bool:
        """Whether the notice for this year is in the calendar."""
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        """Whether this day is worked; for a year without notice the provisional answer."""
        is_off = self._named.get(day)
        if is_off is not None:
            return not is_off
        if day.weekday() >= _SATURDAY:
            return False
        return day.year in self.years or (day.month, day.day) not in _FIXED_HOLIDAYS

    def add_working_days(self, start: date, days: int) -> Due:
        """The last of `days` working days after `start`, which itself is not counted. ValueError below one."""
        if days < 1:
            raise ValueError("a period has at least one working day")
        return self._due(start, days)

    def _reckon(self, start: date, days: int) -> Due:
        day = start
        while days:
            day += _DAY
            days -= self.is_working_day(day)
        return Due(on=day, is_provisional=self._is_provisional(start + _DAY, day), calendar=self.version)

    def working_days_between(self, start: date, end: date) -> Count:
        """Working days after `start` up to and with `end`; negative, counted from `end`, when it lies before."""
        first, last = min(start, end) + _DAY, max(start, end)
        worked = sum(self.is_working_day(first + n * _DAY) for n in range((last - first).days + 1))
        provisional = first <= last and self._is_provisional(first, last)
        return Count(days=worked if start <= end else -worked, is_provisional=provisional, calendar=self.version)

    def _is_provisional(self, first: date, last: date) -> bool:
        return any(year not in self.years for year in range(first.year, last.year + 1))


def start_of_day(day: date) -> datetime:
    """The first instant of a day in China."""
    return datetime.combine(day, time(), CHINA)


def publicity_end(posted_on: date, days: int) -> date:
    """The last full day of a publicity: calendar days after the day of posting, not moved by holidays (R-124, R-125).

    It has passed without objection from `start_of_day(publicity_end(...) + 1 day)` on. ValueError below one day.
    """
    if days < 1:
        raise ValueError("a publicity lasts at least one day")
    return posted_on + timedelta(days=days)


def publicity_over_at(posted_on: date, days: int) -> datetime:
    """The first instant at which the publicity is over (R-117)."""
    return start_of_day(publicity_end(posted_on, days) + _DAY)


def ledger_cutoff(month: Month, payment: Payment) -> datetime:
    """The instant at which the month's ledger closes: what is confirmed at or after it goes to the next (R-203)."""
    return datetime.combine(date(month.year, month.number, payment.ledger_cutoff_day), payment.ledger_cutoff_at, CHINA)


def ledger_month(confirmed_at: datetime, payment: Payment) -> Month:
    """The month in whose ledger something confirmed at this instant stands (R-203). ValueError for a naive instant."""
    if confirmed_at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    month = Month.of(confirmed_at.astimezone(CHINA).date())
    return month if confirmed_at < ledger_cutoff(month, payment) else month.plus(1)


def roster_due(ledger: Month, payment: Payment) -> datetime:
    """The instant before which the roster of this ledger stands, in the month after it (R-204)."""
    return _before(ledger.plus(1), payment.roster_due_day, payment)


def payment_due(month: Month, payment: Payment) -> datetime:
    """The instant before which all money of this month is paid out (R-205)."""
    return _before(month, payment.due_day, payment)


def _before(month: Month, day: int, payment: Payment) -> datetime:
    """ "Before the n-th" ends when the n-th begins, unless the named day counts (Annex 10, 1)."""
    named = date(month.year, month.number, day)
    return start_of_day(named + _DAY if payment.named_day_counts else named)
