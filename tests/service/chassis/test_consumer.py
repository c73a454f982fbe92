"""Hearing: each event once and in order, and what cannot take effect is put aside alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from chassis import parking, sql
from chassis.refusal import Refusal
from chassis.service import Service
from chassis.transaction import Transaction
from chassis.wire import Record
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import (
    NAME,
    SYSTEM,
    Listed,
    Noted,
    Whispered,
    fails,
    listed,
    noted,
    whispered,
)
from tests.service.chassis.waiting import until
from tests.testbed import TestBed

CANARY = "990000197001010011"


class Unwelcome(Refusal):
    code = "unwelcome"


class Ears:
    """The service's handlers: they write down what takes effect, fail at chosen cases, and note what they are asked."""

    def __init__(self) -> None:
        self.bad: set[str] = set()
        self.asked: list[list[str]] = []
        self.before: Callable[[], None] = lambda: None

    async def notes(self, tx: Transaction, facts: list[Noted], *, now: datetime) -> None:
        self.asked.append([fact.case_id for fact in facts])
        for fact in facts:
            await self._effect(tx, fact.case_id, fact.number)

    async def lists(self, tx: Transaction, facts: list[Listed], *, now: datetime) -> None:
        self.asked.append([case for fact in facts for case in fact.cases])
        for fact in facts:
            for line in fact.lines:
                await self._effect(tx, line.case_id, line.number)

    async def whispers(self, tx: Transaction, facts: list[Whispered], *, now: datetime) -> None:
        for fact in facts:
            await self._effect(tx, fact.case_id, 0)

    async def _effect(self, tx: Transaction, case_id: str, number: int) -> None:
        self.before()
        if case_id in self.bad:
            raise Unwelcome
        await sql.execute(tx, "insert into effect (case_id, number) values ($1, $2)", case_id, number)


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
async def bed(open_bed: Open, ears: Ears) -> TestBed:
    return await open_bed(Service(name=NAME, hears={Noted: ears.notes, Listed: ears.lists, Whispered: ears.whispers}))


async def effects(bed: TestBed) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in await bed.rows("select case_id, number from effect order by id"):
        found.setdefault(row["case_id"], []).append(row["number"])
    return found


async def parked(bed: TestBed) -> list[tuple[str, str, int | None]]:
    rows = await bed.rows("select key, problem, part from parked order by id")
    return [(row["key"], row["problem"], row["part"]) for row in rows]


async def held(bed: TestBed) -> set[str]:
    return {row["key"] for row in await bed.rows("select key from held")}


async def redrive(bed: TestBed, key: str) -> int:
    async with bed.database.transaction(SYSTEM) as tx:
        return await bed.runtime.consumer.redrive(tx, key)


def records(bed: TestBed, *events: Any) -> list[Record]:
    return [bed.runtime.codec.encode(event, "") for event in events]


async def test_what_comes_twice_takes_effect_once(bed: TestBed) -> None:
    first, second, third = records(bed, noted("app_1", 1), noted("app_1", 2), listed("tax:1", ("app_2", 1)))

    await bed.hear_records([first, second, first])
    await bed.hear_records([second, third, third])
    await bed.hear_records([third, first])

    assert await effects(bed) == {"app_1": [1, 2], "app_2": [1]}


async def test_inbox_row_and_effect_are_one_transaction(bed: TestBed) -> None:
    await bed.hear(noted("app_1"))

    rows = await bed.rows("select i.xmin::text as inbox, e.xmin::text as effect from inbox i, effect e")
    assert len(rows) == 1
    assert rows[0]["inbox"] == rows[0]["effect"]


async def test_many_events_are_one_call(bed: TestBed, ears: Ears) -> None:
    await bed.hear(*(noted(f"app_{number}") for number in range(50)))

    assert [len(call) for call in ears.asked] == [50]


async def test_a_poison_event_is_parked_after_bounded_retries_and_all_others_flow(bed: TestBed, ears: Ears) -> None:
    ears.bad = {"app_2"}

    await bed.hear(noted("app_1", 1), noted("app_2", 1), noted("app_3", 1), noted("app_2", 2))
    await bed.hear(noted("app_2", 3), noted("app_1", 2))

    assert await effects(bed) == {"app_1": [1, 2], "app_3": [1]}
    assert await parked(bed) == [
        ("app_2", "refused:unwelcome", None),
        ("app_2", "behind", None),
        ("app_2", "behind", None),
    ]
    assert await held(bed) == {"app_2"}
    assert sum(call.count("app_2") for call in ears.asked) == 2 + 3, "twice in the batch, three times alone"


async def test_a_fault_that_passes_parks_nothing(bed: TestBed, ears: Ears) -> None:
    ears.before = fails(2, lambda: RuntimeError("once in a while"))

    await bed.hear(noted("app_1", 1))

    assert await effects(bed) == {"app_1": [1]}
    assert await parked(bed) == []


async def test_what_the_database_refuses_for_now_is_not_held_against_the_event(bed: TestBed, ears: Ears) -> None:
    """Alone, too, an event that meets a lock or a broken connection more often than it may fail is not parked."""
    steps = iter([RuntimeError(), asyncpg.LockNotAvailableError()] * 4)

    def meet() -> None:
        step = next(steps, None)
        if step is not None:
            raise step

    ears.before = meet
    await bed.hear(noted("app_1", 1))

    assert await effects(bed) == {"app_1": [1]}
    assert await parked(bed) == []


async def test_of_an_event_of_many_cases_only_the_bad_one_is_parked(bed: TestBed, ears: Ears) -> None:
    ears.bad = {"app_2"}
    (record,) = records(bed, listed("tax:1", ("app_1", 1), ("app_2", 1), ("app_3", 1)))

    await bed.hear_records([record])
    await bed.hear_records([record])
    await bed.hear(listed("car:1", ("app_2", 2), ("app_4", 1)), noted("app_2", 3), listed("tax:1", ("app_5", 1)))

    assert await effects(bed) == {"app_1": [1], "app_3": [1], "app_4": [1], "app_5": [1]}
    assert set(await parked(bed)) == {
        ("app_2", "refused:unwelcome", 1),
        ("app_2", "behind", 0),
        ("app_2", "behind", None),
    }
    assert await held(bed) == {"app_2"}


async def test_parted_events_of_one_source_keep_their_order(bed: TestBed, ears: Ears) -> None:
    """The first touches a held case and is taken in parts; the second, of another case of it, must not pass it."""
    ears.bad = {"app_1"}
    await bed.hear(noted("app_1", 1))

    await bed.hear(listed("tax:1", ("app_1", 2), ("app_2", 1)), listed("tax:1", ("app_2", 2), ("app_3", 1)))

    assert await effects(bed) == {"app_2": [1, 2], "app_3": [1]}


async def test_redriven_events_take_effect_in_order_and_the_key_flows_again(bed: TestBed, ears: Ears) -> None:
    ears.bad = {"app_1"}
    await bed.hear(noted("app_1", 1), noted("app_1", 2))
    await bed.hear(listed("tax:1", ("app_1", 3), ("app_2", 1)), noted("app_1", 4))
    ears.bad = set()

    assert await redrive(bed, "app_1") == 4
    await bed.hear(noted("app_1", 5))

    order = (await effects(bed))["app_1"]
    assert [number for number in order if number != 3] == [1, 2, 4, 5]
    assert sorted(order) == [1, 2, 3, 4, 5]
    assert (await parked(bed), await held(bed)) == ([], set())


async def test_a_redrive_that_fails_changes_nothing(bed: TestBed, ears: Ears) -> None:
    ears.bad = {"app_1"}
    await bed.hear(noted("app_1", 1), noted("app_1", 2))
    before = await parked(bed)

    with pytest.raises(Unwelcome):
        await redrive(bed, "app_1")

    assert await parked(bed) == before
    assert await held(bed) == {"app_1"}
    assert await effects(bed) == {}


async def test_a_redrive_waits_for_who_is_parking_behind(
    bed: TestBed, ears: Ears, superuser: asyncpg.Connection
) -> None:
    """Else the key would be let go while an event of it is still being put aside, and the next one would pass that."""
    ears.bad = {"app_1"}
    await bed.hear(noted("app_1", 1))
    ears.bad = set()
    (second,) = records(bed, noted("app_1", 2))

    async with bed.database.transaction(SYSTEM) as tx:
        assert await parking.held_keys(tx, ["app_1"]) == {"app_1"}
        redriving = asyncio.create_task(redrive(bed, "app_1"))
        await until(lambda: is_done_or_waiting(redriving, superuser))
        await parking.take(tx, [second.event_id])
        await parking.park(tx, second, "app_1", "behind", 0)
    taken = await redriving

    assert taken == 2
    assert await effects(bed) == {"app_1": [1, 2]}
    assert (await parked(bed), await held(bed)) == ([], set())


async def is_done_or_waiting(task: asyncio.Task[int], superuser: asyncpg.Connection) -> bool:
    return task.done() or bool(
        await superuser.fetchval(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
    )


async def test_what_cannot_be_read_is_parked_without_its_content(bed: TestBed) -> None:
    good, broken, moved, after = records(
        bed, noted("app_1", 1), whispered("app_1"), whispered("app_2"), noted("app_1", 2)
    )
    broken = replace(broken, value=f'{{"citizen_id": "{CANARY}"'.encode())
    moved = replace(moved, value=moved.value.replace(b'"case_id":"app_2"', b'"case_id":7'))

    await bed.hear_records([good, broken, moved, after])
    await bed.hear_records([broken, moved])

    assert await effects(bed) == {"app_1": [1]}, "what came before the broken record is not held by it"
    assert await parked(bed) == [
        ("app_1", "malformed:content", None),
        ("app_2", "malformed:content", None),
        ("app_1", "behind", None),
    ]
    async with bed.database.transaction(SYSTEM) as tx:
        for row in await parking.list_parked(tx, 0, 10):
            assert CANARY not in repr(row)


async def test_a_record_that_bears_anothers_id_does_not_hide_the_other(bed: TestBed) -> None:
    real, forged = records(bed, noted("app_1", 1), noted("app_2", 1))

    await bed.hear_records([replace(forged, event_id=real.event_id)])
    await bed.hear_records([real])

    assert await effects(bed) == {"app_1": [1]}
    assert await parked(bed) == [("app_2", "malformed:event-id", None)]


async def test_a_record_of_many_cases_that_cannot_be_read_holds_nobody(bed: TestBed) -> None:
    (record,) = records(bed, listed("tax:1", ("app_1", 1)))

    await bed.hear_records([replace(record, value=b"{}")])
    await bed.hear(listed("tax:1", ("app_1", 2)))

    assert await effects(bed) == {"app_1": [2]}
    assert await held(bed) == set()


async def test_parts_that_took_effect_before_a_crash_do_not_take_effect_again(bed: TestBed, ears: Ears) -> None:
    (record,) = records(bed, listed("tax:1", ("app_1", 1), ("app_2", 1), ("app_3", 1)))
    steps = iter([None, RuntimeError(), None, None, asyncio.CancelledError()])

    def crash() -> None:
        step = next(steps, None)
        if step is not None:
            raise step

    ears.before = crash
    with pytest.raises(asyncio.CancelledError):
        await bed.hear_records([record])
    assert await effects(bed) == {"app_1": [1], "app_2": [1]}, "the crash came between the parts"

    await bed.hear_records([record])

    assert await effects(bed) == {"app_1": [1], "app_2": [1], "app_3": [1]}


async def test_a_database_that_breaks_off_is_waited_for(
    bed: TestBed, ears: Ears, superuser: asyncpg.Connection
) -> None:
    async def cut_all() -> None:
        await superuser.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )

    cutting: list[asyncio.Task[None]] = []

    def cut_once() -> None:
        if not cutting:
            cutting.append(asyncio.create_task(cut_all()))

    ears.before = cut_once
    await bed.hear(*(noted(f"app_{number}", 1) for number in range(20)))
    await cutting[0]

    assert await effects(bed) == {f"app_{number}": [1] for number in range(20)}
    assert await parked(bed) == []


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_shuffled_duplicates_change_nothing(bed: TestBed, ears: Ears, size: int) -> None:
    """The log may repeat any earlier stretch; the first coming of each record decides."""
    came = records(bed, *(noted(f"app_{number % 5}", number // 5) for number in range(60)))
    log: Sequence[Record] = [*came[:20], *came[5:25], *came[20:40], *came[:40], *came[40:], *came[30:]]

    for start in range(0, len(log), size):
        await bed.hear_records(log[start : start + size])

    assert await effects(bed) == {f"app_{number}": [*range(12)] for number in range(5)}
