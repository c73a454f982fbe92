"""Rows, events and audit are one truth; a caller's range ends with the transaction; connections keep nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest

from chassis import sql
from chassis.away import DatabaseAway
from chassis.callers import Caller
from chassis.service import Service
from chassis.transaction import RolledBack
from chassis.wire import MOST_BYTES, EventTooLarge
from contracts.audit import Act
from deploy.local.platform import LocalPlatform
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import (
    CLERK,
    NAME,
    SYSTEM,
    Noted,
    another_process,
    as_owner,
    noted,
    whispered,
)
from tests.testbed import TestBed

_INSERT = "insert into effect (case_id, office) values ($1, $2)"


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    return await open_bed(Service(name=NAME, says=(Noted,)))


def clerk_of(org: str) -> Caller:
    return Caller("user:a", "township_clerk", org, frozenset(), "township-a")


async def counts(bed: TestBed) -> tuple[int, int, int]:
    async with bed.database.transaction(SYSTEM) as tx:
        effects = await sql.fetchval(tx, "select count(*) from effect")
        said = await sql.fetchval(tx, "select count(*) from outbox")
        return effects, said, await sql.fetchval(tx, "select count(*) from audit")


async def write_say_audit(bed: TestBed, *, then: Exception | None = None) -> None:
    async with bed.database.transaction(CLERK) as tx:
        await sql.execute(tx, _INSERT, "app_1", CLERK.org)
        tx.say(noted("app_1"))
        tx.audit(Act.APPLICATION_SUBMITTED, "app_1", CLERK.org)
        if then is not None:
            raise then


async def test_rows_event_and_audit_bear_one_transaction_id(bed: TestBed) -> None:
    await write_say_audit(bed)

    rows = await bed.rows(
        "select e.xmin::text as effect, o.xmin::text as outbox, a.xid::text as audit, a.actor, a.subject"
        " from effect e, outbox o, audit a"
    )

    assert len(rows) == 1
    assert rows[0]["effect"] == rows[0]["outbox"] == rows[0]["audit"]
    assert (rows[0]["actor"], rows[0]["subject"]) == ("user:clerk", "app_1")


async def test_a_failing_door_leaves_none_of_the_three(bed: TestBed) -> None:
    woken: list[frozenset[str]] = []
    bed.database.on_commit = woken.append

    with pytest.raises(ZeroDivisionError):
        await write_say_audit(bed, then=ZeroDivisionError())

    assert await counts(bed) == (0, 0, 0)
    assert woken == []


@pytest.mark.parametrize("table", ["audit", "outbox"])
async def test_what_cannot_be_audited_or_said_does_not_happen(
    bed: TestBed, platform_postgres: LocalPlatform, table: str
) -> None:
    await as_owner(platform_postgres, bed.site.database.name, f"revoke insert on {table} from {NAME}")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await write_say_audit(bed)

    assert await counts(bed) == (0, 0, 0)


async def test_audit_alone_and_wakes_alone_are_written(bed: TestBed) -> None:
    woken: list[frozenset[str]] = []
    bed.database.on_commit = woken.append

    async with bed.database.transaction(CLERK) as tx:
        tx.audit(Act.FLAG_READ, "flag_1", CLERK.org, {"code": "AST-08"})
    async with bed.database.transaction(CLERK) as tx:
        tx.wake("tax")

    assert await counts(bed) == (0, 0, 1)
    assert woken == [frozenset({"tax"})]


async def test_a_swallowed_error_is_not_taken_for_a_commit(bed: TestBed) -> None:
    async def careless() -> None:
        async with bed.database.transaction(CLERK) as tx:
            await sql.execute(tx, _INSERT, "app_1", CLERK.org)
            with suppress(asyncpg.PostgresError):
                await sql.execute(tx, "select 1 / 0")

    with pytest.raises(RolledBack):
        await careless()

    assert await counts(bed) == (0, 0, 0)


async def test_an_event_the_table_does_not_name_is_not_said(bed: TestBed) -> None:
    with pytest.raises(ValueError, match="among what this service says"):
        async with bed.database.transaction(CLERK) as tx:
            tx.say(whispered("app_1"))


async def test_an_event_that_fits_no_record_does_not_enter_the_outbox(bed: TestBed) -> None:
    with pytest.raises(EventTooLarge):
        async with bed.database.transaction(CLERK) as tx:
            tx.say(noted("x" * MOST_BYTES))


async def test_the_range_does_not_outlive_the_transaction(bed: TestBed) -> None:
    one_connection = another_process(bed.database, connections=1)
    await one_connection.open()
    try:
        async with one_connection.transaction(clerk_of("cn/2307/")) as tx:
            pid = await sql.fetchval(tx, "select pg_backend_pid()")
            await sql.execute(tx, _INSERT, "app_1", "cn/2307/230799/")
            assert await sql.fetchval(tx, "select count(*) from effect") == 1
        async with one_connection.transaction(clerk_of("cn/2310/")) as tx:
            assert await sql.fetchval(tx, "select pg_backend_pid()") == pid
            assert await sql.fetchval(tx, "select count(*) from effect") == 0
        assert one_connection._pool is not None
        async with one_connection._pool.acquire() as bare:
            assert await bare.fetchval("select pg_backend_pid()") == pid
            assert await bare.fetchval("select current_setting('hedui.high', true)") == ""
            assert await bare.fetchval("select count(*) from effect") == 0
    finally:
        await one_connection.close()


@pytest.mark.parametrize("foreign", ["cn/2310/", "cn/", "cn/2307a/", "cn/23070/", "cn/2306/230799/"])
async def test_foreign_rows_can_be_neither_seen_nor_touched_nor_made(bed: TestBed, foreign: str) -> None:
    async with bed.database.transaction(SYSTEM) as tx:
        await sql.execute(tx, _INSERT, "foreign", foreign)
        await sql.execute(tx, _INSERT, "own", "cn/2307/230799/230799001/")

    async with bed.database.transaction(CLERK) as tx:
        seen = [row["case_id"] for row in await sql.fetch(tx, "select case_id from effect")]
        updated = await sql.execute(tx, "update effect set number = 7 where case_id = 'foreign'")
        deleted = await sql.execute(tx, "delete from effect where case_id = 'foreign'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with bed.database.transaction(CLERK) as tx:
            await sql.execute(tx, _INSERT, "planted", foreign)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with bed.database.transaction(CLERK) as tx:
            await sql.execute(tx, "update effect set office = $1 where case_id = 'own'", foreign)

    assert (seen, updated, deleted) == (["own"], 0, 0)
    assert await bed.rows("select case_id, number from effect order by case_id") == [
        {"case_id": "foreign", "number": 0},
        {"case_id": "own", "number": 0},
    ]


async def test_the_owner_of_the_table_is_bound_as_well(bed: TestBed, platform_postgres: LocalPlatform) -> None:
    async with bed.database.transaction(SYSTEM) as tx:
        await sql.execute(tx, _INSERT, "app_1", "cn/2307/")

    with pytest.raises(asyncpg.UndefinedObjectError):
        await as_owner(platform_postgres, bed.site.database.name, "update effect set number = 1")


@pytest.mark.parametrize("org", ["cn/2307'; set local hedui.high = '~/", "%/", "cn/2307/\n"])
async def test_a_path_that_is_none_opens_nothing(bed: TestBed, org: str) -> None:
    with pytest.raises(ValueError, match="office path"):
        async with bed.database.transaction(clerk_of(org)):
            raise AssertionError("opened")


async def test_cancelled_transactions_store_nothing_and_give_their_connection_back(bed: TestBed) -> None:
    two_connections = another_process(bed.database, connections=2)
    await two_connections.open()
    begun = asyncio.Event()

    async def slow() -> None:
        async with two_connections.transaction(CLERK) as tx:
            await sql.execute(tx, _INSERT, "app_1", CLERK.org)
            begun.set()
            await sql.execute(tx, "select pg_sleep(30)")

    try:
        for times in (1, 1, 2, 2, 2, 3):
            begun.clear()
            task = asyncio.create_task(slow())
            await begun.wait()
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await task
        async with two_connections.transaction(CLERK) as tx, two_connections.transaction(CLERK):
            assert await sql.fetchval(tx, "select count(*) from effect") == 0
    finally:
        await two_connections.close()


async def test_a_connection_that_breaks_off_is_told_as_such_and_replaced(
    bed: TestBed, superuser: asyncpg.Connection
) -> None:
    async def cut_off() -> None:
        async with bed.database.transaction(CLERK) as tx:
            await sql.execute(tx, _INSERT, "app_1", CLERK.org)
            await superuser.fetch("select pg_terminate_backend($1)", await sql.fetchval(tx, "select pg_backend_pid()"))
            await sql.fetch(tx, "select 1")

    with pytest.raises(DatabaseAway):
        await cut_off()

    assert await counts(bed) == (0, 0, 0)


async def test_connections_that_died_while_idle_are_passed_over(bed: TestBed, superuser: asyncpg.Connection) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(bed.database.transaction(CLERK))
    await superuser.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid()"
    )

    for _ in range(5):
        async with bed.database.transaction(CLERK) as tx:
            assert await sql.fetchval(tx, "select 1") == 1
