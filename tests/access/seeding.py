"""Each service with something of several offices in it: made through its own doors and inboxes, then left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson

from chassis.ids import new_event_id, new_id
from contracts.events.intake import ApplicationSubmitted, Person
from contracts.events.verification import Ask, CheckOpened
from contracts.findings import MotorVehicle
from contracts.vocabulary import Agency
from deploy.local.platform import LocalPlatform
from services.adapters.app import SERVICE as ADAPTERS
from services.approval.app import SERVICE as APPROVAL
from services.intake.app import SERVICE as INTAKE
from services.payments.app import SERVICE as PAYMENTS
from services.verification.app import SERVICE as VERIFICATION
from simulator.money.faults import MoneyFault
from tests.access.estate import Estate, Thing
from tests.access.policy import PERMISSIONS, Relation, caller_of
from tests.issuer import Issuer
from tests.service.adapters.asking_bed import AskingBed
from tests.service.approval import bed as approvals
from tests.service.approval import world as approval_world
from tests.service.payments import world as payment_world
from tests.service.payments.bed import payments_on
from tests.service.verification import world as check_world
from tests.service.visitor import HeldClock
from tests.testbed import TestBed, fresh_database, testbed
from tests.unit.intake.households import a_body

COUNTY = "cn/2307/230799/"
TOWNSHIP = "cn/2307/230799/230799001/"
SIBLING = caller_of(TOWNSHIP, Relation.SIBLING)
FOREIGN = caller_of(TOWNSHIP, Relation.FOREIGN)
EVERYTHING = " ".join(PERMISSIONS)
NOON = datetime.fromisoformat("2026-11-21T12:00:00+08:00")
_PARKED = """
insert into parked (event_id, topic, key, type, version, trace, value, part, problem, attempts)
values ($1, $2, $3, $4, 1, '', '\\x00', null, 'unreadable', 1) returning id
"""


class Stage:
    """A service with its estate, and somebody who may do anything in an office."""

    def __init__(self, name: str, bed: TestBed, client: httpx.AsyncClient, issuer: Issuer) -> None:
        self.name = name
        self.bed = bed
        self.client = client
        self.issuer = issuer
        self.estate = Estate(Thing("", {}))

    async def get(self, path: str, office: str = TOWNSHIP) -> httpx.Response:
        answer = await self.client.get(f"/{self.name}/v1{path}", headers=self.issuer.bearer(EVERYTHING, office))
        assert answer.status_code == 200, answer.text
        return answer

    async def post(self, path: str, body: Any, office: str) -> dict[str, Any]:
        sent = self.issuer.bearer(EVERYTHING, office, sub="seed")
        sent |= {"idempotency-key": new_id("key"), "content-type": "application/json"}
        content = orjson.dumps(body)
        answer = await self.client.post(f"/{self.name}/v1{path}", content=content, headers=sent)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def with_event(self, thing: Thing, key: str) -> Thing:
        """The thing with an event about it that waits because it cannot take effect."""
        kind = next(iter(self.bed.runtime.service.hears), ApplicationSubmitted)
        (row,) = await self.bed.rows(_PARKED, new_event_id(), kind.topic, key, kind.name)
        return replace(thing, ids={**thing.ids, "parked_id": str(row["id"])})


@asynccontextmanager
async def _on_testbed(platform: LocalPlatform, service: Any, folder: Path, at: datetime | None) -> AsyncIterator[Stage]:
    issuer = Issuer(folder / "jwks.json")
    async with testbed(platform, service, folder) as bed:
        if at is not None:
            bed.runtime.clock = bed.database.clock = HeldClock(at)
        async with bed.client() as client:
            yield Stage(service.name, bed, client, issuer)


@asynccontextmanager
async def _database(platform: LocalPlatform, service: str) -> AsyncIterator[str]:
    name = await asyncio.to_thread(fresh_database, platform, service)
    yield name
    admin = await asyncpg.connect(platform.admin_dsn())
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.close()


@asynccontextmanager
async def intake(platform: LocalPlatform, folder: Path) -> AsyncIterator[Stage]:
    """An application in each of three townships."""
    async with _on_testbed(platform, INTAKE, folder, NOON) as stage:
        things, names, numbers = [], set(), {"13800000000"}
        for number, office in enumerate((TOWNSHIP, SIBLING, FOREIGN), start=1):
            body = a_body(number) | {"region": office.split("/")[2], "external_ref": f"file-of-{number}"}
            receipt = await stage.post("/applications", body, office)
            application_id = receipt["application_id"]
            members = [f"mem_{application_id[4:]}_{place:02d}" for place in range(3)]
            ids = {"application_id": application_id, "member_id": members[1], "office": office}
            others = frozenset({*members, receipt["number"], body["external_ref"]})
            things.append(Thing(office, ids, others))
            names |= {one["name"] for one in body["members"]}
            numbers |= {one["citizen_id"] for one in body["members"]}
        things[0] = await stage.with_event(things[0], things[0].ids["application_id"])
        stage.estate = Estate(things[0], None, things[1:], frozenset(numbers), frozenset(names))
        yield stage


@asynccontextmanager
async def verification(platform: LocalPlatform, folder: Path) -> AsyncIterator[Stage]:
    """A check with a report and an open flag in each of three townships."""
    async with _on_testbed(platform, VERIFICATION, folder, check_world.NOW) as stage:
        car = MotorVehicle(type="car", registered_on=date(2020, 1, 1), value_fen=5_000_000, plate_mask="黑F****1")
        things, people = [], []
        for office in (TOWNSHIP, SIBLING, FOREIGN):
            fact = check_world.an_application(office=office, region=office.split("/")[2])
            await stage.bed.hear(fact)
            opened = [one for one in await stage.bed.said() if isinstance(one, CheckOpened)][-1]
            await stage.bed.hear(*check_world.answers(opened, {(Agency.VEHICLE, 1): [car]}))
            where = f"where application_id = '{fact.application_id}'"
            (flag,) = await stage.bed.rows(f"select flag_id from flags {where}")
            reports = await stage.bed.rows(
                f"select report_id, number from reports where check_id = '{opened.check_id}'"
            )
            ids = {
                "application_id": fact.application_id,
                "check_id": opened.check_id,
                "flag_id": flag["flag_id"],
                "report_id": reports[0]["report_id"],
                "office": office,
            }
            things.append(Thing(office, ids, frozenset({*fact.consented, *(one["number"] for one in reports)})))
            people += fact.private.people
        things[0] = await stage.with_event(things[0], things[0].ids["application_id"])
        stage.estate = Estate(things[0], None, things[1:], *_named(people))
        yield stage


def _named(people: list[Person]) -> tuple[frozenset[str], frozenset[str]]:
    """Their numbers and their names."""
    return frozenset(person.citizen_id for person in people), frozenset(person.name for person in people)


@asynccontextmanager
async def adapters(platform: LocalPlatform, folder: Path) -> AsyncIterator[Stage]:
    """A check in each of three townships, and a call about each; no agency is connected to answer it."""
    async with _on_testbed(platform, ADAPTERS, folder, None) as stage:
        things, people = [], []
        for office in (TOWNSHIP, SIBLING, FOREIGN):
            fact = check_world.an_application(office=office)
            opened = CheckOpened(
                event_id=new_event_id(),
                occurred_at=fact.occurred_at,
                check_id=new_id("chk"),
                application_id=fact.application_id,
                office=office,
                plan=[Ask(agency=Agency.TAX, member_ids=tuple(fact.consented))],
                private=fact.private,
            )
            await stage.bed.hear(opened)
            await AskingBed(stage.bed).turn(Agency.TAX)
            (call,) = await stage.bed.rows("select max(call_id) as id from call")
            ids = {"check_id": opened.check_id, "application_id": fact.application_id, "office": office}
            things.append(Thing(office, ids, frozenset({*fact.consented, f'"call_{call["id"]}"'})))
            people += fact.private.people
        things[0] = await stage.with_event(things[0], things[0].ids["application_id"])
        stage.estate = Estate(things[0], None, things[1:], *_named(people))
        yield stage


@asynccontextmanager
async def approval(platform: LocalPlatform, folder: Path) -> AsyncIterator[Stage]:
    """In each of three townships a case to be surveyed; in the first also one with an opinion, drawn by its county."""
    async with _database(platform, APPROVAL.name) as name, approvals.running(platform, name, folder) as service:
        stage = Stage(APPROVAL.name, service.bed, service.client, service.issuer)
        things, opened, numbers = [], [], {approval_world.card(), approval_world.citizen_id(0)}
        for office in (TOWNSHIP, SIBLING, FOREIGN):
            report = approval_world.a_report(office=office, region=office.split("/")[2])
            await stage.bed.hear(report)
            opened.append(report)
            case = await service.line(report)
            ids = {"case_id": case["case_id"], "office": office, "members": ",".join(report.member_ids)}
            others = {report.application_id, report.report_id, report.check_id, *report.member_ids}
            if office == TOWNSHIP:
                second, opined = await service.opined()
                others |= {opined["case_id"], second.application_id, *second.member_ids}
                await service.seal()
                draw = await stage.post("/draws", {"office": office}, COUNTY)
                ids |= {"draw_id": draw["draw_id"], "spot_check_id": draw["spot_checks"][0]["spot_check_id"]}
            things.append(Thing(office, ids, frozenset(others)))
        things[0] = await stage.with_event(things[0], opened[0].application_id)
        stage.estate = Estate(things[0], None, things[1:], frozenset(numbers), frozenset({"审批甲"}))
        yield stage


@asynccontextmanager
async def payments(platform: LocalPlatform, folder: Path) -> AsyncIterator[Stage]:
    """A county's roster of two townships, each with a line, one of them returned, and one left out."""
    clock = HeldClock(payment_world.NOW)
    async with (
        _database(platform, PAYMENTS.name) as name,
        payment_world.outside_on_loopback(folder / "money", clock) as outside,
        payments_on(platform, name, folder, outside, clock) as service,
    ):
        stage = Stage(PAYMENTS.name, service.bed, service.client, service.issuer)
        offices = {1: TOWNSHIP, 2: SIBLING}
        for number, office in offices.items():
            above = number + 10
            await service.hear(*(payment_world.decided(each, office=office) for each in (number, above)))
            await service.hear(payment_world.certified(number, office=office))
            await service.hear(payment_world.certified(above, office=office, income_fen=100_000_000))
        outside.strike("bank", MoneyFault.REJECTED_CARD, payment_world.card(1))
        outside.strike("bank", MoneyFault.ONE_FEN, payment_world.card(2))
        roster = await service.start(await service.lock(await service.draw()))
        await service.work_off()
        compared = await service.reconcile()
        assert compared["differences"] > 0
        things = []
        for number, office in offices.items():
            line = await service.line(number)
            ids = {
                "line_id": line["line_id"],
                "entitlement_id": line["entitlement_id"],
                "application_id": payment_world.application(number),
                "office": office,
            }
            left_out = frozenset({payment_world.application(number + 10)})
            things.append(Thing(office, ids, left_out, frozenset({roster["roster_id"]})))
        ids = {
            "roster_id": roster["roster_id"],
            "reconciliation_id": compared["reconciliation_id"],
            "month": payment_world.MONTH,
            "office": COUNTY,
        }
        things[0] = await stage.with_event(things[0], payment_world.application(1))
        numbers = {told(number) for number in offices for told in (payment_world.card, payment_world.citizen_id)}
        stage.estate = Estate(things[0], Thing(COUNTY, ids), things[1:], frozenset(numbers), frozenset({"某某"}))
        clock.at += timedelta(minutes=1)
        yield stage


STAGES: dict[str, Callable[[LocalPlatform, Path], AbstractAsyncContextManager[Stage]]] = {
    "intake": intake,
    "verification": verification,
    "adapters": adapters,
    "approval": approval,
    "payments": payments,
}
