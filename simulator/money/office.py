"""Bank and treasury together, with what the admin token opens: their books, their sums, their faults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from simulator.clock import Clock
from simulator.money.bank import Bank
from simulator.money.book import Book
from simulator.money.counter import ROWS_MAX, Answer, Gone, Unacceptable
from simulator.money.faults import PEERS, Fault, MoneyFault, MoneyFaults
from simulator.money.treasury import Treasury


class Money:
    """Where money moves."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.faults = MoneyFaults()
        self.bank = Bank(Book(folder / "bank.jsonl"), self.faults, clock)
        self.treasury = Treasury(Book(folder / "treasury.jsonl"), self.faults, clock)

    async def answer(self, peer: str, path: str, body: bytes, gone: Gone) -> Answer | None:
        """A request to `/bank/v1/<path>` or `/treasury/v1/<path>`; None where the answer was lost."""
        counter = self.bank if peer == "bank" else self.treasury
        try:
            return await counter.answer(path, body, gone)
        except Unacceptable as refused:
            return refused.status, orjson.dumps({"error": refused.why})

    def administer(self, method: str, path: list[str], query: Mapping[str, str], body: bytes) -> object | None:
        """What `/admin/money/…` gives; None for a page or fault there is not. ValueError where not understood."""
        match method, path:
            case "GET", ["summary"]:
                return {"bank": self.bank.summary(), "treasury": self.treasury.summary()}
            case "GET", ["ledger", peer] if peer in PEERS:
                book = self.bank.book if peer == "bank" else self.treasury.book
                limit = min(int(query.get("limit", ROWS_MAX)), ROWS_MAX)
                return {"rows": list(book.after(int(query.get("after", 0)), limit))}
            case "GET", ["faults"]:
                return self._in_force()
            case "PUT", ["faults"]:
                self._put(orjson.loads(body))
                return self._in_force()
            case "DELETE", ["faults"]:
                self.faults.clear()
                return self._in_force()
            case "DELETE", ["faults", fault_id]:
                return self._in_force() if self.faults.remove(fault_id) else None
        return None

    def _put(self, wanted: dict[str, Any]) -> None:
        peer, kind = wanted.pop("peer"), MoneyFault(wanted.pop("fault"))
        account, ms, times = wanted.pop("account", None), int(wanted.pop("ms", 0)), wanted.pop("times", None)
        if wanted or peer not in PEERS:
            raise ValueError("unknown field")
        self.faults.put(Fault(peer, kind, account, ms, None if times is None else int(times)))

    def _in_force(self) -> object:
        return {
            "faults": [
                {"fault_id": one.fault_id, "peer": one.peer, "fault": one.kind, "ms": one.ms, "times": one.times}
                for one in self.faults.all()
            ]
        }
