"""What is kept, sealed or not at all, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.sealing import SealBroken
from contracts.vocabulary import Agency
from services.adapters import schedule
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World

TABLES = ("inquiry", "cell", "asking", "call", "evidence", "outbox", "audit", "consent_withdrawn", "inbox")


async def clear_bytes(bed: AskingBed) -> bytes:
    """Every value of every table, detoasted, texts and bytes as they lie there."""
    values: list[bytes] = []
    for table in TABLES:
        for row in await bed.rows(f"select * from {table}"):
            values += [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
    return b"\n".join(values)


async def test_nobody_stands_in_clear_in_any_table(bed: AskingBed, world: World) -> None:
    households = range(10)
    await bed.hear(*(world.check(number, Agency) for number in households))
    for agency in Agency:
        await bed.work_off(agency)
    kept = await clear_bytes(bed)
    for number in households:
        for person in world.population.household(number).members:
            assert person.citizen_id.encode() not in kept
            assert person.name.encode() not in kept
    planted = world.population.household(0).members[0].citizen_id
    await bed.rows("update call set purpose = $1 where call_id = 1", planted)
    assert planted.encode() in await clear_bytes(bed)


async def test_raw_answers_go_after_ninety_days_and_calls_stay(bed: AskingBed, world: World) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    await bed.work_off(Agency.TAX)
    await forget(bed, timedelta(days=89))
    assert len(await bed.rows("select 1 from evidence")) == 1
    await forget(bed, timedelta(days=91))
    assert await bed.rows("select 1 from evidence") == []
    assert len(await bed.rows("select 1 from call")) == 1
    (inquiry,) = await bed.rows("select people from inquiry")
    assert inquiry["people"] == b""


async def test_people_of_a_question_still_open_are_not_forgotten(bed: AskingBed, world: World) -> None:
    await bed.hear(world.check(1, [Agency.TAX]))
    await forget(bed, timedelta(days=91))
    await bed.work_off(Agency.TAX)
    assert not await bed.is_open(1, Agency.TAX)
    assert len(await bed.items(1)) == 1


async def test_a_sealed_household_opens_only_at_its_own_row(bed: AskingBed, world: World) -> None:
    await bed.hear(world.check(1, [Agency.TAX]), world.check(2, [Agency.TAX]))
    await bed.rows(
        "update inquiry set people = other.people from inquiry other"
        " where inquiry.check_id = 'chk_1' and other.check_id = 'chk_2'"
    )
    async with bed.another_process() as other:
        with pytest.raises(SealBroken):
            await other.claim(Agency.TAX)


async def forget(bed: AskingBed, later: timedelta) -> None:
    async with bed.transaction() as tx:
        await schedule.forget_what_has_served(tx, now=bed.now() + later)
