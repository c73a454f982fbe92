"""Approval's database, emptied before each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local.platform import LocalPlatform
from services.approval.app import SERVICE
from tests.service.approval.bed import TABLES, Approval, running
from tests.testbed import fresh_database


@pytest.fixture(scope="session")
def approval_database(platform_postgres: LocalPlatform) -> Iterator[str]:
    """One database for all of approval's tests of this process."""
    name = fresh_database(platform_postgres, SERVICE.name)
    yield name
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force);")


@pytest.fixture
async def approval(platform_postgres: LocalPlatform, approval_database: str, tmp_path: Path) -> AsyncIterator[Approval]:
    admin = await asyncpg.connect(platform_postgres.admin_dsn(), database=approval_database)
    await admin.execute(f"truncate {TABLES}")
    await admin.close()
    async with running(platform_postgres, approval_database, tmp_path) as service:
        yield service
