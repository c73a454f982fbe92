"""What waits for the outside world: one queue per agency, claimed, asked, recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chassis.shelf import Shelf
from chassis.transaction import Transaction
from chassis.work import Lease, Work
from contracts.vocabulary import Agency
from services.adapters.domain.cells import Claimed
from services.adapters.usecases import asking, claiming, recording
from services.adapters.usecases.asking import Read, Unread
from services.adapters.usecases.claiming import HOUSEHOLDS_MAX

_IN_FLIGHT = 12
"""Calls to one agency at a time; with agencies that take 200 ms this still carries 4,000 households a second."""
_LEASE_S = 25.0
"""Longer than any call may take, its waits included (15 s); so long do questions of a killed process lie."""
_POLL_S = 2.0
"""Queues are woken; this finds what became due again by itself."""


async def record(tx: Transaction, ended: list[tuple[list[Claimed], Read | Unread]], *, now: datetime) -> None:
    await recording.record_calls(tx, tx.caller, ended, now=now)


def asks(agency: Agency) -> Work:
    """The queue of one agency."""

    async def claim(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Claimed]:
        return await claiming.claim_cells(tx, tx.caller, agency, limit=limit, now=now, lease=lease)

    async def call(of: Shelf, claimed: list[Claimed]) -> Read | Unread:
        return await asking.ask(of, agency, claimed)

    return Work(
        claim=claim,
        call=call,
        record=record,
        batch=HOUSEHOLDS_MAX,
        in_flight=_IN_FLIGHT,
        lease_s=_LEASE_S,
        poll_s=_POLL_S,
    )


def asks_all(agencies: Iterable[Agency]) -> dict[str, Work]:
    """A queue for each agency, named like it."""
    return {agency.value: asks(agency) for agency in agencies}
