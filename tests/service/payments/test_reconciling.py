"""Three books on their real ways: fetched page by page, compared to the fen, and no month closed while they differ."""

from __future__ import annotations

import orjson
import pytest

from services.payments.agencies import bank as bank_wire
from simulator.money.faults import MoneyFault
from tests.service.payments.bed import OFFICER, SECOND, Payments
from tests.service.payments.world import COUNTY, MONTH, card

CLOSE = f"/months/{MONTH}/close"


@pytest.mark.policy("R-216", "R-217")
@pytest.mark.parametrize(
    ("peer", "fault", "expected"),
    [
        ("bank", MoneyFault.ONE_FEN, ("amount_differs", "bank")),
        ("bank", MoneyFault.OTHER_CARD, ("account_differs", "bank")),
        ("bank", MoneyFault.TWICE, ("doubled", "bank")),
        ("treasury", MoneyFault.ONE_FEN, ("amount_differs", "treasury")),
    ],
    ids=lambda one: str(one),
)
async def test_what_a_bank_or_treasury_did_otherwise_is_found_and_blocks_the_month(
    payments: Payments, peer: str, fault: MoneyFault, expected: tuple[str, str]
) -> None:
    await payments.paying(*range(6))
    payments.outside.strike(peer, fault)  # type: ignore[arg-type]
    await payments.work_off()
    done = await payments.reconcile()
    assert await payments.kinds(done) == [expected]
    assert done["difference_fen"] == {MoneyFault.ONE_FEN: 1}.get(fault, 90_000)
    answer = await payments.second.post(CLOSE, {"office": COUNTY})
    assert (answer.status_code, answer.json()["code"]) == (409, "books-differ")
    assert done["reconciliation_id"] in answer.json()["see"]
    assert await payments.bed.rows("select from closings") == []


@pytest.mark.policy("R-202", "R-216")
async def test_a_line_edited_or_slipped_into_the_banks_file_is_found(payments: Payments) -> None:
    await payments.paying(*range(3))
    await payments.work_off()
    rows = payments.outside.money.bank.book.rows
    rows[0]["amount_fen"] += 1
    rows[1]["account"] = card(77)
    rows.append({**rows[2], "no": 4, "id": "ins_ghost", "account": card(78)})
    done = await payments.reconcile()
    assert sorted(await payments.kinds(done)) == [
        ("account_differs", "bank"),
        ("amount_differs", "bank"),
        ("unknown", "bank"),
    ]
    del rows[2:]
    assert ("missing_in_bank", "bank") in await payments.kinds(await payments.reconcile())


async def test_a_row_that_cannot_be_read_is_a_difference_and_stops_no_other(payments: Payments) -> None:
    await payments.paying(*range(3))
    await payments.work_off()
    rows = payments.outside.money.bank.book.rows
    rows.append({**rows[0], "no": 4, "id": "ins_odd", "amount_fen": "90000"})
    done = await payments.reconcile()
    assert await payments.kinds(done) == [("unreadable", "bank")]
    assert done["bank_fen"] == 270_000


async def test_statements_of_several_pages_are_read_whole(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_wire, "ROWS_MAX", 2)
    await payments.paying(*range(7))
    await payments.work_off()
    done = await payments.reconcile()
    assert (done["differences"], done["bank_fen"]) == (0, 630_000)


async def test_books_that_cannot_be_had_are_fetched_again(payments: Payments) -> None:
    await payments.paying(0)
    await payments.work_off()
    payments.outside.strike("bank", MoneyFault.UNAVAILABLE)
    asked = await payments.reconcile()
    assert asked["state"] == "asked"
    assert await payments.claim(1, queue="details") == []
    assert (await payments.second.post(CLOSE, {"office": COUNTY})).json()["code"] == "not-reconciled"
    payments.clock.at = payments.clock.at.replace(minute=30)
    claimed = await payments.claim(1, queue="details")
    await payments.record(claimed, await payments.call(claimed, "details"), "details")
    done = await payments.officer.read(f"/reconciliations/{asked['reconciliation_id']}")
    assert (done["state"], done["differences"]) == ("done", 0)


async def test_a_slow_comparison_overtaken_by_another_worker_is_not_kept_twice(payments: Payments) -> None:
    await payments.paying(0)
    payments.outside.strike("bank", MoneyFault.ONE_FEN)
    await payments.work_off()
    await payments.officer.done(f"/months/{MONTH}/reconciliation", {"office": COUNTY})
    slow = await payments.claim(1, queue="details", lease_s=-1)
    books = await payments.call(slow, "details")
    quick = await payments.claim(1, queue="details")
    await payments.record(slow, books, "details")
    assert await payments.bed.rows("select from differences") == []
    await payments.record(quick, books, "details")
    await payments.record(quick, books, "details")
    assert len(await payments.bed.rows("select from differences")) == 1


async def test_a_month_still_under_way_is_not_closed(payments: Payments) -> None:
    await payments.paying(0, 1)
    await payments.record(first := await payments.claim(1), await payments.call(first))
    assert await payments.kinds(await payments.reconcile()) == [("unsettled", "system")]
    assert (await payments.second.post(CLOSE, {"office": COUNTY})).json()["code"] == "books-differ"


@pytest.mark.policy("R-217", "R-218")
async def test_a_month_is_closed_once_by_another_person_and_on_fresh_figures(payments: Payments) -> None:
    await payments.paying(0)
    await payments.work_off()
    assert (await payments.second.post(CLOSE, {"office": COUNTY})).json()["code"] == "not-reconciled"
    await payments.reconcile()
    both = payments.desk("officer", COUNTY, f"{OFFICER} {SECOND}")
    refused = await both.post(CLOSE, {"office": COUNTY})
    assert (refused.status_code, refused.json()["code"]) == (403, "same-signer")
    await payments.second.done(CLOSE, {"office": COUNTY})
    again = await payments.second.post(CLOSE, {"office": COUNTY})
    assert (again.status_code, again.json()["code"]) == (423, "month-closed")
    state = await payments.officer.read(f"/months/{MONTH}/reconciliation?office={COUNTY}")
    assert state["closing"]["closed_by"] == "second"
    assert state["closing"]["total_fen"] == 90_000


async def test_a_comparison_the_lines_have_outgrown_closes_nothing(payments: Payments) -> None:
    await payments.paying(0)
    await payments.work_off()
    await payments.reconcile()
    await payments.sql("update lines set state = 'returned'")
    assert (await payments.second.post(CLOSE, {"office": COUNTY})).json()["code"] == "not-reconciled"


async def test_a_month_nobody_drew_up_cannot_be_compared(payments: Payments) -> None:
    answer = await payments.officer.post("/months/2026-10/reconciliation", {"office": COUNTY})
    assert (answer.status_code, answer.json()["code"]) == (404, "roster-unknown")
    foreign = await payments.officer.post(f"/months/{MONTH}/reconciliation", {"office": "cn/65/654099/"})
    assert foreign.status_code == 403


@pytest.mark.policy("R-220", "R-221")
async def test_every_movement_names_its_source_and_its_purpose(payments: Payments) -> None:
    await payments.paying(0)
    await payments.work_off()
    entries = (await payments.officer.read(f"/ledger/entries?month={MONTH}"))["data"]
    assert [(one["movement"], one["credit"], one["debit"], one["purpose"]) for one in entries] == [
        ("allocated", "fund", "bank", "dibao"),
        ("paid", "bank", "recipients", "dibao"),
    ]
    told = payments.outside.money.treasury.book.rows + payments.outside.money.bank.book.rows
    assert {row["purpose"] for row in told} == {"dibao"}
    assert orjson.dumps(entries).count(b"90000") == 2
