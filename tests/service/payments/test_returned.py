"""Money that comes back: a new attempt, linked to the line, into a corrected account."""

from __future__ import annotations

import pytest

from simulator.money.faults import MoneyFault
from tests.service.payments.bed import Payments
from tests.service.payments.world import COUNTY, MONTH, NOW, OTHER_TOWNSHIP, card

RIGHT = card(7_001)


async def returned_line(payments: Payments, fault: MoneyFault = MoneyFault.REJECTED_CARD) -> str:
    """A roster of two, of which the first household's card is no good."""
    await payments.paying(0, 1)
    payments.outside.strike("bank", fault, card(0))
    await payments.work_off()
    line = await payments.line(0)
    assert (line["state"]["code"], line["reason"]) == ("returned", fault.value)
    line_id: str = line["line_id"]
    return line_id


@pytest.mark.policy("R-209", "R-211")
@pytest.mark.parametrize("fault", [MoneyFault.REJECTED_CARD, MoneyFault.CLOSED_ACCOUNT])
async def test_a_returned_line_is_paid_by_a_new_attempt_into_the_corrected_account(
    payments: Payments, fault: MoneyFault
) -> None:
    line_id = await returned_line(payments, fault)
    answer = await payments.clerk.done(f"/lines/{line_id}/new-attempt", {"account": RIGHT})
    assert answer["state"]["code"] == "under_way"
    await payments.work_off()
    assert sorted(payments.outside.paid()) == sorted([(RIGHT, 90_000), (card(1), 90_000)])
    assert payments.outside.allocated() == [90_000, 90_000], "the line's money was allocated once"
    view = await payments.clerk.read(f"/lines/{line_id}")
    assert [(one["number"], one["state"]) for one in view["attempts"]] == [(1, "returned"), (2, "paid")]
    assert [one["account"][-4:] for one in view["attempts"]] == [card(0)[-4:], RIGHT[-4:]]
    outcomes = [(one.attempt, one.outcome, one.reason) for one in await payments.settled() if one.line_id == line_id]
    assert outcomes == [(1, "returned", fault.value), (2, "paid", "")]
    assert (await payments.reconcile())["differences"] == 0
    await payments.second.done(f"/months/{MONTH}/close", {"office": COUNTY})


async def test_a_returned_line_keeps_the_month_open(payments: Payments) -> None:
    await returned_line(payments)
    done = await payments.reconcile()
    assert await payments.kinds(done) == [("returned", "system")]
    assert (done["system_fen"], done["treasury_fen"], done["bank_fen"]) == (90_000, 180_000, 90_000)
    answer = await payments.second.post(f"/months/{MONTH}/close", {"office": COUNTY})
    assert (answer.status_code, answer.json()["code"]) == (409, "books-differ")
    ledger = await payments.officer.read("/ledger")
    assert ledger["sum_fen"] == 0
    assert {one["account"]["code"]: one["fen"] for one in ledger["balances"]}["bank"] == 90_000


async def test_the_next_roster_knows_the_corrected_account(payments: Payments) -> None:
    line_id = await returned_line(payments)
    await payments.clerk.done(f"/lines/{line_id}/new-attempt", {"account": RIGHT})
    await payments.work_off()
    payments.clock.at = NOW.replace(month=12)
    await payments.start(await payments.lock(await payments.draw("2027-01")))
    await payments.work_off()
    assert payments.outside.paid().count((RIGHT, 90_000)) == 2


async def test_a_new_attempt_whose_answer_is_lost_is_asked_about_like_any_other(payments: Payments) -> None:
    payments.outside.strike("bank", MoneyFault.DUPLICATE, times=None)
    line_id = await returned_line(payments)
    payments.outside.strike("bank", MoneyFault.ANSWER_LOST)
    await payments.clerk.done(f"/lines/{line_id}/new-attempt", {"account": RIGHT})
    await payments.work_off()
    assert payments.outside.paid().count((RIGHT, 90_000)) == 1


async def test_only_a_returned_line_is_tried_again_and_only_once_at_a_time(payments: Payments) -> None:
    line_id = await returned_line(payments)
    paid = (await payments.line(1))["line_id"]
    refused = await payments.clerk.post(f"/lines/{paid}/new-attempt", {"account": RIGHT})
    assert (refused.status_code, refused.json()["code"]) == (409, "line-not-returned")
    await payments.clerk.done(f"/lines/{line_id}/new-attempt", {"account": RIGHT})
    twice = await payments.clerk.post(f"/lines/{line_id}/new-attempt", {"account": RIGHT})
    assert (twice.status_code, twice.json()["code"]) == (409, "line-not-returned")


@pytest.mark.policy("R-209")
@pytest.mark.parametrize("account", ["", "6217", RIGHT[:-1] + "x", RIGHT[:-1] + str((int(RIGHT[-1]) + 1) % 10)])
async def test_a_card_number_that_is_none_is_refused_and_not_repeated(payments: Payments, account: str) -> None:
    line_id = await returned_line(payments)
    answer = await payments.clerk.post(f"/lines/{line_id}/new-attempt", {"account": account})
    assert answer.status_code == 422
    assert not account or account not in answer.text
    assert (await payments.line(0))["state"]["code"] == "returned"


async def test_another_township_does_not_correct_our_cards(payments: Payments) -> None:
    line_id = await returned_line(payments)
    stranger = payments.desk("stranger", OTHER_TOWNSHIP, "accounts:correct")
    assert (await stranger.post(f"/lines/{line_id}/new-attempt", {"account": RIGHT})).status_code == 404
    assert (await payments.officer.post(f"/lines/{line_id}/new-attempt", {"account": RIGHT})).status_code == 403
