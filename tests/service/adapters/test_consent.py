"""Withdrawn consent: nobody is asked about who withdrew, and what was under way is told to nobody."""

from __future__ import annotations

import asyncio
import random

import orjson
import pytest

from contracts.vocabulary import Agency, Outcome, Reason
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World, application_withdrawn, consent_withdrawn, member_id

WITHDRAWN = (Outcome.SILENT, Reason.CONSENT_WITHDRAWN)
ANSWERED = (Outcome.ANSWERED, Reason.NONE)


@pytest.fixture
def couple(world: World) -> int:
    """A household of two."""
    return world.of_size(2, 1)[0]


@pytest.mark.policy("R-024")
async def test_a_withdrawal_before_the_check_is_heard_of_holds(bed: AskingBed, world: World, couple: int) -> None:
    await bed.hear(consent_withdrawn(couple, 1))
    await bed.hear(world.check(couple, [Agency.TAX]))
    await bed.work_off(Agency.TAX)
    assert world.asked(Agency.TAX) == [world.person_no(couple, 0)]
    assert await bed.outcomes(couple) == {member_id(couple, 0): ANSWERED, member_id(couple, 1): WITHDRAWN}


async def test_a_withdrawal_of_everybody_before_the_check_stops_it_and_says_so(
    bed: AskingBed, world: World, couple: int
) -> None:
    await bed.hear(consent_withdrawn(couple, 0), consent_withdrawn(couple, 1))
    await bed.hear(world.check(couple, [Agency.TAX, Agency.BANK]))
    assert await bed.turn(Agency.TAX) == 0
    assert sorted(await bed.silences()) == [
        (f"chk_{couple}", Agency.BANK, Reason.CONSENT_WITHDRAWN),
        (f"chk_{couple}", Agency.TAX, Reason.CONSENT_WITHDRAWN),
    ]
    assert not await bed.is_open(couple, Agency.TAX)


async def test_a_withdrawal_in_the_same_batch_as_the_check_holds(bed: AskingBed, world: World, couple: int) -> None:
    await bed.hear(world.check(couple, [Agency.TAX]), consent_withdrawn(couple, 0))
    await bed.work_off(Agency.TAX)
    assert world.asked(Agency.TAX) == [world.person_no(couple, 1)]


async def test_a_withdrawal_between_opening_and_claim_takes_the_member_out(
    bed: AskingBed, world: World, couple: int
) -> None:
    await bed.hear(world.check(couple, [Agency.TAX, Agency.BANK]))
    await bed.hear(consent_withdrawn(couple, 1))
    await bed.work_off(Agency.TAX)
    await bed.work_off(Agency.BANK)
    assert world.asked(Agency.TAX) == world.asked(Agency.BANK) == [world.person_no(couple, 0)]
    assert await bed.outcomes(couple) == {member_id(couple, 0): ANSWERED, member_id(couple, 1): WITHDRAWN}
    (withdrawn,) = await bed.audited("consent.withdrawn")
    assert withdrawn["subject"] == f"app_{couple}"
    assert orjson.loads(str(withdrawn["details"])) == {"members": 1, "cells_stopped": 0}


async def test_a_cell_in_which_nobody_is_left_stops_and_is_told_as_silent(
    bed: AskingBed, world: World, couple: int
) -> None:
    await bed.hear(world.check(couple, [Agency.TAX], members=1))
    await bed.hear(consent_withdrawn(couple, 0))
    assert await bed.turn(Agency.TAX) == 0
    assert await bed.silences() == [(f"chk_{couple}", Agency.TAX, Reason.CONSENT_WITHDRAWN)]
    assert world.calls(Agency.TAX) == 0


async def test_a_withdrawal_during_the_call_quarantines_that_members_answer(
    bed: AskingBed, world: World, couple: int
) -> None:
    await bed.hear(world.check(couple, [Agency.BANK]))
    claimed = await bed.claim(Agency.BANK)
    ended = await bed.call(Agency.BANK, claimed)
    await bed.hear(consent_withdrawn(couple, 0))
    await bed.record(Agency.BANK, claimed, ended)
    assert await bed.outcomes(couple) == {member_id(couple, 0): WITHDRAWN, member_id(couple, 1): ANSWERED}
    (event,) = await bed.answers()
    assert member_id(couple, 0) not in {of.member_id for item in event.private.items for of in item}
    (quarantined,) = await bed.audited("answer.quarantined")
    assert quarantined["subject"] == f"chk_{couple}"
    assert orjson.loads(str(quarantined["details"])) == {"agency": "bank", "members": 1, "call": "call_1"}


async def test_a_withdrawal_of_everybody_during_the_call_keeps_the_answer_as_evidence_only(
    bed: AskingBed, world: World, couple: int
) -> None:
    await bed.hear(world.check(couple, [Agency.BANK]))
    claimed = await bed.claim(Agency.BANK)
    ended = await bed.call(Agency.BANK, claimed)
    await bed.hear(consent_withdrawn(couple, 0), consent_withdrawn(couple, 1))
    await bed.record(Agency.BANK, claimed, ended)
    assert not await bed.is_open(couple, Agency.BANK)
    assert not await bed.answers()
    assert len(await bed.rows("select 1 from evidence")) == 1
    assert len(await bed.audited("answer.quarantined")) == 1


async def test_a_withdrawn_application_stops_every_cell_and_verification_needs_no_telling(
    bed: AskingBed, world: World, couple: int
) -> None:
    other = couple + 1
    await bed.hear(*(world.check(number, [Agency.TAX, Agency.BANK]) for number in (couple, other)))
    claimed = await bed.claim(Agency.BANK)
    ended = await bed.call(Agency.BANK, claimed)
    await bed.hear(application_withdrawn(couple))
    await bed.record(Agency.BANK, claimed, ended)
    await bed.work_off(Agency.TAX)
    assert await bed.items(couple) == []
    assert await bed.silences() == []
    assert len(await bed.items(other)) == 2
    assert world.person_no(couple) not in world.asked(Agency.TAX)
    assert not await bed.is_open(couple, Agency.TAX)
    assert not await bed.is_open(couple, Agency.BANK)
    assert len(await bed.audited("answer.quarantined")) == 1
    assert len(await bed.audited("application.withdrawn")) == 1


async def test_a_withdrawal_while_asking_again_is_under_way_ends_the_asking(
    bed: AskingBed, world: World, couple: int
) -> None:
    bed.connection(Agency.TAX).line = None
    await bed.hear(world.check(couple, [Agency.TAX], members=1))
    await bed.turn(Agency.TAX)
    await bed.hear(consent_withdrawn(couple, 0))
    assert await bed.turn_when_due(Agency.TAX) == 0
    assert [reason for _, _, reason in await bed.silences()] == [Reason.NOT_CONNECTED, Reason.CONSENT_WITHDRAWN]


async def test_a_withdrawal_heard_twice_is_one(bed: AskingBed, world: World, couple: int) -> None:
    await bed.hear(world.check(couple, [Agency.TAX]))
    await bed.hear(consent_withdrawn(couple, 1))
    await bed.hear(consent_withdrawn(couple, 1))
    assert len(await bed.rows("select 1 from consent_withdrawn")) == 1
    await bed.work_off(Agency.TAX)
    assert world.asked(Agency.TAX) == [world.person_no(couple, 0)]


async def test_openings_and_withdrawals_at_the_same_time_never_miss_each_other(bed: AskingBed, world: World) -> None:
    """Whichever commits second sees the first: no member who withdrew is left in an open cell."""
    households = world.of_size(2, 60)
    facts = [
        fact for number in households for fact in (world.check(number, [Agency.TAX]), consent_withdrawn(number, 1))
    ]
    random.Random(7).shuffle(facts)
    await asyncio.gather(*(bed.hear(fact) for fact in facts))
    rows = await bed.rows("select planned, members from cell")
    assert len(rows) == len(households)
    assert {(row["planned"], row["members"]) for row in rows} == {(0b11, 0b01)}


@pytest.mark.policy("R-024")
async def test_claims_and_withdrawals_at_the_same_time_ask_about_nobody_who_withdrew_first(
    bed: AskingBed, world: World
) -> None:
    """Judged by what was claimed: a member in a claim that began after the withdrawal's commit would be a failure."""
    households = world.of_size(2, 60)
    await bed.hear(*(world.check(number, [Agency.TAX]) for number in households))
    gone: set[str] = set()
    asked_after: list[str] = []

    async def withdraw(number: int) -> None:
        await bed.hear(consent_withdrawn(number, 1))
        gone.add(member_id(number, 1))

    async def ask() -> None:
        before = frozenset(gone)
        for cell in await bed.claim(Agency.TAX, limit=3):
            members = cell.inquiry.members
            named = [member.member_id for member in members if cell.members & member.bit]
            asked_after.extend(set(named) & before)

    await asyncio.gather(*(step for number in households for step in (withdraw(number), ask())))
    assert asked_after == []
    assert len(gone) == len(households)
    left = await bed.rows("select members from cell union all select unnest(members) from asking")
    assert [row for row in left if row["members"] & 0b10] == []
