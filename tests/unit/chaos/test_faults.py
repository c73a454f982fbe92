"""The table of faults is whole, a phase gets what it asks for, and what was begun is mended when it is broken off."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, cast

import httpx

from deploy.local.platform import LocalPlatform
from tests.chaos import faults
from tests.chaos.faults import ROADS, SERVICES, Kind, Mischief
from tests.chaos.proxy import Door
from tests.chaos.stage import Stage
from tests.chaos.waves import PHASES


class _Platform:
    def processes(self) -> dict[str, Any]:
        return dict.fromkeys((*SERVICES, *ROADS))


def stage() -> Stage:
    return Stage(cast("LocalPlatform", _Platform()), {name: Door(lambda: 1) for name in ROADS}, httpx.AsyncClient())


def test_every_process_is_killed_and_held_and_every_road_hurt_in_every_way() -> None:
    table = faults.table()
    of = {name: {kind.target for kind in table if kind.name == name} for name in {kind.name for kind in table}}
    for name in ("kill -9", "pause", "long pause"):
        assert of[name] == {*SERVICES, *ROADS}
    for name in ("network cut", "network delay", "black hole", "half-open"):
        assert of[name] == {*ROADS}
    assert len({(kind.name, kind.target) for kind in table}) == len(table)
    assert all(kind.weight > 0 for kind in table)


def test_phases_and_plans_speak_of_faults_that_there_are() -> None:
    known = {kind.target for kind in faults.table()} | {kind.name for kind in faults.table()}
    for wishes in PHASES.values():
        assert set(wishes) <= known


def test_what_has_just_begun_is_not_killed_again() -> None:
    here = stage()
    assert here.may_be_killed("intake")
    here.born["intake"] = time.monotonic()
    assert not here.may_be_killed("intake")
    mischief = Mischief(here, random.Random(1), 1.0, {kind.name: 0.0 for kind in faults.table() if not kind.kills})
    chosen = {mischief._choose() for _ in range(400)}
    targets = {kind.target for kind in chosen if kind is not None}
    assert targets == {*SERVICES, *ROADS} - {"intake"}


def test_the_same_seed_deals_the_same_faults() -> None:
    def dealt(seed: int) -> list[Kind | None]:
        mischief = Mischief(stage(), random.Random(seed), 1.0)
        return [mischief._choose() for _ in range(50)]

    def names(seed: int) -> list[tuple[str, str]]:
        return [(kind.name, kind.target) for kind in dealt(seed) if kind is not None]

    assert names(5) == names(5)
    assert names(5) != names(6)


async def test_a_fault_broken_off_is_mended() -> None:
    here = stage()
    only = {f"{kind.name} {kind.target}": 0.0 for kind in faults.table() if kind.name != "network delay"}
    mischief = Mischief(here, random.Random(3), 0.01, only)
    striking = asyncio.create_task(mischief.run())
    await until(lambda: all(door.delay_s for door in here.doors.values()))
    striking.cancel()
    await asyncio.gather(striking, return_exceptions=True)
    await mischief.end()
    assert not any(door.delay_s for door in here.doors.values())
    assert all(one.ended_s is not None for one in mischief.struck)
    assert len(mischief.stalls) == sum(one.target in ("simulator", "postgres") for one in mischief.struck)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        for _ in iter(holds, True):
            await asyncio.sleep(0.01)


def test_lines_count_each_kind_once_with_what_was_acknowledged_meanwhile() -> None:
    struck = [
        faults.Struck("kill -9", "intake", 1.0, 3.0),
        faults.Struck("kill -9", "kafka", 5.0, 6.0),
        faults.Struck("pause", "intake", 2.0, 2.5),
    ]
    lines = faults.lines(struck, lambda begin_s, end_s: int(end_s - begin_s))
    assert lines == [
        {"kind": "kill -9", "times": 2, "targets": {"intake": 1, "kafka": 1}, "meanwhile_accepted": 3},
        {"kind": "pause", "times": 1, "targets": {"intake": 1}, "meanwhile_accepted": 0},
    ]
