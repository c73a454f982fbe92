"""Who may ask what: purpose and case for agencies, the admin token for everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.vocabulary import Agency
from services.adapters.agencies import REGISTRY
from simulator.identity import SANDBOX_FROM
from tests.unit.simulator.outside_world import OutsideWorld, subjects_for


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OutsideWorld]:
    async with OutsideWorld(tmp_path) as world:
        yield world


def _question(world: OutsideWorld, agency: Agency, households: int, purpose: str = "dibao", case: str = "c") -> bytes:
    persons = [member for number in range(households) for member in world.population.household(number).members]
    return REGISTRY[agency].question(subjects_for(persons), [case] * len(persons), purpose).body


@pytest.mark.parametrize("agency", list(Agency))
async def test_a_question_without_purpose_or_case_or_form_is_refused_and_not_entered(
    world: OutsideWorld, agency: Agency
) -> None:
    path = f"/agencies/{agency}/v1/bulk-query"
    for body, status in (
        (_question(world, agency, 2, purpose=""), 403),
        (_question(world, agency, 2, case=""), 403),
        (_question(world, agency, 300), 413),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"a":1}', 400),
        (_question(world, agency, 2).replace(b'"c"', b"7"), 400),
        (b" " * 1_000_001, 413),
    ):
        answer = await world.call("POST", path, body, token=None)
        assert answer is not None
        assert answer[0] == status, body[:80]
    assert (await world.admin("GET", "/admin/ledger"))["calls"] == []


async def test_the_single_query_takes_one_person(world: OutsideWorld) -> None:
    path = "/agencies/bank/v1/query"
    single = REGISTRY[Agency.BANK].question(subjects_for(world.population.household(0).members[:1]), ["c"], "dibao")
    assert single.path == "/v1/query"
    one = await world.call("POST", path, single.body, token=None)
    many = await world.call("POST", path, _question(world, Agency.BANK, 3), token=None)
    assert one is not None
    assert many is not None
    assert (one[0], many[0]) == (200, 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/agencies/nobody/v1/query", 404),
        ("POST", "/agencies/bank/v1/everything", 404),
        ("GET", "/agencies/bank/v1/query", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/people?count=-1", 400),
        ("GET", "/people?count=many", 400),
        ("GET", "/people?from=-5&count=2", 400),
        ("GET", "/admin/ledger?agency=nobody", 400),
        ("GET", "/readyz", 200),
    ],
)
async def test_paths(world: OutsideWorld, method: str, path: str, status: int) -> None:
    answer = await world.call(method, path)
    assert answer is not None
    assert answer[0] == status


@pytest.mark.parametrize("path", ["/people", "/truth", "/sandbox", "/admin/faults", "/admin/ledger"])
@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_the_admin_token_is_required(world: OutsideWorld, path: str, token: str | None) -> None:
    answer = await world.call("GET", path, token=token)
    assert answer is not None
    assert answer[0] == 403
    assert b"99" not in answer[1]


async def test_people_and_truth_speak_of_the_same_households(world: OutsideWorld) -> None:
    people = (await world.admin("GET", "/people?from=100&count=60&signed_on=2026-09-15&region=230799001"))["households"]
    truths = (await world.admin("GET", "/truth?from=100&count=60"))["households"]
    numbers = [household["household_no"] for household in people]
    assert numbers == [household["household_no"] for household in truths] == list(range(100, 160))
    assert any(household["flags"] for household in truths)
    for household, truth in zip(people, truths, strict=True):
        application: dict[str, Any] = household["application"]
        refs = [member["ref"] for member in application["members"]]
        assert application["region"] == "230799001"
        assert [consent["member_ref"] for consent in application["consents"]] == refs
        assert {consent["signed_on"] for consent in application["consents"]} == {"2026-09-15"}
        assert {item["member_ref"] for item in application["declaration"]} <= set(refs)
        for flag in truth["flags"]:
            assert refs[flag["member"]] == flag["member_ref"]


async def test_the_sandbox_is_listed_and_lacks_a_consent_where_it_says_so(world: OutsideWorld) -> None:
    listed = {one["sandbox"]: one for one in (await world.admin("GET", "/sandbox"))["households"]}
    assert listed[2]["flags"] == ["AST-08"]
    assert listed[20]["faults"] == [{"agency": "tax", "fault": "silent"}]
    answer = await world.call("GET", f"/people?from={SANDBOX_FROM + 30}&count=1")
    assert answer is not None
    application = orjson.loads(answer[1])["households"][0]["application"]
    assert [consent["member_ref"] for consent in application["consents"]] == ["m0"]
    assert len(application["members"]) == 2
