"""Business time goes forward with its file and never back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chassis import clock as clock_module
from chassis.clock import Clock, local_day

DAY = 86_400


@pytest.fixture(autouse=True)
def look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_LOOK_AGAIN_S", 0.0)


def ahead(clock: Clock) -> int:
    """Whole days between business time and real time."""
    return round((clock.now() - datetime.now(UTC)) / timedelta(days=1))


def test_without_a_file_business_time_is_real_time(tmp_path: Path) -> None:
    assert ahead(Clock(None)) == 0
    assert ahead(Clock(tmp_path / "clock.json")) == 0


def test_it_follows_its_file_forward_and_never_back(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    clock = Clock(file)
    seen = []
    for days in (7, 3, -1, 8, 0):
        file.write_text(json.dumps({"offset_s": days * DAY}))
        seen.append(ahead(clock))

    assert seen == [7, 7, 7, 8, 8]


@pytest.mark.parametrize("broken", ["", "{", '{"offset_s": "soon"}'])
def test_a_file_half_written_or_gone_changes_nothing(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "clock.json"
    file.write_text(json.dumps({"offset_s": 2 * DAY}))
    clock = Clock(file)
    seen = [ahead(clock)]
    file.write_text(broken)
    seen.append(ahead(clock))
    file.unlink()
    seen.append(ahead(clock))

    assert seen == [2, 2, 2]


def test_a_site_that_is_not_local_has_no_file_to_be_moved_by(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text(json.dumps({"offset_s": 40 * DAY}))

    assert ahead(Clock(None)) == 0


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 20, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_days_change_at_midnight_in_china(instant: datetime, day: date) -> None:
    assert local_day(instant) == day
