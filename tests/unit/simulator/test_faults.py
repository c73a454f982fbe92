"""Each named fault does what its name says, to whom it was set for, and stops when it is removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from contracts.vocabulary import Agency, Reason
from services.adapters.domain.agency import Answered, Invalid
from simulator.family import Person
from simulator.identity import SANDBOX_FROM
from tests.unit.simulator.outside_world import OutsideWorld

MALFORMED = Invalid(Reason.MALFORMED)
WRONG_PERSON = Invalid(Reason.WRONG_PERSON)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OutsideWorld]:
    async with OutsideWorld(tmp_path) as world:
        yield world


@pytest.fixture
def persons(world: OutsideWorld) -> list[Person]:
    return [member for number in range(10) for member in world.population.household(number).members]


@pytest.mark.parametrize("agency", list(Agency))
async def test_malformed_for_one_identity_spoils_that_entry_only(
    world: OutsideWorld, persons: list[Person], agency: Agency
) -> None:
    for place in (1, 2, 3):
        await world.admin("DELETE", "/admin/faults")
        fault = {"agency": agency, "fault": "malformed", "citizen_id": persons[place].citizen_id}
        await world.admin("PUT", "/admin/faults", fault)
        asked = await world.ask(agency, persons)
        assert asked is not None
        status, results = asked
        assert status == 200
        assert results.pop(f"r{place}") == MALFORMED
        assert all(isinstance(result, Answered) for result in results.values())


@pytest.mark.parametrize("agency", list(Agency))
async def test_malformed_for_an_agency_breaks_the_document(
    world: OutsideWorld, persons: list[Person], agency: Agency
) -> None:
    await world.admin("PUT", "/admin/faults", {"agency": agency, "fault": "malformed"})
    asked = await world.ask(agency, persons)
    assert asked is not None
    assert asked[0] == 200
    assert set(asked[1].values()) == {MALFORMED}


@pytest.mark.parametrize("agency", list(Agency))
async def test_wrong_person_is_seen_for_one_and_for_all(
    world: OutsideWorld, persons: list[Person], agency: Agency
) -> None:
    fault = {"agency": agency, "fault": "wrong_person", "citizen_id": persons[0].citizen_id}
    await world.admin("PUT", "/admin/faults", fault)
    asked = await world.ask(agency, persons)
    assert asked is not None
    assert asked[1].pop("r0") == WRONG_PERSON
    assert all(isinstance(result, Answered) for result in asked[1].values())
    await world.admin("PUT", "/admin/faults", {"agency": agency, "fault": "wrong_person"})
    asked = await world.ask(agency, persons)
    assert asked is not None
    assert set(asked[1].values()) == {WRONG_PERSON}


@pytest.mark.parametrize("agency", [agency for agency in Agency if agency is not Agency.PUBLIC_SECURITY])
async def test_an_answer_that_claims_records_and_lists_none_is_no_empty_answer(
    world: OutsideWorld, persons: list[Person], agency: Agency
) -> None:
    without = next(person for person in persons if not person.is_adult)
    await world.admin("PUT", "/admin/faults", {"agency": agency, "fault": "empty"})
    asked = await world.ask(agency, [without])
    assert asked is not None
    assert asked[1] == {"r0": MALFORMED}


async def test_silent_never_answers_but_was_asked(world: OutsideWorld, persons: list[Person]) -> None:
    fault = {"agency": "tax", "fault": "silent", "citizen_id": persons[2].citizen_id}
    await world.admin("PUT", "/admin/faults", fault)
    assert await world.ask(Agency.TAX, persons) is None
    assert await world.ask(Agency.BANK, persons) is not None
    summary = await world.admin("GET", "/admin/ledger/summary")
    assert summary["agencies"]["tax"] == {"calls": 1, "asked": len(persons), "persons": len(persons)}


async def test_server_error_befalls_as_many_calls_as_asked_for(world: OutsideWorld, persons: list[Person]) -> None:
    await world.admin("PUT", "/admin/faults", {"agency": "housing", "fault": "server_error", "times": 2})
    statuses = []
    for _ in range(3):
        asked = await world.ask(Agency.HOUSING, persons)
        assert asked is not None
        statuses.append(asked[0])
    assert statuses == [500, 500, 200]


async def test_slow_and_latency_are_waited_for(
    world: OutsideWorld, persons: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def rest(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", rest)
    await world.admin("PUT", "/admin/faults", {"agency": "bank", "latency_ms": 40})
    await world.ask(Agency.BANK, persons)
    fault = {"agency": "bank", "fault": "slow", "ms": 700, "citizen_id": persons[0].citizen_id}
    await world.admin("PUT", "/admin/faults", fault)
    asked = await world.ask(Agency.BANK, persons)
    await world.ask(Agency.BANK, persons[1:])
    assert asked is not None
    assert all(isinstance(result, Answered) for result in asked[1].values())
    assert waited == [0.04, 0.74, 0.04]


async def test_a_removed_fault_is_over_and_the_built_in_ones_stay(world: OutsideWorld, persons: list[Person]) -> None:
    before = await world.admin("GET", "/admin/faults")
    await world.admin("PUT", "/admin/faults", {"agency": "tax", "fault": "server_error"})
    await world.admin("PUT", "/admin/faults", {"agency": "tax", "latency_ms": 5})
    await world.admin("DELETE", "/admin/faults/tax:server_error:all")
    asked = await world.ask(Agency.TAX, persons)
    assert asked is not None
    assert asked[0] == 200
    await world.admin("DELETE", "/admin/faults")
    assert await world.admin("GET", "/admin/faults") == before
    assert any(fault["agency"] == "tax" and fault["fault"] == "silent" for fault in before["faults"])
    assert await world.call("DELETE", "/admin/faults/tax:server_error:all") == (404, b'{"error":"no such thing"}')


@pytest.mark.parametrize(
    "wrong",
    [
        {"agency": "nobody", "fault": "silent"},
        {"agency": "tax", "fault": "lazy"},
        {"agency": "tax"},
        {"agency": "tax", "fault": "slow", "ms": "soon"},
        {"agency": "tax", "fault": "silent", "citizen_id": "230101199001010011"},
        {"agency": "tax", "fault": "silent", "until": "noon"},
        [],
    ],
)
async def test_a_misspelt_fault_is_refused_and_changes_nothing(world: OutsideWorld, wrong: object) -> None:
    before = await world.admin("GET", "/admin/faults")
    answer = await world.call("PUT", "/admin/faults", orjson.dumps(wrong))
    assert answer is not None
    assert answer[0] == 400
    assert await world.admin("GET", "/admin/faults") == before


async def test_sandbox_identities_have_their_faults_from_the_start(world: OutsideWorld) -> None:
    def applicant(number: int) -> list[Person]:
        return [world.population.household(SANDBOX_FROM + number).members[0]]

    assert await world.ask(Agency.TAX, applicant(20)) is None
    first = await world.ask(Agency.HOUSING, applicant(21))
    again = await world.ask(Agency.HOUSING, applicant(21))
    assert first is not None
    assert again is not None
    assert (first[0], again[0]) == (500, 200)
    for number, agency, invalid in (
        (11, Agency.VEHICLE, WRONG_PERSON),
        (23, Agency.SECURITIES, MALFORMED),
        (24, Agency.BANK, MALFORMED),
    ):
        assert await world.ask(agency, applicant(number)) == (200, {"r0": invalid})
    for agency in Agency:
        clean = await world.ask(agency, applicant(1))
        assert clean is not None
        assert isinstance(clean[1]["r0"], Answered)
