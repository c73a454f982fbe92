"""What the agencies were asked is on disk before they answer, in order, without an id, and survives a kill."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import orjson
import pytest

from contracts.vocabulary import Agency
from simulator.ledger import Ledger
from tests.unit.simulator.outside_world import OutsideWorld


async def test_a_line_is_on_disk_when_the_call_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync

    def sync(file: int) -> None:
        real(file)
        synced.append((tmp_path / "asked.jsonl").stat().st_size)

    monkeypatch.setattr(os, "fdatasync", sync)
    async with OutsideWorld(tmp_path) as world:
        members = world.population.household(4).members
        for calls in (1, 2, 3):
            assert await world.ask(Agency.BANK, members) is not None
            text = (tmp_path / "asked.jsonl").read_text()
            assert synced[-1] == len(text.encode())
            assert text.count("\n") == calls
        line = orjson.loads(text.splitlines()[0])
        assert line["asked"] == {"case-4": [member.person_no for member in members]}
        assert line["agency"] == "bank"
        for member in members:
            assert member.citizen_id not in text
            assert member.name not in text


async def test_calls_that_come_together_are_all_written_and_numbered(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.start()
    await asyncio.gather(*(ledger.written(Agency.TAX, {f"c{n}": [n]}) for n in range(200)))
    calls = ledger.calls(None, 0, 1_000)
    assert [call["call"] for call in calls] == list(range(1, 201))
    assert [call["asked"] for call in calls] == [{f"c{n}": [n]} for n in range(200)]


async def test_a_torn_line_is_passed_over_and_numbers_go_on(tmp_path: Path) -> None:
    before = Ledger(tmp_path)
    before.start()
    await before.written(Agency.TAX, {"a": [1]})
    await before.written(Agency.BANK, {"a": [1, 2]})
    with before.path.open("ab") as file:
        file.write(b'{"call":3,"agency":"tax","asked":{"b"')
    after = Ledger(tmp_path)
    after.start()
    await after.written(Agency.TAX, {"c": [3]})
    assert [(call["call"], call["agency"]) for call in after.calls(None, 0, 10)] == [
        (1, "tax"),
        (2, "bank"),
        (3, "tax"),
    ]
    assert [call["asked"] for call in after.calls(Agency.TAX, 1, 10)] == [{"c": [3]}]
    assert [call["call"] for call in after.calls(None, 0, 2)] == [1, 2]
    assert after.summary() == {
        "bank": {"calls": 1, "asked": 2, "persons": 2},
        "tax": {"calls": 2, "asked": 2, "persons": 2},
    }
