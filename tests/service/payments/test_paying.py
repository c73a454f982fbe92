"""Exactly one payment in the bank's own book, whatever is lost, late or killed between intent, call and record.

The bank here never looks whether it has executed an instruction before: nothing but our own care prevents a second one.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from services.payments.domain.words import Told, Unknown
from simulator.money.faults import MoneyFault, Peer
from tests.service.payments.bed import CUTOFF, PAUSE, Payments
from tests.service.payments.world import MONTH, NOW, application, card, decided

HOUSEHOLDS = 5
AMOUNT_FEN = 90_000
LOSSES: list[tuple[Peer, MoneyFault]] = [
    ("bank", MoneyFault.ANSWER_LOST),
    ("bank", MoneyFault.GARBLED),
    ("bank", MoneyFault.UNAVAILABLE),
    ("treasury", MoneyFault.ANSWER_LOST),
    ("treasury", MoneyFault.GARBLED),
    ("treasury", MoneyFault.UNAVAILABLE),
]
LATE_MS = 600
"""A little longer than the caller waits."""


@pytest.fixture
def forgetful(payments: Payments) -> Payments:
    """Bank and treasury execute whatever they are told, however often they are told."""
    payments.outside.strike("bank", MoneyFault.DUPLICATE, times=None)
    payments.outside.strike("treasury", MoneyFault.DUPLICATE, times=None)
    return payments


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact; the test's own time limit ends a wait for what never comes."""
    while not fact():  # noqa: ASYNC110 (what happens at the bank is told to nobody here)
        await asyncio.sleep(0.01)


async def everything_paid_once(payments: Payments, households: int = HOUSEHOLDS) -> None:
    outside = payments.outside
    assert sorted(outside.paid()) == sorted((card(number), AMOUNT_FEN) for number in range(households))
    assert outside.allocated() == [AMOUNT_FEN] * households
    settled = [one for one in await payments.settled() if one.outcome == "paid"]
    assert sorted(one.application_id for one in settled) == [application(number) for number in range(households)]
    entries = await payments.bed.rows("select movement, count(*) as n, sum(amount_fen) as fen from entries group by 1")
    total_fen = households * AMOUNT_FEN
    assert {one["movement"]: (one["n"], one["fen"]) for one in entries} == {
        "allocated": (households, total_fen),
        "paid": (households, total_fen),
    }
    outside.heal()
    done = await payments.reconcile()
    assert (done["differences"], done["system_fen"], done["bank_fen"]) == (0, total_fen, total_fen)


@pytest.mark.parametrize("crash", ["nowhere", "before the call", "before the record", "in both places"])
@pytest.mark.parametrize(("peer", "fault"), LOSSES, ids=lambda one: str(one))
async def test_a_lost_answer_and_a_lost_worker_cost_nobody_and_double_nothing(
    forgetful: Payments, peer: Peer, fault: MoneyFault, crash: str
) -> None:
    await forgetful.paying(*range(HOUSEHOLDS))
    if crash in ("before the call", "in both places"):
        assert len(await forgetful.claim()) == HOUSEHOLDS
        await forgetful.lose_workers()
    forgetful.outside.strike(peer, fault)
    if crash in ("before the record", "in both places"):
        await forgetful.call(await forgetful.claim())
        await forgetful.lose_workers()
    await forgetful.work_off()
    await everything_paid_once(forgetful)


async def test_an_answer_that_never_came_leaves_the_intent_and_the_bank_is_asked_before_anything_is_sent(
    forgetful: Payments,
) -> None:
    await forgetful.paying(0)
    forgetful.outside.strike("bank", MoneyFault.ANSWER_LOST)
    claimed = await forgetful.claim()
    (told,) = await forgetful.call(claimed)
    assert told == Told(Unknown("late"), is_allocated=True)
    await forgetful.record(claimed, [told])
    (attempt,) = await forgetful.bed.rows("select state, unanswered, sendings from attempts")
    assert attempt == {"state": "intended", "unanswered": 1, "sendings": 1}
    assert await forgetful.claim() == [], "the bank is left alone for a while"
    forgetful.clock.at += PAUSE
    (again,) = await forgetful.claim()
    assert (again.must_ask, again.sendings, again.fence) == (True, 1, 2)
    await forgetful.record([again], await forgetful.call([again]))
    await everything_paid_once(forgetful, 1)


async def test_not_found_before_the_cut_off_is_no_reason_to_send_again(forgetful: Payments) -> None:
    """The instruction is still on its way when the bank is asked, and arrives afterwards."""
    await forgetful.paying(0)
    forgetful.outside.strike("bank", MoneyFault.LATE, ms=LATE_MS)
    await forgetful.turn()
    assert forgetful.outside.paid() == []
    forgetful.clock.at += PAUSE
    (asked,) = await forgetful.claim()
    told = await forgetful.call([asked])
    assert told[0].word.as_of <= asked.valid_until
    await forgetful.record([asked], told)
    await until(lambda: bool(forgetful.outside.paid()))
    assert await forgetful.claim() == [], "nothing is due before the cut-off"
    forgetful.clock.at += CUTOFF + PAUSE
    await forgetful.turn()
    await everything_paid_once(forgetful, 1)


async def test_what_arrives_after_the_cut_off_is_not_executed_and_is_sent_anew(forgetful: Payments) -> None:
    await forgetful.paying(0)
    forgetful.outside.strike("bank", MoneyFault.LATE, ms=LATE_MS)
    claimed = await forgetful.claim()
    told = await forgetful.call(claimed)
    await forgetful.record(claimed, told)
    forgetful.clock.at += CUTOFF + PAUSE
    await forgetful.work_off()
    (attempt,) = await forgetful.bed.rows("select number, sendings from attempts")
    assert attempt == {"number": 1, "sendings": 2}
    await everything_paid_once(forgetful, 1)


async def test_a_worker_that_slept_through_the_cut_off_sends_what_the_bank_refuses(forgetful: Payments) -> None:
    await forgetful.paying(*range(HOUSEHOLDS))
    asleep = await forgetful.claim()
    await forgetful.lose_workers()
    forgetful.clock.at += CUTOFF + PAUSE
    await forgetful.work_off()
    told = await forgetful.call(asleep)
    assert {type(one.word).__name__ for one in told} == {"NotDone"}
    await forgetful.record(asleep, told)
    await everything_paid_once(forgetful)


async def test_a_worker_whose_lease_was_taken_over_records_nothing(forgetful: Payments) -> None:
    await forgetful.paying(*range(HOUSEHOLDS))
    slow = await forgetful.claim()
    told = await forgetful.call(slow)
    await forgetful.lose_workers()
    quick = await forgetful.claim()
    await forgetful.record(slow, told)
    assert await forgetful.settled() == []
    await forgetful.record(quick, await forgetful.call(quick))
    await forgetful.record(slow, told)
    await everything_paid_once(forgetful)


async def test_a_worker_that_would_not_ask_first_would_pay_twice(forgetful: Payments) -> None:
    """The control: with the question left out, this very bank pays a second time."""
    await forgetful.paying(0)
    forgetful.outside.strike("bank", MoneyFault.ANSWER_LOST)
    await forgetful.turn()
    forgetful.clock.at += PAUSE
    (again,) = await forgetful.claim()
    await forgetful.call([replace(again, must_ask=False)])
    assert len(forgetful.outside.paid()) == 2


async def test_workers_at_the_same_time_never_share_a_line(forgetful: Payments) -> None:
    await forgetful.paying(*range(40))
    claims = await asyncio.gather(*(forgetful.claim(7) for _ in range(8)))
    lines = [one.line_id for claimed in claims for one in claimed]
    assert len(lines) == len(set(lines))
    await asyncio.gather(*(_finish(forgetful, claimed) for claimed in claims if claimed))
    await forgetful.work_off()
    await everything_paid_once(forgetful, 40)


async def _finish(payments: Payments, claimed: list[object]) -> None:
    await payments.record(claimed, await payments.call(claimed))


async def test_the_intent_is_committed_before_anybody_is_told(forgetful: Payments) -> None:
    await forgetful.paying(*range(HOUSEHOLDS))
    claimed = await forgetful.claim()
    rows = await forgetful.bed.rows("select instruction_id, state, amount_fen from attempts")
    assert {row["instruction_id"] for row in rows} == {one.instruction_id for one in claimed}
    assert {(row["state"], row["amount_fen"]) for row in rows} == {("intended", AMOUNT_FEN)}
    assert forgetful.outside.paid() == []
    assert forgetful.outside.allocated() == []


@pytest.mark.policy("R-208")
async def test_without_the_treasury_the_bank_is_not_spoken_to(forgetful: Payments) -> None:
    await forgetful.paying(*range(HOUSEHOLDS))
    forgetful.outside.strike("treasury", MoneyFault.UNAVAILABLE, times=None)
    for _ in range(3):
        await forgetful.turn()
        forgetful.clock.at += CUTOFF + 64 * PAUSE
    assert forgetful.outside.paid() == []
    forgetful.outside.heal()
    await forgetful.work_off()
    await everything_paid_once(forgetful)


async def test_a_decision_held_before_the_intent_stops_the_line_and_after_it_does_not(forgetful: Payments) -> None:
    await forgetful.paying(0, 1)
    (first,) = await forgetful.claim(1)
    begun = int(first.application_id.removeprefix("app_"), 16)
    await forgetful.hear(decided(0, "held", version=2), decided(1, "held", version=2))
    assert (await forgetful.line(begun))["state"]["code"] == "under_way"
    assert (await forgetful.line(1 - begun))["state"]["code"] == "stopped"
    await forgetful.record([first], await forgetful.call([first]))
    await forgetful.work_off()
    assert forgetful.outside.paid() == [(card(begun), AMOUNT_FEN)]


async def test_a_line_whose_decision_fell_between_drawing_and_claiming_is_stopped_at_the_claim(
    forgetful: Payments,
) -> None:
    """Even where the stop missed the line, as when both happened at once."""
    await forgetful.paying(0, 1)
    await forgetful.sql("update entitlements set state = 'held' where application_id = $1", application(0))
    await forgetful.sql("update entitlements set decision_hash = 'other' where application_id = $1", application(1))
    assert await forgetful.claim() == []
    assert {(await forgetful.line(number))["reason"] for number in (0, 1)} == {"held", "decided_anew"}
    assert forgetful.outside.paid() == []


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_losses_and_killed_workers_pays_everybody_once(forgetful: Payments, seed: int) -> None:
    draw, households = random.Random(seed), 60
    await forgetful.paying(*range(households))
    struck: Counter[str] = Counter()
    while await forgetful.open_lines():
        if draw.random() < 0.5 and struck.total() < 40:
            peer, fault = draw.choice(LOSSES)
            forgetful.outside.strike(peer, fault)
            struck[f"{peer} {fault}"] += 1
        claimed = await forgetful.claim(draw.randint(1, 15))
        if not claimed:
            await forgetful.lose_workers()
            forgetful.clock.at += CUTOFF / 2
            continue
        end = draw.random()
        if end < 0.15:
            struck["killed before the call"] += 1
        else:
            told = await forgetful.call(claimed)
            if end < 0.35:
                struck["killed before the record"] += 1
            else:
                await forgetful.record(claimed, told)
        if draw.random() < 0.5:
            await forgetful.lose_workers()
        forgetful.clock.at += PAUSE * draw.randint(0, 5)
    assert len(struck) >= 6, "the storm must blow from every side"
    await everything_paid_once(forgetful, households)


@pytest.mark.policy("R-207")
async def test_a_month_not_paid_by_its_day_shows_as_late(payments: Payments) -> None:
    roster = await payments.paying(0)
    view = await payments.officer.read(f"/rosters/{roster['roster_id']}")
    assert view["pays_before"].startswith(f"{MONTH}-10T00:00:00")
    assert not view["is_payment_late"]
    payments.clock.at = NOW.replace(month=12, day=9, hour=15, minute=59, second=59)
    assert not (await payments.officer.read(f"/rosters/{roster['roster_id']}"))["is_payment_late"]
    payments.clock.at = NOW.replace(month=12, day=9, hour=16)
    assert (await payments.officer.read(f"/rosters/{roster['roster_id']}"))["is_payment_late"]
    await payments.work_off()
    assert not (await payments.officer.read(f"/rosters/{roster['roster_id']}"))["is_payment_late"]
