"""Operators see what waits and why, never what it says, and let it take effect once the cause is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from chassis import sql
from chassis.service import Service
from chassis.transaction import Transaction
from tests.issuer import Issuer
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, Noted, Whispered, noted, whispered
from tests.testbed import TestBed

DOOR = f"/{NAME}/v1/parked-events"
CITIZEN_ID = "990000197001010011"
BROKEN: set[str] = set()
"""Cases whose events fail until somebody mends the cause."""


async def on_note(tx: Transaction, facts: list[Noted | Whispered], *, now: datetime) -> None:
    for fact in facts:
        if fact.case_id in BROKEN:
            raise ValueError(f"the words of an error may name {CITIZEN_ID}")
        await sql.execute(tx, "insert into effect (case_id) values ($1)", fact.case_id)


SERVICE = Service(name=NAME, hears={Noted: on_note, Whispered: on_note}, says=(Noted, Whispered))


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    BROKEN.clear()
    return await open_bed(SERVICE)


@pytest.fixture
def issuer(bed: TestBed) -> Issuer:
    return Issuer(bed.site.tokens.jwks_file)


@pytest.fixture
async def operator(bed: TestBed, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with bed.client(**issuer.bearer("ops:read ops:write", org="cn/2307/", sub="op-1", role="operator")) as client:
        yield client


async def effects(bed: TestBed) -> list[str]:
    return [row["case_id"] for row in await bed.rows("select case_id from effect order by id")]


async def redrive(client: httpx.AsyncClient, parked_id: int, key: str = "r-1") -> httpx.Response:
    return await client.post(f"{DOOR}/{parked_id}/redrive", headers={"idempotency-key": key})


async def test_parked_events_are_listed_in_order_page_by_page(bed: TestBed, operator: httpx.AsyncClient) -> None:
    BROKEN.update(f"c{number}" for number in range(5))
    for number in range(5):
        await bed.hear(noted(f"c{number}"))
    seen: list[str] = []
    address: str | None = f"{DOOR}?limit=2"
    pages = 0
    while address:
        answer = await operator.get(address)
        listed: dict[str, Any] = answer.json()
        seen += [row["key"] for row in listed["data"]]
        assert listed["page"]["has_more"] == (listed["page"]["next"] is not None) == ("link" in answer.headers)
        address = answer.links["next"]["url"] if "link" in answer.headers else None
        pages += 1
    assert (seen, pages) == ([f"c{number}" for number in range(5)], 3)


async def test_what_is_shown_says_why_it_waits_and_nothing_of_its_content(
    bed: TestBed, operator: httpx.AsyncClient
) -> None:
    BROKEN.add("c1")
    await bed.hear(whispered("c1", CITIZEN_ID))
    listed = await operator.get(DOOR)
    (row,) = listed.json()["data"]
    shown = await operator.get(f"{DOOR}/{row['id']}")
    assert shown.json() == row
    assert (row["key"], row["type"], row["problem"]) == ("c1", "note.whispered", "ValueError")
    assert row["attempts"] > 1
    for answer in (listed, shown):
        assert CITIZEN_ID not in answer.text
        assert "value" not in answer.text
        assert "private" not in answer.text


async def test_a_mended_key_takes_effect_in_order_and_flows_again(bed: TestBed, operator: httpx.AsyncClient) -> None:
    BROKEN.add("c1")
    await bed.hear(noted("c1", 1), noted("c2"))
    await bed.hear(noted("c1", 2))
    assert await effects(bed) == ["c2"]
    (first, second) = (await operator.get(DOOR)).json()["data"]
    assert second["problem"] == "behind"
    BROKEN.clear()
    answer = await redrive(operator, first["id"])
    assert (answer.status_code, answer.json()) == (200, {"key": "c1", "taken": 2})
    assert await effects(bed) == ["c2", "c1", "c1"]
    assert (await operator.get(DOOR)).json() == {"data": [], "page": {"next": None, "has_more": False}}
    await bed.hear(noted("c1", 3))
    assert await effects(bed) == ["c2", "c1", "c1", "c1"]
    (act,) = await bed.rows("select actor, act, subject, office, details from audit")
    assert act == {
        "actor": "op-1",
        "act": "event.redriven",
        "subject": "c1",
        "office": "cn/2307/",
        "details": '{"events":2}',
    }
    again = await redrive(operator, first["id"])
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {"key": "c1", "taken": 2}
    assert (await redrive(operator, first["id"], "r-2")).status_code == 404


async def test_what_still_fails_stays_parked_whole(bed: TestBed, operator: httpx.AsyncClient) -> None:
    BROKEN.add("c1")
    await bed.hear(noted("c1", 1))
    await bed.hear(noted("c1", 2))
    (first, _) = (await operator.get(DOOR)).json()["data"]
    answer = await redrive(operator, first["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "redrive-failed")
    assert CITIZEN_ID not in answer.text
    assert len((await operator.get(DOOR)).json()["data"]) == 2
    assert (await effects(bed), await bed.rows("select 1 from audit")) == ([], [])


async def test_only_operators_may_look_and_only_some_may_act(bed: TestBed, issuer: Issuer) -> None:
    async with bed.client(**issuer.bearer("ops:read")) as reader, bed.client(**issuer.bearer("flags:read")) as other:
        assert (await reader.get(DOOR)).status_code == 200
        assert (await redrive(reader, 1)).status_code == 403
        assert (await other.get(DOOR)).status_code == 403


async def test_a_cursor_of_another_office_or_filter_is_refused(
    bed: TestBed, issuer: Issuer, operator: httpx.AsyncClient
) -> None:
    BROKEN.update(("c1", "c2"))
    await bed.hear(noted("c1"))
    await bed.hear(noted("c2"))
    after = (await operator.get(f"{DOOR}?limit=1")).json()["page"]["next"]
    assert (await operator.get(f"{DOOR}?limit=5&after={after}")).json()["data"][0]["key"] == "c2"
    refused = [
        await operator.get(f"{DOOR}?limit=1&state=x&after={after}"),
        await operator.get(f"{DOOR}?limit=1&after={after}x"),
        await operator.get(f"{DOOR}?limit=1&after=AAAA"),
    ]
    async with bed.client(**issuer.bearer("ops:read", org="cn/6540/")) as elsewhere:
        refused.append(await elsewhere.get(f"{DOOR}?limit=1&after={after}"))
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(422, "cursor-invalid")] * 4


@pytest.mark.parametrize("asked", ["limit=0", "limit=201", "limit=-1", "limit=x", f"limit={10**30}"])
async def test_a_page_is_bounded(asked: str, operator: httpx.AsyncClient) -> None:
    answer = await operator.get(f"{DOOR}?{asked}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query/limit")


@pytest.mark.parametrize("parked_id", ["0", "x", str(2**63), "１"])
async def test_an_id_that_is_none_is_refused(parked_id: str, operator: httpx.AsyncClient) -> None:
    answer = await operator.get(f"{DOOR}/{parked_id}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "path/parked_id")
