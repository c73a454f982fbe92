"""One database for each file of the chassis' own tests, emptied before each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from chassis.runtime import Runtime
from chassis.service import Service
from chassis.tables import guarded
from deploy.local.platform import LocalPlatform
from tests.service.chassis.note_service import NAME, as_owner
from tests.testbed import TestBed, fresh_database, site_of

Open = Callable[[Service], Awaitable[TestBed]]

_EFFECT = """
create table effect (
    id bigint generated always as identity,
    case_id text not null,
    number int not null default 0,
    office text collate "C" not null default 'cn/2307/'
)
"""
_JOB = """
create table job (
    id int primary key,
    state text not null default 'open',
    result text,
    fence int not null default 0,
    lease_until timestamptz not null default '-infinity'
)
"""
_EMPTY = "truncate outbox, inbox, parked, held, audit, audit_seal, idempotency, effect, job restart identity"


@pytest.fixture(scope="module")
def note_database(platform_postgres: LocalPlatform) -> Iterator[str]:
    """A database of the chassis' tables only, but for two of the tests' own."""
    name = fresh_database(platform_postgres, NAME)
    platform_postgres.postgres.sql(
        platform_postgres.ports["postgres"],
        ";".join((f"set role {NAME}_owner", _EFFECT, _JOB, *guarded("effect"))),
        database=name,
    )
    yield name
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force)")


@pytest.fixture
async def open_bed(platform_postgres: LocalPlatform, note_database: str, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens services on this file's database, emptied and with every right of the role restored."""
    await as_owner(platform_postgres, note_database, _EMPTY, f"grant insert on audit, outbox to {NAME}")

    @asynccontextmanager
    async def bed_of(service: Service) -> AsyncIterator[TestBed]:
        runtime = Runtime(service, site_of(platform_postgres, NAME, note_database, tmp_path))
        await runtime.database.open()
        try:
            yield TestBed(runtime)
        finally:
            await runtime.shelf.aclose()
            await runtime.database.close()

    async with AsyncExitStack() as stack:

        async def open_one(service: Service) -> TestBed:
            return await stack.enter_async_context(bed_of(service))

        yield open_one


@pytest.fixture
async def superuser(platform_postgres: LocalPlatform, note_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that nothing forbids anything: the insider, and the hand that pulls the plug."""
    connection = await asyncpg.connect(platform_postgres.admin_dsn(note_database))
    yield connection
    await connection.close()
