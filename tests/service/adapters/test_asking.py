"""From an opened check to what verification is told: every question ends, and as what it is."""

from __future__ import annotations

import msgspec
import orjson
import pytest

from chassis.kafka import partition_of
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.store import calls as call_store
from services.adapters.usecases.evidence import digest_of, root_of, unpack
from simulator.faults import FaultKind
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World

ALL = tuple(Agency)


@pytest.mark.policy("R-066")
async def test_every_question_of_the_plan_ends_answered_once(bed: AskingBed, world: World) -> None:
    households = range(12)
    await bed.hear(*(world.check(number, ALL) for number in households))
    for agency in ALL:
        assert await bed.work_off(agency) == 1
    expected = {(f"chk_{number}", agency) for number in households for agency in ALL}
    told = [(item.check_id, event.agency) for event in await bed.answers() for item in event.items]
    assert sorted(told) == sorted(expected)
    for number in households:
        assert set((await bed.outcomes(number)).values()) == {(Outcome.ANSWERED, Reason.NONE)}
    assert not await bed.silences()


async def test_records_found_travel_in_the_private_part_beside_their_item(bed: AskingBed, world: World) -> None:
    households = range(40)
    await bed.hear(*(world.check(number, [Agency.PUBLIC_SECURITY, Agency.BANK]) for number in households))
    await bed.work_off(Agency.PUBLIC_SECURITY)
    await bed.work_off(Agency.BANK)
    found: dict[tuple[str, Agency], tuple[object, ...]] = {}
    for event in await bed.answers():
        for item, findings in zip(event.items, event.private.items, strict=True):
            assert {of.member_id for of in findings if of.records} <= set(item.answered)
            for of in findings:
                found[of.member_id, event.agency] = tuple(of.records)
    for number in households:
        for person in world.population.household(number).members:
            for agency in (Agency.PUBLIC_SECURITY, Agency.BANK):
                known = tuple(person.facts.get(agency, ()))
                assert found.get((f"mem_{number}_{person.index}", agency), ()) == known


async def test_a_household_is_told_on_its_own_partition(bed: AskingBed, world: World) -> None:
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in range(30)))
    await bed.work_off(Agency.TAX)
    events = await bed.answers()
    count = bed.bed.site.topics["adapters.answer"].partitions
    assert len({event.of_partition for event in events}) == len(events) > 1
    for event in events:
        assert event.partition == event.of_partition
        assert {partition_of(item.application_id, count) for item in event.items} == {event.of_partition}
    rows = await bed.rows("select key, partition from outbox order by id")
    assert [(row["key"], row["partition"]) for row in rows] == [(event.key, event.of_partition) for event in events]


async def test_a_check_heard_twice_is_asked_once(bed: AskingBed, world: World) -> None:
    first, again = world.check(1, [Agency.TAX]), world.check(1, [Agency.TAX])
    await bed.hear(first, first)
    await bed.hear(again)
    await bed.work_off(Agency.TAX)
    assert len(await bed.items(1)) == 1
    assert world.calls(Agency.TAX) == 1


async def test_a_call_names_at_most_two_hundred_persons(bed: AskingBed, world: World) -> None:
    large = world.of_size(5, 60)
    await bed.hear(*(world.check(number, [Agency.BANK]) for number in large))
    await bed.work_off(Agency.BANK)
    calls = world.ledger.calls(Agency.BANK, after=0, limit=100)
    persons = [sum(len(group) for group in call["asked"].values()) for call in calls]
    assert sum(persons) == 300
    assert max(persons) == 200


async def test_only_the_members_of_the_plan_are_named_to_the_agency(bed: AskingBed, world: World) -> None:
    (number,) = world.of_size(4, 1)
    await bed.hear(world.check(number, [Agency.TAX], members=2))
    await bed.work_off(Agency.TAX)
    assert world.asked(Agency.TAX) == [world.person_no(number, 0), world.person_no(number, 1)]


async def test_an_agency_without_address_is_silent_not_empty(bed: AskingBed, world: World) -> None:
    bed.connection(Agency.INSURANCE).line = None
    await bed.hear(world.check(1, [Agency.INSURANCE]))
    await bed.turn(Agency.INSURANCE)
    assert await bed.silences() == [("chk_1", Agency.INSURANCE, Reason.NOT_CONNECTED)]
    assert await bed.is_open(1, Agency.INSURANCE)
    assert not await bed.items(1)


async def test_silence_is_told_once_and_a_late_answer_follows(bed: AskingBed, world: World) -> None:
    world.strike(Agency.HOUSING, FaultKind.SERVER_ERROR)
    await bed.hear(world.check(1, [Agency.HOUSING]), world.check(2, [Agency.HOUSING]))
    for _ in range(3):
        await bed.turn_when_due(Agency.HOUSING)
    silent = sorted(await bed.silences())
    assert silent == [("chk_1", Agency.HOUSING, Reason.ERROR), ("chk_2", Agency.HOUSING, Reason.ERROR)]
    assert not await bed.answers()
    world.faults.clear()
    await bed.work_off(Agency.HOUSING)
    assert len(await bed.items(1)) == len(await bed.items(2)) == 1
    assert set((await bed.outcomes(1)).values()) == {(Outcome.ANSWERED, Reason.NONE)}
    assert len(await bed.silences()) == 2


@pytest.mark.parametrize(("kind", "answer_within_s"), [(FaultKind.SERVER_ERROR, 10.0), (FaultKind.SILENT, 0.4)])
async def test_one_person_an_agency_stumbles_over_is_found_and_the_others_are_answered(
    bed: AskingBed, world: World, kind: FaultKind
) -> None:
    world.strike(Agency.TAX, kind, world.person_no(7))
    households = range(16)
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in households))
    for _ in range(40):
        await bed.turn_when_due(Agency.TAX)
        if await bed.open_cells(Agency.TAX) == 1:
            break
    for number in households:
        assert len(await bed.items(number)) == (0 if number == 7 else 1)
    assert [each for each in await bed.silences() if each[0] == "chk_7"] == [
        ("chk_7", Agency.TAX, Reason.ERROR if kind is FaultKind.SERVER_ERROR else Reason.LATE)
    ]
    assert bed.connection(Agency.TAX).retried_per_call < 16


async def test_a_broken_document_is_bisected_down_to_single_questions(bed: AskingBed, world: World) -> None:
    (number,) = world.of_size(3, 1)
    others = [other for other in range(20) if other != number][:8]
    broken = BreaksOver(bed, Agency.BANK, world.population.household(number).members[1].citizen_id)
    await bed.hear(*(world.check(each, [Agency.BANK]) for each in [number, *others]))
    await bed.work_off(Agency.BANK)
    assert broken.struck > 3
    for other in others:
        assert set((await bed.outcomes(other)).values()) == {(Outcome.ANSWERED, Reason.NONE)}
    assert await bed.outcomes(number) == {
        f"mem_{number}_0": (Outcome.ANSWERED, Reason.NONE),
        f"mem_{number}_1": (Outcome.INVALID, Reason.MALFORMED),
        f"mem_{number}_2": (Outcome.ANSWERED, Reason.NONE),
    }


class BreaksOver:
    """An agency whose whole document breaks off whenever one certain person is asked about."""

    def __init__(self, bed: AskingBed, agency: Agency, citizen_id: str) -> None:
        connection = bed.connection(agency)
        assert connection.line is not None
        self._line = connection.line
        self._citizen_id = citizen_id.encode()
        self.struck = 0
        connection.line = self

    state = "closed"

    async def post(self, path: str, body: bytes) -> bytes:
        answer = await self._line.post(path, body)
        if self._citizen_id not in body:
            return answer
        self.struck += 1
        return answer[: len(answer) // 2]

    async def aclose(self) -> None:
        await self._line.aclose()


@pytest.mark.parametrize(
    ("kind", "reason"), [(FaultKind.MALFORMED, Reason.MALFORMED), (FaultKind.WRONG_PERSON, Reason.WRONG_PERSON)]
)
async def test_an_unusable_answer_is_invalid_and_asked_for_thrice_about_that_person_alone(
    bed: AskingBed, world: World, kind: FaultKind, reason: Reason
) -> None:
    (number,) = world.of_size(3, 1, start=100)
    world.strike(Agency.VEHICLE, kind, world.person_no(number, 1))
    await bed.hear(world.check(number, [Agency.VEHICLE]), world.check(1, [Agency.VEHICLE]))
    await bed.work_off(Agency.VEHICLE)
    outcomes = await bed.outcomes(number)
    assert outcomes[f"mem_{number}_1"] == (Outcome.INVALID, reason)
    assert outcomes[f"mem_{number}_0"] == outcomes[f"mem_{number}_2"] == (Outcome.ANSWERED, Reason.NONE)
    asked = world.asked(Agency.VEHICLE)
    assert asked.count(world.person_no(number, 1)) == 3
    assert asked.count(world.person_no(number, 0)) == 1
    assert not await bed.is_open(number, Agency.VEHICLE)


async def test_a_person_answered_rightly_the_second_time_is_answered(bed: AskingBed, world: World) -> None:
    world.strike(Agency.VEHICLE, FaultKind.WRONG_PERSON, world.person_no(3), times=1)
    await bed.hear(world.check(3, [Agency.VEHICLE]))
    await bed.work_off(Agency.VEHICLE)
    first, second = await bed.items(3)
    assert (first.unanswered[0].outcome, first.unanswered[0].reason) == (Outcome.INVALID, Reason.WRONG_PERSON)
    assert (second.answered, second.unanswered) == (("mem_3_0",), [])


async def test_evidence_proves_what_was_told_and_keeps_nothing_in_clear(bed: AskingBed, world: World) -> None:
    await bed.hear(*(world.check(number, [Agency.BANK]) for number in range(6)))
    await bed.work_off(Agency.BANK)
    (call,) = await bed.rows("select call_id from call")
    async with bed.transaction() as tx:
        evidence = await call_store.find_evidence(tx, call["call_id"])
    assert evidence is not None
    (raw,) = unpack(evidence.packed_answer)
    assert len(orjson.loads(raw)["custList"]) == len(world.asked(Agency.BANK))
    assert evidence.answer_digest == digest_of([raw])
    leaves = [evidence.leaves[at : at + 32].hex() for at in range(0, len(evidence.leaves), 32)]
    told = {item.leaf_hash for event in await bed.answers() for item in event.items}
    assert sorted(leaves) == sorted(told)
    (answered,) = await bed.audited("agency.answered")
    assert orjson.loads(str(answered["details"]))["root"] == evidence.root.hex() == root_of(evidence.leaves).hex()
    (kept,) = await bed.rows("select answer from evidence")
    for number in range(6):
        for person in world.population.household(number).members:
            assert person.citizen_id.encode() not in kept["answer"]


async def test_fields_nobody_asked_for_stay_in_the_sealed_raw_answer(bed: AskingBed, world: World) -> None:
    owners = [
        number
        for number in range(400)
        if any(person.facts.get(Agency.VEHICLE) for person in world.population.household(number).members)
    ][:5]
    await bed.hear(*(world.check(number, [Agency.VEHICLE]) for number in owners))
    await bed.work_off(Agency.VEHICLE)
    events = await bed.answers()
    clear = b"".join(msgspec.json.encode(event) for event in events)
    assert b"plate_mask" in clear
    for word in ("engineNo", "样例牌", "useNature"):
        assert word.encode() not in clear


@pytest.mark.policy("R-033", "R-240")
async def test_a_call_is_written_down_and_audited_before_it_is_made(bed: AskingBed, world: World) -> None:
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in range(3)))
    claimed = await bed.claim(Agency.TAX)
    assert world.calls(Agency.TAX) == 0
    (call,) = await bed.rows("select call_id, ended_at, purpose, persons, cardinality(inquiry_ids) as n from call")
    persons = sum(len(world.population.household(number).members) for number in range(3))
    assert (call["ended_at"], call["purpose"], call["n"]) == (None, "social_assistance_check", 3)
    assert call["persons"] == persons
    (asked,) = await bed.audited("agency.asked")
    assert (asked["subject"], asked["office"]) == (f"call_{call['call_id']}", "cn/2307/")
    assert orjson.loads(str(asked["details"])) == {
        "agency": "tax",
        "households": 3,
        "persons": persons,
        "purpose": "social_assistance_check",
    }
    await bed.record(Agency.TAX, claimed, await bed.call(Agency.TAX, claimed))
    (call,) = await bed.rows("select ended_at, outcome from call")
    assert call["ended_at"] is not None
