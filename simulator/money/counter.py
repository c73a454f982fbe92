"""What bank and treasury share: reading what is asked, when a movement may still be made, answers that get lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from simulator.clock import Clock
from simulator.money.book import Book, Row
from simulator.money.faults import MoneyFault, MoneyFaults, Peer

Answer = tuple[int, bytes]
Gone = Callable[[], Awaitable[None]]
"""Waits until the caller has hung up."""

ROWS_MAX = 10_000
_BATCH_MAX = 5_000


class Unacceptable(Exception):
    """A request no bank would take; carries the HTTP status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Counter:
    """One peer's book and clock. A request has one turn at the book, so that no two see half of each other."""

    peer: Peer

    def __init__(self, book: Book, faults: MoneyFaults, clock: Clock) -> None:
        self.book = book
        self.faults = faults
        self.clock = clock

    async def answer(self, path: str, body: bytes, gone: Gone) -> Answer | None:
        """Answer a POST; None: the answer was lost. Raises Unacceptable."""
        act = self.acts().get(path)
        if act is None:
            raise Unacceptable(404, "no such thing")
        try:
            asked: dict[str, Any] = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Unacceptable(400, "unreadable") from None
        if self.faults.strikes(self.peer, MoneyFault.UNAVAILABLE):
            return 503, b'{"error":"unavailable"}'
        late = self.faults.strikes(self.peer, MoneyFault.LATE) if path in self.moving() else None
        if late is not None:
            await asyncio.sleep(late.ms / 1_000)
        try:
            told = await act(asked)
        except (KeyError, TypeError, ValueError):
            raise Unacceptable(400, "unreadable") from None
        if path in self.moving() and self.faults.strikes(self.peer, MoneyFault.ANSWER_LOST):
            await gone()
            return None
        document = orjson.dumps(told)
        if path in self.moving() and self.faults.strikes(self.peer, MoneyFault.GARBLED):
            return 200, document[: len(document) // 2]
        return 200, document

    def acts(self) -> Mapping[str, Callable[[dict[str, Any]], Awaitable[object]]]:
        """What may be asked, by path."""
        raise NotImplementedError

    def moving(self) -> frozenset[str]:
        """The paths that move money."""
        raise NotImplementedError

    def may_still(self, valid_until: str) -> bool:
        """Whether something valid until then may be executed now, by this peer's own clock."""
        return self.clock.now() <= datetime.fromisoformat(valid_until)

    def of_month(self, asked: dict[str, Any]) -> tuple[list[Row], int | None]:
        """A page of the book's rows of one payer and month, and where the next begins."""
        payer, month = str(asked["payer"]), str(asked["month"])
        after, limit = int(asked["after"]), min(int(asked["limit"]), ROWS_MAX)
        found: list[Row] = []
        for row in self.book.rows[after:]:
            if row["payer"] == payer and row["month"] == month:
                if len(found) == limit:
                    return found, found[-1]["no"]
                found.append(row)
        return found, None


def batch(asked: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """The entries of a batch. Raises Unacceptable for too many."""
    entries = list(asked[field])
    if not 0 < len(entries) <= _BATCH_MAX:
        raise Unacceptable(413, f"1 to {_BATCH_MAX} entries")
    return entries
