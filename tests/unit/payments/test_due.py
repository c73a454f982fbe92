"""Who stands on which roster: the cut-off to the millisecond, first months, arrears, the dates of money."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.values import Month
from policies.calendar import CHINA
from services.payments.domain.due import (
    entitled_from,
    first_roster,
    ledger_closes,
    money_is_out,
    months_due,
    roster_stands,
)
from tests.unit.payments.law import XINJIANG, policy

CUTOFF = datetime(2026, 11, 24, tzinfo=CHINA)
MS = timedelta(milliseconds=1)
NOV, DEC, JAN, FEB = Month(2026, 11), Month(2026, 12), Month(2027, 1), Month(2027, 2)


def first(certified_at: datetime, *, confirmed_on: date, ended_on: date, region: str = "230799") -> Month:
    return first_roster(
        policy(region), confirmed_on=confirmed_on, publicity_ended_on=ended_on, certified_at=certified_at
    )


@pytest.mark.policy("R-203")
@pytest.mark.parametrize(
    ("certified_at", "month"),
    [(CUTOFF - MS, DEC), (CUTOFF, JAN), (CUTOFF + MS, JAN), ((CUTOFF - MS).astimezone(UTC), DEC)],
)
def test_what_misses_the_cut_off_by_a_millisecond_waits_a_month(certified_at: datetime, month: Month) -> None:
    assert first(certified_at, confirmed_on=date(2026, 11, 14), ended_on=date(2026, 11, 22)) == month


@pytest.mark.policy("R-203")
def test_the_cut_off_is_no_workday_and_does_not_move() -> None:
    assert not date(2026, 1, 24).weekday() < 5
    closes = ledger_closes(policy(), Month(2026, 2))
    assert closes == datetime(2026, 1, 24, tzinfo=CHINA)


@pytest.mark.policy("R-199")
def test_yichun_pays_from_the_month_after_the_publicity_and_xinjiang_after_the_decision() -> None:
    at, confirmed_on, ended_on = datetime(2026, 11, 5, tzinfo=CHINA), date(2026, 10, 28), date(2026, 11, 4)
    assert first(at, confirmed_on=confirmed_on, ended_on=ended_on) == DEC
    # In Xinjiang November would follow the decision of October, had the certificate not missed October's ledger.
    assert first(at, confirmed_on=confirmed_on, ended_on=ended_on, region=XINJIANG) == DEC
    early = datetime(2026, 10, 20, tzinfo=CHINA)
    assert first(early, confirmed_on=date(2026, 9, 28), ended_on=date(2026, 9, 20), region=XINJIANG) == NOV
    assert first(early, confirmed_on=date(2026, 9, 28), ended_on=date(2026, 10, 5)) == NOV


@pytest.mark.policy("R-199", "R-201")
def test_the_entitlement_itself_runs_from_the_month_after_the_confirmation() -> None:
    assert entitled_from(date(2026, 10, 31)) == NOV
    assert entitled_from(date(2026, 11, 1)) == DEC
    assert entitled_from(date(2026, 12, 31)) == JAN


@pytest.mark.policy("R-199", "R-203")
def test_months_missed_are_paid_with_the_first_roster_where_the_region_says_so() -> None:
    missed = {"since": NOV, "first": JAN, "settled": frozenset[Month]()}
    assert months_due(policy(), JAN, **missed) == [NOV, DEC, JAN]  # type: ignore[arg-type]
    without = policy(payment={"arrears_from_confirmation": False})
    assert months_due(without, JAN, **missed) == [JAN]  # type: ignore[arg-type]


def test_no_month_is_due_before_the_first_roster_or_twice() -> None:
    assert months_due(policy(), DEC, since=NOV, first=JAN, settled=()) == []
    assert months_due(policy(), JAN, since=NOV, first=JAN, settled={NOV, DEC, JAN}) == []
    assert months_due(policy(), FEB, since=NOV, first=JAN, settled={NOV, DEC, JAN}) == [FEB]
    assert months_due(policy(), JAN, since=FEB, first=JAN, settled=()) == []


@pytest.mark.policy("R-204", "R-205")
def test_the_roster_stands_before_the_first_and_the_money_is_out_before_the_tenth() -> None:
    assert roster_stands(policy(), DEC) == datetime(2026, 12, 1, tzinfo=CHINA)
    assert money_is_out(policy(), DEC) == datetime(2026, 12, 10, tzinfo=CHINA)
    counted = policy(payment={"named_day_counts": True})
    assert money_is_out(counted, DEC) == datetime(2026, 12, 11, tzinfo=CHINA)
    assert ledger_closes(policy(), JAN) == datetime(2026, 12, 24, tzinfo=CHINA)
