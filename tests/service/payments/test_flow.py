"""The whole way of a month: from certificates to a closed month, through a bank and a treasury that behave."""

from __future__ import annotations

import pytest

from tests.service.payments.bed import Payments
from tests.service.payments.world import COUNTY, MONTH, TOWNSHIP, card


@pytest.mark.policy("R-202", "R-204", "R-208", "R-209", "R-216", "R-217", "R-220")
async def test_a_month_goes_from_certificates_to_a_closed_month(payments: Payments) -> None:
    await payments.entitle(*range(20), groups=[["elderly"]])
    roster = await payments.draw()
    assert (roster["lines"], roster["total_fen"], roster["state"]["code"]) == (20, 20 * 100_500, "draft")
    locked = await payments.lock(roster)
    assert locked["state"]["code"] == "locked"
    (said,) = await payments.locked()
    assert (said.lines, said.total_fen, said.content_hash) == (20, 20 * 100_500, roster["content_hash"])
    await payments.start(roster)
    await payments.work_off()
    assert sorted(payments.outside.paid()) == sorted((card(number), 100_500) for number in range(20))
    assert payments.outside.allocated() == [100_500] * 20
    settled = await payments.settled()
    assert {(one.outcome, one.attempt, one.amount_fen) for one in settled} == {("paid", 1, 100_500)}
    assert len({one.application_id for one in settled}) == 20
    ledger = await payments.officer.read(f"/ledger?month={MONTH}")
    assert {one["account"]["code"]: one["fen"] for one in ledger["balances"]} == {
        "fund": -2_010_000,
        "bank": 0,
        "recipients": 2_010_000,
    }
    done = await payments.reconcile()
    assert (done["system_fen"], done["treasury_fen"], done["bank_fen"]) == (2_010_000,) * 3
    assert (done["differences"], done["difference_fen"]) == (0, 0)
    closing = await payments.second.done(f"/months/{MONTH}/close", {"office": COUNTY})
    assert (closing["lines"], closing["total_fen"]) == (20, 2_010_000)
    view = await payments.officer.read(f"/rosters/{roster['roster_id']}")
    assert [one["signer"] for one in view["signatures"]] == ["officer", "second"]
    assert (view["is_roster_late"], view["is_payment_late"]) == (False, False)
    assert not {"某某", card(1)} & set(str(await payments.bed.rows("select details, subject from audit")))
    acts = set(await payments.acts())
    assert acts >= {"roster.drawn", "roster.signed", "roster.locked", "payment.started", "payment.settled"}
    assert acts >= {"entitlement.granted", "reconciliation.done", "month.closed"}


async def test_a_township_sees_its_own_lines_and_no_others(payments: Payments) -> None:
    await payments.paying(1, 2)
    line = await payments.line(1)
    seen = await payments.clerk.read(f"/lines/{line['line_id']}")
    assert seen["payee"]["account"].startswith("*")
    assert seen["payee"]["name"] == "某*"
    foreign = payments.desk("other", TOWNSHIP.replace("799001", "799002"), "payments:read")
    absent = await foreign.get(f"/lines/{line['line_id']}")
    assert absent.status_code == 404
    assert (await foreign.get(f"/lines/line_{0:032x}")).json()["code"] == absent.json()["code"]
