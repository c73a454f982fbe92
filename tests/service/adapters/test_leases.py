"""Leases and fences: a question is one worker's at a time, and a worker that lost it changes nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.usecases.asking import Unread
from simulator.faults import FaultKind
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World, consent_withdrawn

EXPIRED_S = -1.0


async def test_a_claimed_cell_is_nobody_elses(bed: AskingBed, world: World) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    assert len(await bed.claim(Agency.TAX)) == 1
    assert await bed.claim(Agency.TAX) == []


async def test_claims_at_the_same_time_never_share_a_cell(bed: AskingBed, world: World) -> None:
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in range(40)))
    claims = await asyncio.gather(*(bed.claim(Agency.TAX, limit=7) for _ in range(12)))
    taken = [cell.inquiry.check_id for claim in claims for cell in claim]
    assert len(taken) == len(set(taken))
    rest = [cell.inquiry.check_id for _ in range(6) for cell in await bed.claim(Agency.TAX, limit=7)]
    assert len({*taken, *rest}) == 40


async def test_when_the_lease_is_over_another_worker_takes_it_and_the_first_records_nothing(
    bed: AskingBed, world: World
) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    slow = await bed.claim(Agency.TAX, lease_s=EXPIRED_S)
    late_answer = await bed.call(Agency.TAX, slow)
    await bed.give_up_lost_calls()
    quick = await bed.claim(Agency.TAX)
    assert quick[0].call_id != slow[0].call_id
    await bed.record(Agency.TAX, slow, late_answer)
    assert await bed.answers() == []
    assert await bed.rows("select 1 from evidence") == []
    assert await bed.is_open(1, Agency.TAX)
    await bed.record(Agency.TAX, quick, await bed.call(Agency.TAX, quick))
    assert len(await bed.items(1)) == 1
    await bed.record(Agency.TAX, slow, late_answer)
    assert len(await bed.items(1)) == 1


async def test_among_calls_that_end_together_each_is_recorded_for_itself(bed: AskingBed, world: World) -> None:
    """One was given up, one brought no answer, one only part of an answer, two are whole."""
    (couple,) = world.of_size(2, 1)
    agencies = [Agency.TAX, Agency.BANK, Agency.HOUSING, Agency.VEHICLE, Agency.SECURITIES]
    await bed.hear(world.check(couple, agencies))
    world.strike(Agency.HOUSING, FaultKind.WRONG_PERSON, world.person_no(couple), times=1)
    claims = {agency: await bed.claim(agency) for agency in agencies if agency is not Agency.TAX}
    lost = await bed.claim(Agency.TAX, lease_s=EXPIRED_S)
    late = await bed.call(Agency.TAX, lost)
    await bed.give_up_lost_calls()
    ended = [(claimed, await bed.call(agency, claimed)) for agency, claimed in claims.items()]
    ended[2] = (claims[Agency.VEHICLE], Unread(Reason.LATE))
    await bed.record_together([(lost, late), *ended])

    said = {event.agency: event.items for event in await bed.answers()}
    assert set(said) == {Agency.BANK, Agency.HOUSING, Agency.SECURITIES}
    assert [len(said[agency][0].answered) for agency in said] == [2, 1, 2]
    assert await bed.silences() == [(f"chk_{couple}", Agency.VEHICLE, Reason.LATE)]
    kept = await bed.rows("select call_id from evidence order by call_id")
    assert [row["call_id"] for row in kept] == sorted(
        claimed[0].call_id for claimed, _ in ended if claimed != ended[2][0]
    )
    still_open = {agency for agency in agencies if await bed.is_open(couple, agency)}
    assert still_open == {Agency.TAX, Agency.HOUSING, Agency.VEHICLE}


async def test_a_stale_failure_does_not_disturb_what_another_worker_recorded(bed: AskingBed, world: World) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    slow = await bed.claim(Agency.TAX, lease_s=EXPIRED_S)
    await bed.give_up_lost_calls()
    await bed.turn(Agency.TAX)
    await bed.record(Agency.TAX, slow, Unread(Reason.LATE))
    assert await bed.silences() == []
    assert set((await bed.outcomes(1)).values()) == {(Outcome.ANSWERED, Reason.NONE)}
    assert not await bed.is_open(1, Agency.TAX)


async def test_a_stale_worker_does_not_quarantine_a_cell_that_another_one_answers(bed: AskingBed, world: World) -> None:
    (couple,) = world.of_size(2, 1)
    await bed.hear(world.check(couple, [Agency.TAX], members=1))
    slow = await bed.claim(Agency.TAX, lease_s=EXPIRED_S)
    answer = await bed.call(Agency.TAX, slow)
    await bed.give_up_lost_calls()
    quick = await bed.claim(Agency.TAX)
    await bed.hear(consent_withdrawn(couple, 0))
    await bed.record(Agency.TAX, slow, answer)
    assert await bed.audited("answer.quarantined") == []
    await bed.record(Agency.TAX, quick, answer)
    assert len(await bed.audited("answer.quarantined")) == 1
    assert await bed.answers() == []


async def test_a_worker_that_was_slow_but_not_overtaken_still_records(bed: AskingBed, world: World) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    slow = await bed.claim(Agency.TAX, lease_s=EXPIRED_S)
    await bed.record(Agency.TAX, slow, await bed.call(Agency.TAX, slow))
    assert len(await bed.items(1)) == 1


async def test_people_are_read_from_the_database_by_a_process_that_did_not_open_the_check(
    bed: AskingBed, world: World
) -> None:
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in range(5)))
    async with bed.another_process() as other:
        await other.work_off(Agency.TAX)
    persons = {person.person_no for number in range(5) for person in world.population.household(number).members}
    assert set(world.asked(Agency.TAX)) == persons


async def test_cells_asked_again_do_not_travel_with_those_asked_first(bed: AskingBed, world: World) -> None:
    line, bed.connection(Agency.TAX).line = bed.connection(Agency.TAX).line, None
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in range(4)))
    await bed.turn(Agency.TAX)
    bed.connection(Agency.TAX).line = line
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in range(4, 8)))
    sizes = []
    while await bed.open_cells(Agency.TAX):
        claimed = await bed.claim_when_due(Agency.TAX)
        sizes.append({cell.attempts > 0 for cell in claimed})
        await bed.record(Agency.TAX, claimed, await bed.call(Agency.TAX, claimed))
    assert all(len(kinds) == 1 for kinds in sizes)
    assert {True} in sizes
    assert {False} in sizes


async def test_asking_is_given_up_after_the_agreed_days(bed: AskingBed, world: World) -> None:
    bed.connection(Agency.TAX).line = None
    await bed.hear(world.check(1, [Agency.TAX]))
    bed.move_clock(timedelta(days=29))
    await bed.turn(Agency.TAX)
    assert await bed.is_open(1, Agency.TAX)
    bed.move_clock(timedelta(days=31))
    await bed.turn(Agency.TAX)
    assert not await bed.is_open(1, Agency.TAX)
    assert await bed.items(1) == []
