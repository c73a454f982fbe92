"""Publicity at its edges: the last instant of day seven, in Yichun and in Xinjiang."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from policies.calendar import CHINA
from services.approval.domain.order import is_posted_after_decision
from services.approval.domain.publicity import Objection, Posting, objection_faults, posted, posting_faults
from services.approval.domain.words import ObjectionAbout, ObjectionFrom
from tests.unit.approval.cases import decided, policy

POSTED = date(2026, 9, 17)
POSTING = Posting(place="board", posted_on=POSTED, photos=("ab" * 32,))
LAST = datetime(2026, 9, 24, 23, 59, 59, tzinfo=CHINA)


def objection(at: datetime) -> Objection:
    return Objection(received_at=at, source=ObjectionFrom.RESIDENT, about=ObjectionAbout.INCOME)


@pytest.mark.policy("R-125")
@pytest.mark.parametrize("region", ["230799", "654099"])
def test_seven_full_days_after_the_day_of_posting(region: str) -> None:
    publicity = posted(POSTING, policy(region), publicity_id="p", by="clerk")
    assert publicity.ended_on == date(2026, 9, 24)
    assert publicity.over_at == datetime(2026, 9, 25, 0, 0, tzinfo=CHINA)
    assert publicity.over_at.astimezone(UTC) == datetime(2026, 9, 24, 16, 0, tzinfo=UTC)


@pytest.mark.policy("R-125")
def test_holidays_move_no_publicity() -> None:
    posting = Posting(place="board", posted_on=date(2026, 9, 30), photos=("ab" * 32,))
    assert posted(posting, policy(), publicity_id="p", by="clerk").ended_on == date(2026, 10, 7)


@pytest.mark.policy("R-127")
@pytest.mark.parametrize("region", ["230799", "654099"])
@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2026, 9, 17, 0, 0, tzinfo=CHINA), None),
        (datetime(2026, 9, 16, 23, 59, 59, tzinfo=CHINA), "before_posting"),
        (LAST, None),
        (LAST + timedelta(milliseconds=999), None),
        (LAST + timedelta(seconds=1), "publicity_over"),
    ],
)
def test_an_objection_is_in_time_until_the_last_instant(region: str, at: datetime, code: str | None) -> None:
    publicity = posted(POSTING, policy(region), publicity_id="p", by="clerk")
    found = objection_faults(objection(at), publicity, LAST + timedelta(days=1))
    assert [fault.code for fault in found] == ([code] if code else [])


def test_an_objection_is_not_received_in_the_future() -> None:
    publicity = posted(POSTING, policy(), publicity_id="p", by="clerk")
    (fault,) = objection_faults(objection(LAST), publicity, LAST - timedelta(seconds=1))
    assert fault.code == "in_future"


@pytest.mark.policy("R-125")
@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2026, 9, 16), "before_decision"),
        (POSTED, None),
        (date(2026, 9, 18), None),
        (date(2026, 9, 19), "in_future"),
    ],
)
def test_it_is_posted_after_the_decision_and_by_today(on: date, code: str | None) -> None:
    posting = Posting(place="board", posted_on=on, photos=("ab" * 32,))
    found = posting_faults(posting, decided(on=POSTED), date(2026, 9, 18))
    assert [fault.code for fault in found] == ([code] if code else [])


@pytest.mark.policy("R-125")
@pytest.mark.parametrize(("region", "after"), [("230799", True), ("654099", False), ("5306", False), ("cn", False)])
def test_only_yichun_publishes_what_was_decided(region: str, after: bool) -> None:
    assert is_posted_after_decision(policy(region)) is after
