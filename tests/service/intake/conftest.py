"""Intake on a real database, with townships that call at its doors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.runtime import Runtime
from chassis.wire import Event
from deploy.local.platform import LocalPlatform
from policies.load import load_calendar, load_packs
from services.intake.app import SERVICE
from services.intake.domain.household import PersonKeys
from services.intake.settings import Settings
from tests.issuer import Issuer
from tests.service.visitor import HeldClock, Visitor
from tests.testbed import TestBed, fresh_database, site_of
from tests.unit.intake.households import TOWNSHIP

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Noon in China on a working Saturday of nobody's."""
SCOPES = "applications:submit applications:read materials:add consents:withdraw"


class Desk(Visitor):
    """One township's counter."""

    root = "/intake/v1/applications"

    async def submit(self, body: Any, **headers: str) -> httpx.Response:
        return await self.post("", body, **headers)

    async def accepted(self, body: Any) -> dict[str, Any]:
        """Hand in what must be accepted; its receipt."""
        answer = await self.submit(body)
        assert answer.status_code == 202, answer.text
        receipt: dict[str, Any] = answer.json()
        assert receipt["state"] == "accepted", receipt
        return receipt


class Intake:
    """The service, its database and what it said."""

    def __init__(self, bed: TestBed, client: httpx.AsyncClient, issuer: Issuer, clock: HeldClock) -> None:
        self.bed = bed
        self.client = client
        self.issuer = issuer
        self.clock = clock

    def desk(self, office: str = TOWNSHIP, client_name: str = "desk") -> Desk:
        return Desk(self.client, self.issuer.bearer(SCOPES, office, client=client_name))

    async def said(self) -> list[Event]:
        return await self.bed.said()

    async def count(self, table: str) -> int:
        rows = await self.bed.rows(f"select count(*) as n from {table}")
        number: int = rows[0]["n"]
        return number

    async def acts(self) -> list[str]:
        return [row["act"] for row in await self.bed.rows("select act from audit order by xid, id")]

    async def is_untouched(self) -> bool:
        """Nothing stored, nothing said, no answer kept."""
        return not any([await self.count(table) for table in ("application", "member", "outbox", "idempotency")])


@pytest.fixture(scope="session")
def intake_database(platform_postgres: LocalPlatform) -> Iterator[str]:
    """One database for all of intake's tests of this process; each test empties it first."""
    name = fresh_database(platform_postgres, SERVICE.name)
    yield name
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force);")


@cache
def _equipment(policies: Path) -> tuple[object, ...]:
    """The law is read once per process, not once per test."""
    return load_packs(policies), load_calendar(policies)


def _equip(settings: Settings) -> Iterator[object]:
    yield from _equipment(settings.site.policies)
    yield PersonKeys(settings.person_key)


@pytest.fixture
async def intake(platform_postgres: LocalPlatform, intake_database: str, tmp_path: Path) -> AsyncIterator[Intake]:
    admin = await asyncpg.connect(platform_postgres.admin_dsn(), database=intake_database)
    await admin.execute("truncate application, member, outbox, audit, audit_seal, idempotency")
    await admin.close()
    issuer = Issuer(tmp_path / "jwks.json")
    site = site_of(platform_postgres, SERVICE.name, intake_database, tmp_path)
    runtime = Runtime(replace(SERVICE, equips=_equip), site)
    clock = HeldClock(NOON)
    runtime.clock = runtime.database.clock = clock
    await runtime.database.open()
    bed = TestBed(runtime)
    async with bed.client() as client:
        yield Intake(bed, client, issuer, clock)
    await runtime.database.close()


@pytest.fixture
def desk(intake: Intake) -> Desk:
    """The counter of the demo township."""
    return intake.desk()
