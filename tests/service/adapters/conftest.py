"""Adapters on a real database, before agencies that really answer over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from chassis.runtime import Runtime
from contracts.vocabulary import Agency
from deploy.local.platform import LocalPlatform
from services.adapters.app import SERVICE
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World, world_on_loopback
from tests.testbed import TestBed, fresh_database, site_of

_EMPTY = (
    "truncate inquiry, cell, call, asking, evidence, consent_withdrawn, outbox, inbox, parked, held, audit, audit_seal"
    " restart identity"
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with world_on_loopback(tmp_path / "ledger") as world:
        yield world


@pytest.fixture(scope="session")
def adapters_database(platform_postgres: LocalPlatform) -> Iterator[str]:
    """One database for all of adapters' tests of this process; each test empties it first."""
    name = fresh_database(platform_postgres, SERVICE.name)
    yield name
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force);")


@pytest.fixture
def answer_within_s() -> float:
    """How long agencies may take. Ample: on a busy machine a good answer must not count as none."""
    return 10.0


@pytest.fixture
async def bed(
    platform_postgres: LocalPlatform, adapters_database: str, world: World, answer_within_s: float, tmp_path: Path
) -> AsyncIterator[AskingBed]:
    """All fourteen agencies connected; asked again without delay."""
    admin = await asyncpg.connect(platform_postgres.admin_dsn(), database=adapters_database)
    await admin.execute(_EMPTY)
    await admin.close()
    options = {
        "agencies": world.addresses(),
        "lines": {agency.value: {"timeout_s": answer_within_s} for agency in Agency},
        "retry_first_s": 0.001,
        "retry_most_s": 0.002,
    }
    runtime = Runtime(SERVICE, site_of(platform_postgres, SERVICE.name, adapters_database, tmp_path, options))
    await runtime.database.open()
    try:
        yield AskingBed(TestBed(runtime))
    finally:
        await runtime.shelf.aclose()
        await runtime.database.close()
