"""Claim, call, record: the outside is asked without a lock in hand, and a worker that was given up changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from chassis import sql
from chassis.service import Service
from chassis.shelf import Shelf
from chassis.transaction import Database, Transaction
from chassis.work import Lease, Work, Workers
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, SYSTEM, Noted, another_process, fails, noted
from tests.service.chassis.waiting import until
from tests.testbed import TestBed

# Chosen before anything is updated: `id in (select … limit … for update)` may be planned as a loop that chooses anew
# for every row, passing over those just updated, and so claims them all. Whether it is depends on statistics.
_CLAIM = """
with open as materialized (
    select id from job where state <> 'done' and lease_until < clock_timestamp() order by id limit $1
    for update skip locked
)
update job set state = 'claimed', fence = fence + 1, lease_until = $2 from open where job.id = open.id
returning job.id, fence
"""
_RECORD = "update job set state = 'done', result = $3 where id = $1 and fence = $2 and state = 'claimed'"

Job = tuple[int, int]
"""A job's id and the fence under which it was claimed."""


async def claim(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Job]:
    rows = await sql.fetch(tx, _CLAIM, limit, lease.until)
    return [(row["id"], row["fence"]) for row in rows]


async def record(tx: Transaction, ended: list[tuple[list[Job], str]], *, now: datetime) -> None:
    for claimed, result in ended:
        for job, fence in claimed:
            if await sql.execute(tx, _RECORD, job, fence, result):
                tx.say(noted(f"job_{job}", fence))


class Agency:
    """What is called: notes who asks, and answers when it may."""

    def __init__(self, answer: str = "yes") -> None:
        self.answer = answer
        self.calls: list[list[Job]] = []
        self.under_way = 0
        self.most_under_way = 0
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.asked = asyncio.Event()

    async def __call__(self, shelf: Shelf, claimed: list[Job]) -> str:
        self.calls.append(claimed)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.asked.set()
        try:
            await self.is_open.wait()
        finally:
            self.under_way -= 1
        return self.answer

    def work(self, **settings: Any) -> Work:
        return Work(claim=claim, call=self, record=record, **{"poll_s": 0.02, "linger_s": 0.0} | settings)


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    return await open_bed(Service(name=NAME, says=(Noted,)))


@asynccontextmanager
async def working(database: Database, work: Work) -> AsyncIterator[asyncio.Task[None]]:
    worker = Workers(NAME, {"jobs": work}, database)
    database.on_commit = lambda wakes: worker.wake("jobs") if "jobs" in wakes else None
    database.hands, database.take_over = worker.hands, worker.take_over
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def other(bed: TestBed) -> AsyncIterator[Database]:
    """A second process on the same database."""
    database = another_process(bed.database)
    await database.open()
    yield database
    await database.close()


async def add_jobs(bed: TestBed, number: int) -> None:
    await bed.rows("insert into job (id) select generate_series(1, $1::int)", number)


async def jobs(bed: TestBed) -> list[tuple[str, str | None, int]]:
    return [
        (row["state"], row["result"], row["fence"])
        for row in await bed.rows("select state, result, fence from job order by id")
    ]


async def all_done(bed: TestBed) -> bool:
    return {state for state, _, _ in await jobs(bed)} == {"done"}


async def test_jobs_are_claimed_asked_about_and_recorded_with_what_is_said(bed: TestBed) -> None:
    agency = Agency()
    await add_jobs(bed, 25)

    async with working(bed.database, agency.work(batch=10)):
        await until(lambda: all_done(bed))

    assert await jobs(bed) == [("done", "yes", 1)] * 25
    assert sorted(job for call in agency.calls for job, _ in call) == [*range(1, 26)]
    assert max(len(call) for call in agency.calls) == 10
    assert len(await bed.said()) == 25


async def test_no_transaction_and_no_lock_is_held_while_the_outside_is_asked(
    bed: TestBed, superuser: asyncpg.Connection
) -> None:
    agency = Agency()
    agency.is_open.clear()
    await add_jobs(bed, 1)

    async with working(bed.database, agency.work(poll_s=3600)):
        await agency.asked.wait()
        in_transaction = await superuser.fetchval(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null"
        )
        await superuser.fetch("select id from job for update nowait")
        agency.is_open.set()
        await until(lambda: all_done(bed))

    assert in_transaction == 0


@pytest.mark.parametrize("is_first_to_record", [True, False])
async def test_a_worker_whose_lease_ran_out_records_nothing_and_says_nothing(
    bed: TestBed, other: Database, is_first_to_record: bool
) -> None:
    """Whether the other one has already recorded, or still holds the job under the higher fence."""
    slow, quick = Agency("stale"), Agency("fresh")
    slow.is_open.clear()
    quick.is_open.clear()
    await add_jobs(bed, 1)

    async with working(bed.database, slow.work(lease_s=0.05, in_flight=1)) as stale:
        await slow.asked.wait()
        async with working(other, quick.work(lease_s=60)):
            await quick.asked.wait()
            if not is_first_to_record:
                quick.is_open.set()
                await until(lambda: all_done(bed))
            slow.is_open.set()
            stale.cancel()
            await asyncio.wait({stale})
            quick.is_open.set()
            await until(lambda: all_done(bed))

    assert slow.calls == [[(1, 1)]]
    assert quick.calls == [[(1, 2)]]
    assert await jobs(bed) == [("done", "fresh", 2)]
    assert [event.key for event in await bed.said()] == ["job_1"]


async def test_what_a_dead_worker_held_is_claimed_again_after_its_lease(bed: TestBed, other: Database) -> None:
    class Fatal(Agency):
        """Ends the call as the death of its process does: no answer, no record, no word."""

        async def __call__(self, shelf: Shelf, claimed: list[Job]) -> str:
            await super().__call__(shelf, claimed)
            raise asyncio.CancelledError

    dying, living = Fatal(), Agency()
    await add_jobs(bed, 3)
    async with working(bed.database, dying.work(lease_s=0.2, poll_s=3600)):
        await dying.asked.wait()
    assert [state for state, _, _ in await jobs(bed)] == ["claimed"] * 3

    async with working(other, living.work()):
        await until(lambda: all_done(bed))

    assert await jobs(bed) == [("done", "yes", 2)] * 3


async def test_a_failing_call_frees_its_place_and_the_jobs_come_again(bed: TestBed) -> None:
    class Moody(Agency):
        async def __call__(self, shelf: Shelf, claimed: list[Job]) -> str:
            answer = await super().__call__(shelf, claimed)
            if claimed[0][1] == 1:
                raise RuntimeError
            return answer

    agency = Moody()
    await add_jobs(bed, 12)

    async with working(bed.database, agency.work(batch=2, in_flight=2, lease_s=0.3)):
        await until(lambda: all_done(bed))

    assert {fence for _, _, fence in await jobs(bed)} == {2}


async def test_a_failing_claim_does_not_use_up_places(bed: TestBed) -> None:
    failures = iter(range(2))

    async def flaky(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Job]:
        if next(failures, None) is not None:
            raise RuntimeError
        return await claim(tx, limit=limit, now=now, lease=lease)

    agency = Agency()
    await add_jobs(bed, 4)
    work = Work(claim=flaky, call=agency, record=record, batch=1, in_flight=2, poll_s=0.0)

    async with working(bed.database, work):
        await until(lambda: all_done(bed))

    assert len(agency.calls) == 4


async def test_never_more_calls_than_allowed_are_under_way(bed: TestBed) -> None:
    agency = Agency()
    agency.is_open.clear()
    await add_jobs(bed, 30)

    async with working(bed.database, agency.work(batch=3, in_flight=4)):
        await until(lambda: reached(agency, 4))
        agency.is_open.set()
        await until(lambda: all_done(bed))

    assert agency.most_under_way == 4


async def reached(agency: Agency, number: int) -> bool:
    return agency.under_way >= number


async def test_two_processes_never_hold_the_same_job(bed: TestBed, other: Database) -> None:
    one, two = Agency("one"), Agency("two")
    await add_jobs(bed, 60)

    async with working(bed.database, one.work(batch=2)), working(other, two.work(batch=2)):
        await until(lambda: all_done(bed))

    claimed = [job for agency in (one, two) for call in agency.calls for job in call]
    assert sorted(claimed) == [(number, 1) for number in range(1, 61)]


async def test_a_call_under_way_is_recorded_before_the_worker_ends(bed: TestBed) -> None:
    agency = Agency()
    agency.is_open.clear()
    await add_jobs(bed, 1)

    async with working(bed.database, agency.work()) as task:
        await agency.asked.wait()
        task.cancel()
        await asyncio.sleep(0)
        agency.is_open.set()
        with suppress(asyncio.CancelledError):
            await task

    assert await jobs(bed) == [("done", "yes", 1)]


async def test_an_answer_in_hand_is_kept_while_the_database_cannot_take_it(bed: TestBed) -> None:
    """Asking again would cost the agency a call; so the answer waits, for as long as the lease holds."""
    step = fails(2, asyncpg.LockNotAvailableError)
    agency = Agency()

    async def record_later(tx: Transaction, ended: list[tuple[list[Job], str]], *, now: datetime) -> None:
        await record(tx, ended, now=now)
        step()

    await add_jobs(bed, 3)
    work = Work(claim=claim, call=agency, record=record_later, batch=1, poll_s=0.02)
    async with working(bed.database, work):
        await until(lambda: all_done(bed))

    assert sorted(agency.calls) == [[(1, 1)], [(2, 1)], [(3, 1)]]
    assert await jobs(bed) == [("done", "yes", 1)] * 3
    assert len(await bed.said()) == 3


async def test_another_process_wakes_the_workers(bed: TestBed, other: Database) -> None:
    """The queue polls once an hour: only NOTIFY, heard by the relay's connection, can be what wakes it."""
    agency = Agency()
    worker = Workers(NAME, {"jobs": agency.work(poll_s=3600)}, bed.database)
    bed.runtime.workers = worker
    tasks = [asyncio.create_task(worker.run()), asyncio.create_task(bed.runtime.relay.run())]
    try:
        await bed.runtime.relay.is_caught_up.wait()
        async with other.transaction(SYSTEM) as tx:
            await sql.execute(tx, "insert into job (id) values (1)")
            tx.wake("jobs")
        await until(lambda: all_done(bed))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_a_cancellation_that_comes_with_a_wake_up_is_not_lost(bed: TestBed) -> None:
    asked = asyncio.Event()

    async def nothing(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Job]:
        asked.set()
        return []

    workers = Workers(NAME, {"jobs": Work(claim=nothing, call=Agency(), record=record, poll_s=3600)}, bed.database)
    task = asyncio.create_task(workers.run())
    await asked.wait()
    await until(lambda: is_asleep(workers))

    workers.wake("jobs")
    task.cancel()
    await asyncio.wait({task}, timeout=10)

    assert task.cancelled()


async def is_asleep(workers: Workers) -> bool:
    return not workers._changed.is_set() and not workers._queues["jobs"].is_woken


async def test_one_queues_failing_claim_or_record_costs_no_other_queue(bed: TestBed) -> None:
    """Queues share transactions; a fault stays with the one it belongs to."""
    await add_jobs(bed, 6)
    agency, asked_in_vain = Agency(), Agency()

    async def broken_claim(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Job]:
        await sql.execute(tx, "select 1 / 0")
        return []

    async def odd_claim(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Job]:
        return [(-1, 0)] if not asked_in_vain.calls else []

    async def broken_record(tx: Transaction, ended: list[tuple[list[Job], str]], *, now: datetime) -> None:
        await sql.execute(tx, "select 1 / 0")

    works = {
        "broken": Work(claim=broken_claim, call=agency, record=record),
        "jobs": agency.work(batch=1),
        "odd": Work(claim=odd_claim, call=asked_in_vain, record=broken_record),
    }
    workers = Workers(NAME, works, bed.database)
    task = asyncio.create_task(workers.run())
    await until(lambda: all_done(bed))
    task.cancel()
    await asyncio.wait({task})

    assert asked_in_vain.calls == [[(-1, 0)]]
    assert await jobs(bed) == [("done", "yes", 1)] * 6
    assert sorted(event.key for event in await bed.said()) == [f"job_{number}" for number in range(1, 7)]


async def test_a_call_that_cancels_itself_does_not_cost_the_queue_a_hand(bed: TestBed) -> None:
    class Flighty(Agency):
        async def __call__(self, shelf: Shelf, claimed: list[Job]) -> str:
            answer = await super().__call__(shelf, claimed)
            if claimed[0][1] == 1:
                raise asyncio.CancelledError
            return answer

    await add_jobs(bed, 3)

    async with working(bed.database, Flighty().work(batch=1, in_flight=1, lease_s=0.02)):
        await until(lambda: all_done(bed))

    assert {fence for _, _, fence in await jobs(bed)} == {2}
