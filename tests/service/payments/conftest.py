"""Payments on a real database; one for all tests of this process, emptied before each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.platform import LocalPlatform
from services.payments.app import SERVICE
from tests.service.payments.bed import Payments, payments_on
from tests.service.payments.world import NOW, Outside, outside_on_loopback
from tests.service.visitor import HeldClock
from tests.testbed import fresh_database


@pytest.fixture(scope="session")
def payments_database(platform_postgres: LocalPlatform) -> Iterator[str]:
    name = fresh_database(platform_postgres, SERVICE.name)
    yield name
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force);")


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(NOW)


@pytest.fixture
async def outside(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Outside]:
    async with outside_on_loopback(tmp_path / "money", clock) as outside:
        yield outside


@pytest.fixture
async def payments(
    platform_postgres: LocalPlatform, payments_database: str, tmp_path: Path, outside: Outside, clock: HeldClock
) -> AsyncIterator[Payments]:
    async with payments_on(platform_postgres, payments_database, tmp_path, outside, clock) as payments:
        yield payments
