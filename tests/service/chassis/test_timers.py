"""Timers run in one process at a time, in a transaction of their own."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from chassis import sql
from chassis.service import Service
from chassis.timers import Timer, every
from chassis.transaction import Transaction
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, another_process, fails
from tests.testbed import TestBed


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    return await open_bed(Service(name=NAME))


async def test_while_one_process_rings_another_passes_by(bed: TestBed) -> None:
    begun, may_end, rings = asyncio.Event(), asyncio.Event(), 0

    async def slow(tx: Transaction, *, now: datetime) -> None:
        nonlocal rings
        rings += 1
        begun.set()
        await may_end.wait()

    other = another_process(bed.database)
    await other.open()
    try:
        one, two = (Timer(NAME, "slow", every(hours=1), slow, database) for database in (bed.database, other))
        first = asyncio.create_task(one.ring())
        await begun.wait()
        await two.ring()
        assert rings == 1
        may_end.set()
        await first
        await two.ring()
        assert rings == 2
    finally:
        await other.close()


async def test_timers_of_different_names_do_not_hold_each_other_up(bed: TestBed) -> None:
    rung: list[str] = []

    async def inner(tx: Transaction, *, now: datetime) -> None:
        rung.append("inner")

    async def outer(tx: Transaction, *, now: datetime) -> None:
        await Timer(NAME, "inner", every(hours=1), inner, bed.database).ring()
        rung.append("outer")

    await Timer(NAME, "outer", every(hours=1), outer, bed.database).ring()

    assert rung == ["inner", "outer"]


async def test_a_failing_run_undoes_itself_and_the_next_one_runs(bed: TestBed) -> None:
    step = fails(1, RuntimeError)

    async def flaky(tx: Transaction, *, now: datetime) -> None:
        await sql.execute(tx, "insert into effect (case_id) values ('app_1')")
        step()

    timer = Timer(NAME, "flaky", every(hours=1), flaky, bed.database)
    for _ in range(2):
        await timer.ring()

    assert len(await bed.rows("select 1 from effect")) == 1


def test_intervals_of_equal_length_are_different_timers() -> None:
    assert len({every(seconds=1): 1, every(seconds=1): 2}) == 2
    assert every(seconds=1, minutes=1, hours=1).seconds == 3661
