"""Approval in this process on a real database, with the people of two townships and their counties at its doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from chassis.audit import Anchors, seal_audit
from chassis.callers import System
from chassis.clock import local_day
from chassis.runtime import Runtime
from chassis.timers import Timer, every
from chassis.wire import Event
from contracts.events.approval import CertificateIssued, DecisionMade
from contracts.events.verification import ReportIssued
from deploy.local.platform import LocalPlatform
from policies.load import load_calendar, load_packs
from services.approval import schedule
from services.approval.app import SERVICE
from services.approval.settings import Settings
from services.approval.usecases.limits import Limits
from tests.issuer import Issuer
from tests.service.approval import world
from tests.service.approval.world import APPROVE, NOW, RECOMMEND, REFUSE, TOWNSHIP
from tests.service.visitor import HeldClock, Visitor
from tests.testbed import TestBed, site_of

ALL = (
    "cases:read surveys:record payees:record opinions:write decisions:write publicity:write objections:record "
    "notices:record spot_checks:write ops:read"
)
TABLES = (
    "applications, cases, surveys, payees, opinions, decisions, publicities, objections, certificates, notices, "
    "tasks, draws, draw_population, spot_checks, spot_check_results, outbox, inbox, parked, held, audit, audit_seal, "
    "idempotency"
)


class Desk(Visitor):
    """One officer's desk."""

    root = "/approval/v1"

    async def read(self, case_id: str) -> dict[str, Any]:
        return await super().read(f"/cases/{case_id}")

    async def act(self, case: dict[str, Any], act: str, body: Any, **headers: str) -> httpx.Response:
        """Act on a case as its line shows it."""
        return await self.post(f"/cases/{case['case_id']}/{act}", body, **({"if_match": case["etag"]} | headers))

    async def done(self, case: dict[str, Any], act: str, body: Any) -> dict[str, Any]:
        """Act on a case where it must succeed; the case's line after it."""
        answer = await self.act(case, act, body)
        assert answer.status_code == 201, answer.text
        after: dict[str, Any] = answer.json()["case"]
        assert answer.headers["etag"] == after["etag"]
        return after


class Approval:
    """The service, its database, its clock and what it said."""

    def __init__(self, bed: TestBed, client: httpx.AsyncClient, issuer: Issuer, clock: HeldClock) -> None:
        self.bed = bed
        self.client = client
        self.issuer = issuer
        self.clock = clock

    def desk(self, subject: str = "clerk", org: str = TOWNSHIP, scopes: str = ALL) -> Desk:
        return Desk(self.client, self.issuer.bearer(scopes, org, sub=subject, client=f"desk-{subject}"))

    async def hear(self, *events: Event) -> None:
        await self.bed.hear(*events)

    async def line(self, report: ReportIssued, desk: Desk | None = None) -> dict[str, Any]:
        """The case of a report's application, as a list shows it."""
        answer = await (desk or self.desk("reader", report.office)).get(
            f"/cases?application_id={report.application_id}"
        )
        assert answer.status_code == 200, answer.text
        (found,) = answer.json()["data"]
        line: dict[str, Any] = found
        return line

    async def line_of(self, case: dict[str, Any]) -> dict[str, Any]:
        """The same case as it stands now."""
        return await self.desk("reader", case["office"]).read(case["case_id"])

    async def opened(self, report: ReportIssued | None = None, **about: Any) -> tuple[ReportIssued, dict[str, Any]]:
        """Hear a report; its case."""
        fact = report or world.a_report(**about)
        await self.hear(fact)
        return fact, await self.line(fact)

    async def surveyed(self, **about: Any) -> tuple[ReportIssued, dict[str, Any]]:
        report, case = await self.opened(**about)
        case = await self.desk("clerk").done(case, "survey", world.a_survey(report, self.clock.at))
        return report, case

    async def opined(self, **about: Any) -> tuple[ReportIssued, dict[str, Any]]:
        report, case = await self.surveyed(**about)
        case = await self.desk("clerk").done(case, "payee", world.a_payee(report))
        return report, await self.desk("clerk").done(case, "opinion", RECOMMEND)

    async def approved(self, **about: Any) -> tuple[ReportIssued, dict[str, Any]]:
        report, case = await self.opined(**about)
        return report, await self.desk("leader").done(case, "confirmation", APPROVE)

    async def refused(self, **about: Any) -> tuple[ReportIssued, dict[str, Any]]:
        report, case = await self.opined(**about)
        return report, await self.desk("leader").done(case, "confirmation", REFUSE)

    async def posted(self, **about: Any) -> tuple[ReportIssued, dict[str, Any]]:
        report, case = await self.approved(**about)
        today = local_day(self.clock.at)
        return report, await self.desk("clerk").done(case, "publicity", world.a_posting(today))

    async def ring(self) -> None:
        """The timer that ends publicities, once."""
        await Timer("approval", "end_publicities", every(seconds=1), schedule.end_publicities, self.bed.database).ring()

    async def seal(self) -> None:
        """The audit trail's sealer, until a seal stands: it waits for every transaction open on the whole server."""
        async with asyncio.timeout(30):
            while True:
                async with self.bed.database.transaction(System("approval")) as tx:
                    await seal_audit(tx, now=self.clock.at)
                if await self.count("audit_seal"):
                    return
                await asyncio.sleep(0.05)

    async def decisions(self) -> list[DecisionMade]:
        return [event for event in await self.bed.said() if isinstance(event, DecisionMade)]

    async def certificates(self) -> list[CertificateIssued]:
        return [event for event in await self.bed.said() if isinstance(event, CertificateIssued)]

    async def count(self, table: str) -> int:
        rows = await self.bed.rows(f"select count(*) as n from {table}")
        number: int = rows[0]["n"]
        return number

    async def acts(self) -> list[str]:
        return [row["act"] for row in await self.bed.rows("select act from audit order by xid, id")]


@cache
def _equipment(policies: Path) -> tuple[object, ...]:
    """The law is read once per process, not once per test."""
    return load_packs(policies), load_calendar(policies)


def _equip(settings: Settings) -> Iterator[object]:
    yield from _equipment(settings.site.policies)
    yield Limits(settings.certificate_batch, settings.draw_most)
    yield Anchors(settings.site.anchor_file)


@asynccontextmanager
async def running(platform: LocalPlatform, database: str, var: Path) -> AsyncIterator[Approval]:
    """Approval on that database; nothing runs by itself."""
    issuer = Issuer(var / "jwks.json")
    runtime = Runtime(replace(SERVICE, equips=_equip), site_of(platform, SERVICE.name, database, var))
    clock = HeldClock(NOW)
    runtime.clock = runtime.database.clock = clock
    await runtime.database.open()
    bed = TestBed(runtime)
    async with bed.client() as client:
        yield Approval(bed, client, issuer, clock)
    await runtime.database.close()
