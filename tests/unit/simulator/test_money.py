"""Bank and treasury as the product meets them: books on disk first, cut-offs kept, faults that strike once."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from simulator.clock import Clock
from simulator.money.bank import Bank
from simulator.money.book import Book
from simulator.money.faults import Fault, MoneyFault, MoneyFaults, Peer
from simulator.money.treasury import Treasury
from tests.unit.simulator.outside_world import OutsideWorld

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
CARD = "6217000000000000019"


class Standing(Clock):
    """A clock that stands."""

    def __init__(self) -> None:
        super().__init__(None)
        self.at = NOW

    def now(self) -> datetime:
        return self.at


async def gone() -> None:
    """The caller hangs up at once."""


class Counters:
    """A bank and a treasury on one folder."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.faults = Standing(), MoneyFaults()
        self.bank = Bank(Book(folder / "bank.jsonl"), self.faults, self.clock)
        self.treasury = Treasury(Book(folder / "treasury.jsonl"), self.faults, self.clock)

    def strike(self, peer: Peer, kind: MoneyFault, account: str | None = None, times: int | None = 1) -> None:
        self.faults.put(Fault(peer, kind, account, times=times))

    async def pay(self, *idents: str, amount_fen: Any = 500, valid_s: float = 30) -> list[dict[str, Any]] | None:
        valid_until = (self.clock.at + timedelta(seconds=valid_s)).isoformat()
        instructions = [
            {
                "id": ident,
                "account": CARD,
                "name": "某某",
                "amount_fen": amount_fen,
                "purpose": "dibao",
                "valid_until": valid_until,
                "trace": "",
            }
            for ident in idents
        ]
        asked = {"payer": "230799", "month": "2026-12", "instructions": instructions}
        return await self._ask(self.bank, "batches", asked)

    async def query(self, *idents: str) -> list[str]:
        told = await self._ask(self.bank, "queries", {"ids": list(idents)})
        assert told is not None
        return [one["status"] for one in told]

    async def allocate(self, *refs: str, valid_s: float = 30) -> list[dict[str, Any]] | None:
        valid_until = (self.clock.at + timedelta(seconds=valid_s)).isoformat()
        entries = [{"ref": ref, "amount_fen": 500, "purpose": "dibao", "valid_until": valid_until} for ref in refs]
        return await self._ask(
            self.treasury, "allocations", {"payer": "230799", "month": "2026-12", "allocations": entries}
        )

    async def _ask(self, counter: Bank | Treasury, path: str, asked: object) -> list[dict[str, Any]] | None:
        answer = await counter.answer(path, orjson.dumps(asked), gone)
        if answer is None:
            return None
        assert answer[0] == 200, answer
        results: list[dict[str, Any]] = orjson.loads(answer[1])["results"]
        return results


@pytest.fixture
def counters(tmp_path: Path) -> Counters:
    return Counters(tmp_path)


async def test_a_payment_is_on_disk_before_it_is_told(
    counters: Counters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: list[int] = []
    real = os.fdatasync

    def sync(file: int) -> None:
        real(file)
        on_disk.append((tmp_path / "bank.jsonl").read_bytes().count(b"\n"))
        assert len(counters.bank.book.rows) < on_disk[-1], "counted as happened only after it is on disk"

    monkeypatch.setattr(os, "fdatasync", sync)
    told = await counters.pay("a", "b")
    assert told is not None
    assert [one["status"] for one in told] == ["paid", "paid"]
    assert on_disk == [2]


async def test_an_instruction_is_executed_once_unless_the_bank_is_told_to_forget(counters: Counters) -> None:
    await counters.pay("a")
    await counters.pay("a", "a", "b", "b")
    assert counters.bank.summary() == {
        "paid": 2,
        "paid_fen": 1_000,
        "returned": 0,
        "instructions": 2,
        "paid_twice": 0,
    }
    counters.strike("bank", MoneyFault.DUPLICATE, times=None)
    await counters.pay("a")
    assert counters.bank.summary()["paid_twice"] == 1


async def test_nothing_is_executed_after_its_cut_off(counters: Counters) -> None:
    (told,) = await counters.pay("a", valid_s=-0.001) or []
    assert told["status"] == "expired"
    assert await counters.query("a") == ["not_found"]
    (exactly,) = await counters.pay("a", valid_s=0) or []
    assert exactly["status"] == "paid"
    (refused,) = await counters.allocate("l", valid_s=-0.001) or []
    assert refused["status"] == "expired"
    assert counters.treasury.summary()["allocated"] == 0


async def test_a_lost_answer_was_executed_and_a_question_tells(counters: Counters) -> None:
    for kind in (MoneyFault.ANSWER_LOST, MoneyFault.GARBLED):
        counters.strike("bank", kind)
    assert await counters.pay("a") is None
    assert await counters.query("a", "b") == ["paid", "not_found"]
    counters.faults.clear()
    counters.strike("treasury", MoneyFault.ANSWER_LOST)
    assert await counters.allocate("l") is None
    assert counters.treasury.summary()["allocated_fen"] == 500


async def test_a_question_waits_for_what_is_being_executed(counters: Counters) -> None:
    async with counters.bank.book.turn:
        asking = asyncio.create_task(counters.query("a"))
        await asyncio.sleep(0)
        assert not asking.done()
    assert await asking == ["not_found"]


@pytest.mark.parametrize("kind", [MoneyFault.REJECTED_CARD, MoneyFault.CLOSED_ACCOUNT])
async def test_a_bad_card_returns_the_money_and_says_why_ever_after(counters: Counters, kind: MoneyFault) -> None:
    counters.strike("bank", kind, CARD)
    (told,) = await counters.pay("a") or []
    assert (told["status"], told["reason"]) == ("returned", kind.value)
    assert (await counters.pay("a") or [])[0]["status"] == "returned"
    assert counters.bank.summary()["paid"] == 0


async def test_faults_change_what_is_executed_and_the_book_tells(counters: Counters) -> None:
    counters.strike("bank", MoneyFault.ONE_FEN, CARD)
    await counters.pay("a")
    counters.strike("bank", MoneyFault.OTHER_CARD, CARD)
    await counters.pay("b")
    counters.strike("bank", MoneyFault.TWICE, CARD)
    await counters.pay("c")
    rows = [(row["id"], row["amount_fen"], row["account"] == CARD) for row in counters.bank.book.rows]
    assert rows == [("a", 501, True), ("b", 500, False), ("c", 500, True), ("c", 500, True)]


@pytest.mark.parametrize("amount_fen", [0, -1, 1.5, "500", True, None])
async def test_an_instruction_that_says_nothing_sensible_executes_nothing(counters: Counters, amount_fen: Any) -> None:
    with pytest.raises(Exception, match="unreadable"):
        await counters.pay("a", "b", amount_fen=amount_fen)
    assert counters.bank.book.rows == []


async def test_books_are_read_again_after_a_kill_without_the_torn_line(tmp_path: Path) -> None:
    before = Counters(tmp_path)
    await before.pay("a", "b")
    await before.allocate("l")
    with (tmp_path / "bank.jsonl").open("ab") as file:
        file.write(b'{"no":3,"id":"c","status":"pa')
    after = Counters(tmp_path)
    assert await after.query("a", "b", "c") == ["paid", "paid", "not_found"]
    await after.pay("a", "c")
    numbers = [orjson.loads(line)["no"] for line in (tmp_path / "bank.jsonl").read_bytes().splitlines()]
    assert numbers == [1, 2, 3]
    assert (await after.allocate("l") or [])[0]["status"] == "allocated"
    assert after.treasury.summary()["allocated_twice"] == 0


async def test_pages_hold_one_payers_month(counters: Counters) -> None:
    await counters.pay(*"abcde")
    asked = {"payer": "230799", "month": "2026-12", "after": 0, "limit": 2}
    seen: list[str] = []
    for _ in range(3):
        answer = await counters.bank.answer("statements", orjson.dumps(asked), gone)
        assert answer is not None
        page = orjson.loads(answer[1])
        seen += [row["id"] for row in page["rows"]]
        asked["after"] = page["next"]
    assert (seen, page["next"]) == (list("abcde"), None)
    other = await counters.bank.answer("statements", orjson.dumps({**asked, "after": 0, "month": "2026-11"}), gone)
    assert other is not None
    assert orjson.loads(other[1])["rows"] == []


async def test_the_doors_of_bank_and_treasury_stand_beside_the_agencies(tmp_path: Path) -> None:
    async with OutsideWorld(tmp_path) as world:
        asked = orjson.dumps({"ids": ["a"]})
        answer = await world.call("POST", "/bank/v1/queries", asked, token=None)
        assert answer is not None
        assert orjson.loads(answer[1])["results"] == [{"id": "a", "status": "not_found"}]
        for method, path, status in (
            ("GET", "/bank/v1/queries", 405),
            ("POST", "/bank/v1/nothing", 404),
            ("POST", "/treasury/v1/details", 400),
        ):
            refused = await world.call(method, path, b"{}", token=None)
            assert refused is not None
            assert refused[0] == status


async def test_only_the_admin_switches_faults_and_sees_the_books(tmp_path: Path) -> None:
    async with OutsideWorld(tmp_path) as world:
        for path in ("/admin/money/summary", "/admin/money/ledger/bank", "/admin/money/faults"):
            refused = await world.call("GET", path, token=None)
            assert refused is not None
            assert refused[0] == 403
        put = {"peer": "bank", "fault": "answer_lost", "times": 2}
        assert (await world.admin("PUT", "/admin/money/faults", put))["faults"] == [
            {"fault_id": "bank:answer_lost:all", "peer": "bank", "fault": "answer_lost", "ms": 0, "times": 2}
        ]
        assert (await world.admin("GET", "/admin/money/ledger/treasury?after=0"))["rows"] == []
        assert (await world.admin("GET", "/admin/money/summary"))["bank"]["paid_twice"] == 0
        assert (await world.admin("DELETE", "/admin/money/faults/bank:answer_lost:all"))["faults"] == []
        for body in ({"peer": "post", "fault": "late"}, {"peer": "bank", "fault": "late", "odd": 1}, {"peer": "bank"}):
            wrong = await world.call("PUT", "/admin/money/faults", orjson.dumps(body))
            assert wrong is not None
            assert wrong[0] == 400
        for path in ("/admin/money/faults/none", "/admin/money"):
            absent = await world.call("DELETE", path)
            assert absent is not None
            assert absent[0] == 404
