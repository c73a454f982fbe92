"""Who may look into adapters, and what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from contracts.vocabulary import Agency
from simulator.faults import FaultKind
from tests.issuer import Issuer
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World


@pytest.fixture
def issuer(bed: AskingBed) -> Issuer:
    return Issuer(bed.bed.site.tokens.jwks_file)


@pytest.fixture
async def client(bed: AskingBed) -> AsyncIterator[httpx.AsyncClient]:
    async with bed.client() as client:
        yield client


async def test_an_operator_sees_how_every_agency_is_doing(
    bed: AskingBed, world: World, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    bed.connection(Agency.INSURANCE).line = None
    await bed.hear(*(world.check(number, [Agency.TAX, Agency.BANK]) for number in range(3)))
    await bed.work_off(Agency.TAX)
    answer = await client.get("/adapters/v1/agencies", headers=issuer.bearer("ops:read"))
    assert answer.status_code == 200
    by_name = {each["agency"]: each for each in answer.json()["data"]}
    assert set(by_name) == set(Agency)
    tax, bank, insurance = by_name["tax"], by_name["bank"], by_name["insurance"]
    assert (tax["waiting"], tax["breaker"], tax["label"]) == (0, "closed", "税务")
    assert tax["last_good_answer_at"] is not None
    assert (bank["waiting"], bank["last_good_answer_at"]) == (3, None)
    assert (insurance["is_connected"], insurance["breaker"]) == (False, "not_connected")


async def test_an_agency_that_fails_on_and_on_shows_an_open_breaker(
    bed: AskingBed, world: World, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    world.strike(Agency.TAX, FaultKind.SERVER_ERROR)
    await bed.hear(world.check(1, [Agency.TAX]))
    for _ in range(12):
        await bed.turn_when_due(Agency.TAX)
    answer = await client.get("/adapters/v1/agencies", headers=issuer.bearer("ops:read"))
    breakers = {each["agency"]: each["breaker"] for each in answer.json()["data"]}
    assert breakers["tax"] == "open"
    assert breakers["bank"] == "closed"
    assert world.calls(Agency.TAX) < 12


@pytest.mark.policy("R-240")
async def test_an_auditor_sees_every_call_about_a_household_even_those_that_failed(
    bed: AskingBed, world: World, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    world.strike(Agency.TAX, FaultKind.SERVER_ERROR, times=1)
    await bed.hear(world.check(1, [Agency.TAX, Agency.BANK]), world.check(2, [Agency.TAX]))
    await bed.work_off(Agency.TAX)
    await bed.work_off(Agency.BANK)
    headers = issuer.bearer("audit:read")
    answer = await client.get("/adapters/v1/calls", params={"check_id": "chk_1"}, headers=headers)
    assert answer.status_code == 200
    calls = answer.json()["data"]
    assert [(call["agency"], call["outcome"], call["reason"]) for call in calls] == [
        ("tax", "silent", "error"),
        ("tax", "answered", "none"),
        ("bank", "answered", "none"),
    ]
    assert [call["evidence_root"] is not None for call in calls] == [False, True, True]
    assert {call["purpose"] for call in calls} == {"social_assistance_check"}
    for number in (1, 2):
        for person in world.population.household(number).members:
            assert person.citizen_id not in answer.text
            assert person.name not in answer.text


async def test_calls_come_in_pages(bed: AskingBed, world: World, client: httpx.AsyncClient, issuer: Issuer) -> None:
    await bed.hear(world.check(1, Agency))
    for agency in Agency:
        await bed.work_off(agency)
    headers, seen, after = issuer.bearer("audit:read"), [], ""
    while True:
        params = {"check_id": "chk_1", "limit": "4"} | ({"after": after} if after else {})
        answer = (await client.get("/adapters/v1/calls", params=params, headers=headers)).json()
        seen += [call["agency"] for call in answer["data"]]
        if not answer["page"]["has_more"]:
            break
        after = answer["page"]["next"]
    assert seen == list(Agency)


async def test_another_area_sees_neither_the_check_nor_that_it_exists(
    bed: AskingBed, world: World, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    await bed.work_off(Agency.TAX)
    elsewhere = issuer.bearer("audit:read", "cn/65/654099/")
    foreign = await client.get("/adapters/v1/calls", params={"check_id": "chk_1"}, headers=elsewhere)
    unknown = await client.get("/adapters/v1/calls", params={"check_id": "chk_0"}, headers=elsewhere)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["code"] == unknown.json()["code"] == "check-unknown"


@pytest.mark.parametrize(
    ("path", "scope"), [("/adapters/v1/agencies", "audit:read"), ("/adapters/v1/calls?check_id=chk_1", "ops:read")]
)
async def test_the_wrong_permission_opens_nothing(
    client: httpx.AsyncClient, issuer: Issuer, path: str, scope: str
) -> None:
    assert (await client.get(path, headers=issuer.bearer(scope))).status_code == 403
    assert (await client.get(path)).status_code == 401


async def test_a_check_id_of_another_form_is_refused_and_not_repeated(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    answer = await client.get(
        "/adapters/v1/calls", params={"check_id": "chk_1' or 1=1"}, headers=issuer.bearer("audit:read")
    )
    assert answer.status_code == 422
    assert "or 1=1" not in answer.text
