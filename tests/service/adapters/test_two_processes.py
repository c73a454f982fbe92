"""The queues in full swing: two processes share them, agencies come and go, and every question still ends once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from contracts.vocabulary import Agency, Reason
from simulator.faults import FaultKind
from tests.service.adapters.asking_bed import OPEN_CELLS, AskingBed
from tests.service.adapters.world import World, consent_withdrawn

PATIENCE_S = 30.0
AGENCIES = (Agency.TAX, Agency.BANK, Agency.PUBLIC_SECURITY, Agency.HOUSING)


@asynccontextmanager
async def working(bed: AskingBed) -> AsyncIterator[None]:
    """The bed's workers run while the block lasts."""
    running = asyncio.create_task(bed.bed.runtime.workers.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until_open_cells_are(bed: AskingBed, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(await bed.rows(OPEN_CELLS)) > count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_two_processes_share_the_queues_and_ask_about_nobody_twice(bed: AskingBed, world: World) -> None:
    households = range(150)
    async with bed.another_process() as other, working(bed), working(other):
        for start in range(0, 150, 30):
            beds = (bed, other)
            await beds[start // 30 % 2].hear(*(world.check(number, AGENCIES) for number in range(start, start + 30)))
        await until_open_cells_are(bed, 0)
    told = Counter((item.check_id, event.agency) for event in await bed.answers() for item in event.items)
    assert set(told) == {(f"chk_{number}", agency) for number in households for agency in AGENCIES}
    assert set(told.values()) == {1}
    persons = [person.person_no for number in households for person in world.population.household(number).members]
    for agency in AGENCIES:
        assert sorted(world.asked(agency)) == sorted(persons)


async def test_an_agency_that_is_down_delays_no_other_and_answers_late(bed: AskingBed, world: World) -> None:
    world.strike(Agency.HOUSING, FaultKind.SERVER_ERROR)
    households = range(40)
    async with working(bed):
        await bed.hear(*(world.check(number, AGENCIES) for number in households))
        await until_open_cells_are(bed, 40)
        answered = Counter(event.agency for event in await bed.answers() for _ in event.items)
        assert answered == {Agency.TAX: 40, Agency.BANK: 40, Agency.PUBLIC_SECURITY: 40}
        world.faults.clear()
        await until_open_cells_are(bed, 0)
    late = Counter(event.agency for event in await bed.answers() for _ in event.items)
    assert late[Agency.HOUSING] == 40
    silent = Counter(await bed.silences())
    assert silent == {(f"chk_{number}", Agency.HOUSING, Reason.ERROR): 1 for number in households}


async def test_in_full_swing_nobody_is_told_about_who_has_withdrawn(bed: AskingBed, world: World) -> None:
    """A member's answer may have been told before the withdrawal took effect, never after."""
    couples = world.of_size(2, 60)
    async with working(bed):
        await bed.hear(*(world.check(number, AGENCIES) for number in couples))
        told_by_then: dict[int, set[str]] = {}
        for number in couples:
            await bed.hear(consent_withdrawn(number, 1))
            told_by_then[number] = {item.leaf_hash for item in await bed.items(number)}
        await until_open_cells_are(bed, 0)
    for number in couples:
        for item in await bed.items(number):
            if item.leaf_hash not in told_by_then[number]:
                assert f"mem_{number}_1" not in item.answered
                assert {member.reason for member in item.unanswered} <= {Reason.CONSENT_WITHDRAWN}
