"""Verification on a real database: it hears records of its topics; what it says is read from the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.runtime import Runtime
from chassis.timers import Timer, every
from chassis.wire import Event
from contracts.events.intake import ApplicationSubmitted
from contracts.events.verification import CheckOpened, ReportIssued
from deploy.local.platform import LocalPlatform
from policies.load import load_packs
from policies.model import Packs
from services.verification import schedule
from services.verification.app import SERVICE
from services.verification.domain.signing import Signer
from services.verification.settings import Settings
from services.verification.usecases.limits import Limits
from services.verification.usecases.recent import RecentHouseholds, RecentReplies
from tests.issuer import Issuer
from tests.service.verification.world import NOW, OFFICE
from tests.service.visitor import HeldClock, Visitor
from tests.testbed import TestBed, fresh_database, site_of

SCOPES = "flags:read flags:resolve reports:read"
DEADLINE = timedelta(days=5)
TABLES = (
    "checks, households, arrivals, flags, reports, signatures, tickets, outbox, inbox, parked, held, audit, audit_seal"
)


class Desk(Visitor):
    """A caseworker's desk."""

    root = "/verification/v1"

    async def resolve(self, flag: dict[str, Any], body: dict[str, Any], **headers: str) -> httpx.Response:
        """Resolve a flag as its line or whole shows it."""
        return await self.post(f"/flags/{flag['flag_id']}/resolution", body, **({"if_match": flag["etag"]} | headers))


class Verification:
    """The service, its database, its clock and what it said."""

    def __init__(self, bed: TestBed, client: httpx.AsyncClient, issuer: Issuer, clock: HeldClock) -> None:
        self.bed = bed
        self.client = client
        self.issuer = issuer
        self.clock = clock

    def desk(self, office: str = OFFICE, scopes: str = SCOPES) -> Desk:
        return Desk(self.client, self.issuer.bearer(scopes, office))

    async def hear(self, *events: Event) -> None:
        await self.bed.hear(*events)

    async def open(self, fact: ApplicationSubmitted) -> CheckOpened:
        """Hear an application; the check that opened."""
        await self.hear(fact)
        return await self.opened(fact)

    async def opened(self, fact: ApplicationSubmitted) -> CheckOpened:
        (event,) = [
            event
            for event in await self.bed.said()
            if isinstance(event, CheckOpened) and event.application_id == fact.application_id
        ]
        return event

    async def reports(self) -> list[ReportIssued]:
        return [event for event in await self.bed.said() if isinstance(event, ReportIssued)]

    async def ring(self) -> None:
        """The timer that looks for overdue checks, once."""
        timer = Timer(
            "verification", "close_overdue_checks", every(seconds=1), schedule.close_overdue_checks, self.bed.database
        )
        await timer.ring()

    async def count(self, table: str) -> int:
        rows = await self.bed.rows(f"select count(*) as n from {table}")
        number: int = rows[0]["n"]
        return number

    async def acts(self) -> list[str]:
        return [row["act"] for row in await self.bed.rows("select act from audit order by xid, id")]


@pytest.fixture(scope="session")
def verification_database(platform_postgres: LocalPlatform) -> Iterator[str]:
    """One database for all of verification's tests of this process; each test empties it first."""
    name = fresh_database(platform_postgres, SERVICE.name)
    yield name
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force);")


@cache
def _packs(folder: Path) -> Packs:
    """The law is read once per process, not once per test."""
    return load_packs(folder)


def _equip(settings: Settings) -> Iterator[object]:
    yield _packs(settings.site.policies)
    yield Limits(DEADLINE, settings.overdue_batch)
    yield RecentHouseholds(settings.households_in_memory)
    yield RecentReplies(settings.households_in_memory)
    yield Signer(settings.signing_seed)


@pytest.fixture
async def verification(
    platform_postgres: LocalPlatform, verification_database: str, tmp_path: Path
) -> AsyncIterator[Verification]:
    admin = await asyncpg.connect(platform_postgres.admin_dsn(), database=verification_database)
    await admin.execute(f"truncate {TABLES}, idempotency")
    await admin.close()
    issuer = Issuer(tmp_path / "jwks.json")
    site = site_of(platform_postgres, SERVICE.name, verification_database, tmp_path)
    runtime = Runtime(replace(SERVICE, equips=_equip), site)
    clock = HeldClock(NOW)
    runtime.clock = runtime.database.clock = clock
    await runtime.database.open()
    bed = TestBed(runtime)
    async with bed.client() as client:
        yield Verification(bed, client, issuer, clock)
    await runtime.database.close()
