"""Payments in this process on a real database, before a bank and a treasury that really answer over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from chassis.callers import System
from chassis.http import agency_client
from chassis.runtime import Runtime
from chassis.wire import Event
from chassis.work import Lease
from contracts.events.payments import PaymentSettled, RosterLocked
from deploy.local.platform import LocalPlatform
from policies.load import load_packs
from services.payments.app import SERVICE
from services.payments.domain.payment import Bank, Claimed, Patience, Treasury
from services.payments.domain.words import Told
from services.payments.settings import Settings
from services.payments.usecases.known_leaves import KnownLeaves
from tests.issuer import Issuer
from tests.service.payments.world import COUNTY, MONTH, TOWNSHIP, Outside, certified, decided
from tests.service.visitor import HeldClock, Visitor
from tests.testbed import TestBed, site_of

CUTOFF = timedelta(seconds=30)
PAUSE = timedelta(seconds=1)
OFFICER = "rosters:write rosters:sign payments:write payments:read entitlements:stop"
SECOND = "rosters:sign months:close payments:read"
CLERK = "payments:read accounts:correct entitlements:stop"
TABLES = (
    "decisions, entitlements, persons, rosters, lines, line_months, left_out, signatures, attempts, entries, "
    "reconciliations, differences, closings, outbox, inbox, parked, held, audit, audit_seal, idempotency"
)


class Desk(Visitor):
    """One officer's desk."""

    root = "/payments/v1"

    async def done(self, path: str, body: Any = None) -> dict[str, Any]:
        """POST what must succeed."""
        answer = await self.post(path, body)
        assert answer.status_code in (200, 201, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found


class Payments:
    """The service, its database, its clock, what it said, and those outside."""

    def __init__(
        self, bed: TestBed, client: httpx.AsyncClient, issuer: Issuer, clock: HeldClock, outside: Outside, dsn: str
    ) -> None:
        self.bed = bed
        self.client = client
        self.issuer = issuer
        self.clock = clock
        self.outside = outside
        self.dsn = dsn

    @property
    def officer(self) -> Desk:
        return self.desk("officer", COUNTY, OFFICER)

    @property
    def second(self) -> Desk:
        return self.desk("second", COUNTY, SECOND)

    @property
    def clerk(self) -> Desk:
        return self.desk("clerk", TOWNSHIP, CLERK)

    def desk(self, subject: str, org: str, scopes: str) -> Desk:
        return Desk(self.client, self.issuer.bearer(scopes, org, sub=subject, client=f"desk-{subject}"))

    async def hear(self, *events: Event) -> None:
        await self.bed.hear(*events)

    async def entitle(self, *numbers: int, **changed: Any) -> None:
        """Decisions and certificates of so many households, heard."""
        await self.hear(*(decided(number) for number in numbers))
        await self.hear(*(certified(number, **changed) for number in numbers))

    async def draw(self, month: str = MONTH) -> dict[str, Any]:
        return await self.officer.done("/rosters", {"office": COUNTY, "month": month})

    async def lock(self, roster: dict[str, Any]) -> dict[str, Any]:
        """Both signatures."""
        body = {"content_hash": roster["content_hash"]}
        await self.officer.done(f"/rosters/{roster['roster_id']}/signatures", body)
        return await self.second.done(f"/rosters/{roster['roster_id']}/signatures", body)

    async def start(self, roster: dict[str, Any]) -> dict[str, Any]:
        return await self.officer.done(f"/rosters/{roster['roster_id']}/payment")

    async def paying(self, *numbers: int, **changed: Any) -> dict[str, Any]:
        """A roster of so many households, locked and started."""
        await self.entitle(*numbers, **changed)
        return await self.start(await self.lock(await self.draw()))

    async def claim(self, limit: int = 500, lease_s: float = 60.0, queue: str = "bank") -> list[Any]:
        async with self.bed.database.transaction(System("payments")) as tx:
            lease = Lease(datetime.now(UTC) + timedelta(seconds=lease_s))
            return await SERVICE.works[queue].claim(tx, limit=limit, now=self.clock.now(), lease=lease)

    async def call(self, claimed: Sequence[Any], queue: str = "bank") -> list[Any]:
        found: list[Any] = await SERVICE.works[queue].call(self.bed.runtime.shelf, list(claimed))
        return found

    async def record(self, claimed: Sequence[Any], told: Sequence[Any], queue: str = "bank") -> None:
        async with self.bed.database.transaction(System("payments")) as tx:
            await SERVICE.works[queue].record(tx, [(list(claimed), list(told))], now=self.clock.now())

    async def turn(self, limit: int = 500) -> int:
        claimed: list[Claimed] = await self.claim(limit)
        if claimed:
            told: list[Told] = await self.call(claimed)
            await self.record(claimed, told)
        return len(claimed)

    async def work_off(self, turns: int = 40) -> None:
        """Turn after turn, time passing whenever nothing is due, until nothing is open."""
        for _ in range(turns):
            if not await self.turn():
                if not await self.open_lines():
                    return
                self.clock.at += CUTOFF / 2
        raise AssertionError(f"{await self.open_lines()} lines are still open after {turns} turns")

    async def open_lines(self) -> int:
        rows = await self.bed.rows("select count(*) as n from lines where state in ('due', 'under_way')")
        return int(rows[0]["n"])

    async def lose_workers(self) -> None:
        """Whoever held a lease is gone: it has run out."""
        await self.sql("update attempts set lease_until = '-infinity' where state = 'intended'")

    async def reconcile(self, month: str = MONTH) -> dict[str, Any]:
        asked = await self.officer.done(f"/months/{month}/reconciliation", {"office": COUNTY})
        claimed = await self.claim(1, queue="details")
        await self.record(claimed, await self.call(claimed, "details"), "details")
        return await self.officer.read(f"/reconciliations/{asked['reconciliation_id']}")

    async def kinds(self, reconciliation: dict[str, Any]) -> list[tuple[str, str]]:
        """Kind and side of every difference."""
        found = await self.officer.read(f"/reconciliations/{reconciliation['reconciliation_id']}/differences")
        return [(one["kind"]["code"], one["side"]["code"]) for one in found["data"]]

    async def line(self, number: int) -> dict[str, Any]:
        """The line of a household's newest roster."""
        found = await self.officer.read(f"/lines?application_id=app_{number:032x}")
        line: dict[str, Any] = found["data"][-1]
        return line

    async def settled(self) -> list[PaymentSettled]:
        return [event for event in await self.bed.said() if isinstance(event, PaymentSettled)]

    async def locked(self) -> list[RosterLocked]:
        return [event for event in await self.bed.said() if isinstance(event, RosterLocked)]

    async def acts(self) -> list[str]:
        return [row["act"] for row in await self.bed.rows("select act from audit order by xid, id")]

    async def sql(self, statement: str, *values: Any) -> None:
        """As a superuser who gets round triggers and policies."""
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute("set session_replication_role = replica")
            await connection.execute(statement, *values)
        finally:
            await connection.close()


@cache
def _packs(folder: Path) -> object:
    """The law is read once per process, not once per test."""
    return load_packs(folder)


@asynccontextmanager
async def payments_on(
    platform: LocalPlatform, database: str, folder: Path, outside: Outside, clock: HeldClock
) -> AsyncIterator[Payments]:
    dsn = platform.admin_dsn().rsplit("/", 1)[0] + f"/{database}"
    admin = await asyncpg.connect(dsn)
    await admin.execute(f"set session_replication_role = replica; truncate {TABLES}")
    await admin.close()
    issuer = Issuer(folder / "jwks.json")
    options = {"bank": f"{outside.address}/bank", "treasury": f"{outside.address}/treasury"}

    def equip(settings: Settings) -> Iterator[object]:
        yield _packs(settings.site.policies)
        for kind, peer, address in ((Bank, "bank", settings.bank), (Treasury, "treasury", settings.treasury)):
            line = agency_client(
                peer, address, timeout_s=0.4, concurrency=8, rate_per_s=500.0, attempts=1, failures_to_open=10_000
            )
            yield kind(line)
        yield Patience(CUTOFF, PAUSE, timedelta(seconds=60))
        yield KnownLeaves()

    runtime = Runtime(replace(SERVICE, equips=equip), site_of(platform, SERVICE.name, database, folder, options))
    runtime.clock = runtime.database.clock = clock
    await runtime.database.open()
    bed = TestBed(runtime)
    async with bed.client() as client:
        yield Payments(bed, client, issuer, clock, outside, dsn)
    await runtime.shelf.aclose()
    await runtime.database.close()
