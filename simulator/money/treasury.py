"""The treasury: allocates a line's money to the paying bank, answers what it has allocated, gives a month's details."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from simulator.clock import Clock
from simulator.money.book import Book, Row
from simulator.money.counter import Counter, Unacceptable, batch
from simulator.money.faults import MoneyFault, MoneyFaults


class Treasury(Counter):
    peer = "treasury"

    def __init__(self, book: Book, faults: MoneyFaults, clock: Clock) -> None:
        super().__init__(book, faults, clock)
        self._refs: set[str] = {row["ref"] for row in book.rows}

    def acts(self) -> Mapping[str, Callable[[dict[str, Any]], Awaitable[object]]]:
        return {"allocations": self._allocate, "queries": self._query, "details": self._details}

    def moving(self) -> frozenset[str]:
        return frozenset({"allocations"})

    async def _allocate(self, asked: dict[str, Any]) -> object:
        payer, month = str(asked["payer"]), str(asked["month"])
        async with self.book.turn:
            now = self.clock.now().isoformat()
            fresh: list[Row] = []
            expired: set[str] = set()
            begun: set[str] = set()
            wanted = batch(asked, "allocations")
            for one in wanted:
                ref, amount_fen = str(one["ref"]), one["amount_fen"]
                if type(amount_fen) is not int or amount_fen <= 0 or not ref:
                    raise Unacceptable(400, "unreadable")
                is_known = ref in self._refs or ref in begun
                if is_known and not self.faults.strikes(self.peer, MoneyFault.DUPLICATE, ref):
                    continue
                if not self.may_still(one["valid_until"]):
                    expired.add(ref)
                    continue
                begun.add(ref)
                if self.faults.strikes(self.peer, MoneyFault.ONE_FEN, ref):
                    amount_fen += 1
                row = {"ref": ref, "amount_fen": amount_fen, "purpose": str(one["purpose"])}
                fresh.append({**row, "payer": payer, "month": month, "at": now})
            self._refs |= {row["ref"] for row in await self.book.write(fresh)}
            return {
                "as_of": now,
                "results": [
                    {"ref": one["ref"], "status": "expired" if one["ref"] in expired else "allocated"} for one in wanted
                ],
            }

    async def _query(self, asked: dict[str, Any]) -> object:
        async with self.book.turn:
            results = [
                {"ref": ref, "status": "allocated" if ref in self._refs else "not_found"}
                for ref in map(str, asked["refs"])
            ]
            return {"as_of": self.clock.now().isoformat(), "results": results}

    async def _details(self, asked: dict[str, Any]) -> object:
        async with self.book.turn:
            rows, following = self.of_month(asked)
        fields = ("no", "ref", "amount_fen", "purpose", "at")
        return {"rows": [{field: row[field] for field in fields} for row in rows], "next": following}

    def summary(self) -> dict[str, int]:
        """Allocations, fen allocated, and lines allocated more than once."""
        rows = self.book.rows
        return {
            "allocated": len(rows),
            "allocated_fen": sum(row["amount_fen"] for row in rows),
            "allocated_twice": len(rows) - len({row["ref"] for row in rows}),
        }
