"""The paying bank: executes instructions into accounts, answers what became of them, gives the details of a month.

It executes nothing of an instruction after the instant until which that is valid, and looks for its id first, unless
told to be a bank that does not. Its book is the truth about what was paid.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from simulator.clock import Clock
from simulator.money.book import Book, Row
from simulator.money.counter import Counter, Unacceptable, batch
from simulator.money.faults import MoneyFault, MoneyFaults

_REJECTIONS = {MoneyFault.REJECTED_CARD: "rejected_card", MoneyFault.CLOSED_ACCOUNT: "closed_account"}


class Bank(Counter):
    peer = "bank"

    def __init__(self, book: Book, faults: MoneyFaults, clock: Clock) -> None:
        super().__init__(book, faults, clock)
        self._by_id: dict[str, Row] = {}
        for row in book.rows:
            self._by_id.setdefault(row["id"], row)

    def acts(self) -> Mapping[str, Callable[[dict[str, Any]], Awaitable[object]]]:
        return {"batches": self._execute, "queries": self._query, "statements": self._statement}

    def moving(self) -> frozenset[str]:
        return frozenset({"batches"})

    async def _execute(self, asked: dict[str, Any]) -> object:
        payer, month = str(asked["payer"]), str(asked["month"])
        async with self.book.turn:
            now = self.clock.now().isoformat()
            fresh: list[Row] = []
            expired: set[str] = set()
            begun: set[str] = set()
            wanted = batch(asked, "instructions")
            for one in wanted:
                ident = one["id"]
                is_known = ident in self._by_id or ident in begun
                if is_known and not self.faults.strikes(self.peer, MoneyFault.DUPLICATE, one["account"]):
                    continue
                if not self.may_still(one["valid_until"]):
                    expired.add(ident)
                    continue
                begun.add(ident)
                row = {**self._row(one), "payer": payer, "month": month, "at": now}
                fresh.append(row)
                if row["status"] == "paid" and self.faults.strikes(self.peer, MoneyFault.TWICE, one["account"]):
                    fresh.append(dict(row))
            for row in await self.book.write(fresh):
                self._by_id.setdefault(row["id"], row)
            return {
                "as_of": now,
                "results": [
                    {"id": one["id"], "status": "expired"} if one["id"] in expired else self._told(one["id"])
                    for one in wanted
                ],
            }

    def _row(self, one: dict[str, Any]) -> Row:
        account, amount_fen = str(one["account"]), one["amount_fen"]
        if type(amount_fen) is not int or amount_fen <= 0 or not one["id"] or not account:
            raise Unacceptable(400, "unreadable")
        row: Row = {
            "id": str(one["id"]),
            "account": account,
            "amount_fen": amount_fen,
            "purpose": str(one["purpose"]),
            "trace": str(one["trace"]),
        }
        for kind, reason in _REJECTIONS.items():
            if self.faults.strikes(self.peer, kind, account):
                return {**row, "status": "returned", "reason": reason}
        if self.faults.strikes(self.peer, MoneyFault.ONE_FEN, account):
            row["amount_fen"] += 1
        if self.faults.strikes(self.peer, MoneyFault.OTHER_CARD, account):
            row["account"] = account[:-1] + str((int(account[-1]) + 1) % 10)
        return {**row, "status": "paid", "reason": ""}

    async def _query(self, asked: dict[str, Any]) -> object:
        # In turn: "not found" must not be said of what is being executed at this instant.
        async with self.book.turn:
            results = [self._told(ident) for ident in map(str, asked["ids"])]
            return {"as_of": self.clock.now().isoformat(), "results": results}

    async def _statement(self, asked: dict[str, Any]) -> object:
        async with self.book.turn:
            rows, following = self.of_month(asked)
        fields = ("no", "id", "account", "amount_fen", "status", "at")
        return {"rows": [{field: row[field] for field in fields} for row in rows], "next": following}

    def _told(self, ident: str) -> Row:
        row = self._by_id.get(ident)
        if row is None:
            return {"id": ident, "status": "not_found"}
        ref = f"B{row['no']:012d}"
        return {"id": ident, "status": row["status"], "reason": row["reason"], "ref": ref, "at": row["at"]}

    def summary(self) -> dict[str, int]:
        """Payments, fen paid, returns, and instructions executed more than once."""
        paid = [row for row in self.book.rows if row["status"] == "paid"]
        return {
            "paid": len(paid),
            "paid_fen": sum(row["amount_fen"] for row in paid),
            "returned": len(self.book.rows) - len(paid),
            "instructions": len({row["id"] for row in paid}),
            "paid_twice": len(paid) - len({row["id"] for row in paid}),
        }
