"""Work that a transaction writes as claimed from the first is called about at once, without a claim."""

from __future__ import annotations

from contextlib import suppress

import pytest

from chassis import sql
from chassis.transaction import Transaction
from tests.service.chassis.note_service import SYSTEM
from tests.service.chassis.test_work import Agency, add_jobs, all_done, bed, jobs, working
from tests.service.chassis.waiting import until
from tests.testbed import TestBed

__all__ = ["bed"]

_NEVER_CLAIMED = {"poll_s": 3600}


async def begin(tx: Transaction, job: int) -> None:
    """Write a job as claimed and hand it over."""
    lease = tx.hands("jobs").lease
    await sql.execute(
        tx, "insert into job (id, state, fence, lease_until) values ($1, 'claimed', 1, $2)", job, lease.until
    )
    tx.hand_over("jobs", [(job, 1)])


async def test_what_is_handed_over_is_called_about_after_the_commit_and_recorded(bed: TestBed) -> None:
    agency = Agency()
    async with working(bed.database, agency.work(**_NEVER_CLAIMED)):
        async with bed.database.transaction(SYSTEM) as tx:
            await begin(tx, 1)
            assert agency.calls == []
        await until(lambda: all_done(bed))
    assert agency.calls == [[(1, 1)]]
    assert await jobs(bed) == [("done", "yes", 1)]


async def test_what_is_rolled_back_is_never_called_about(bed: TestBed) -> None:
    agency = Agency()
    async with working(bed.database, agency.work(**_NEVER_CLAIMED)):
        with suppress(ZeroDivisionError):
            async with bed.database.transaction(SYSTEM) as tx:
                await begin(tx, 1)
                raise ZeroDivisionError
        async with bed.database.transaction(SYSTEM) as tx:
            await begin(tx, 2)
        await until(lambda: all_done(bed))
    assert agency.calls == [[(2, 1)]]


async def test_hands_are_counted_until_their_call_is_recorded(bed: TestBed) -> None:
    agency = Agency()
    agency.is_open.clear()
    async with working(bed.database, agency.work(in_flight=2, **_NEVER_CLAIMED)):
        async with bed.database.transaction(SYSTEM) as tx:
            assert tx.hands("jobs").free == 2
            await begin(tx, 1)
        await agency.asked.wait()
        async with bed.database.transaction(SYSTEM) as tx:
            assert tx.hands("jobs").free == 1
        agency.is_open.set()
        await until(lambda: all_done(bed))


@pytest.mark.parametrize("queue", ["jobs", "nobody's"])
async def test_a_process_that_works_nothing_off_has_no_hands(bed: TestBed, queue: str) -> None:
    async with bed.database.transaction(SYSTEM) as tx:
        assert tx.hands(queue).free == 0


async def test_what_a_lost_process_was_handed_is_claimed_after_its_lease(bed: TestBed) -> None:
    """Nobody takes it over here: the process died between its commit and its call."""
    agency = Agency()
    await add_jobs(bed, 1)
    await bed.rows("update job set state = 'claimed', fence = 1, lease_until = clock_timestamp() - interval '1 s'")
    async with working(bed.database, agency.work()):
        await until(lambda: all_done(bed))
    assert await jobs(bed) == [("done", "yes", 2)]
