"""What waits for the outside world: money to be paid, and other people's books to be fetched."""

from __future__ import annotations

from datetime import datetime

from chassis.shelf import Shelf
from chassis.transaction import Transaction
from chassis.work import Lease, Work
from services.payments.domain.payment import Claimed
from services.payments.domain.words import Told
from services.payments.queries import Reconciliation
from services.payments.usecases import claiming, reconciling, sending, settling
from services.payments.usecases.reconciling import Books

_LINES_PER_CALL = 500
_LEASE_S = 20.0
"""Longer than the three calls one turn may make; were it too short, asking first and the cut-off keep it right."""
_BOOKS_LEASE_S = 60.0
"""Longer than a county's books take to be fetched. A month that a killed process was comparing waits no longer."""


async def claim_payments(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Claimed]:
    return await claiming.claim_payments(tx, tx.caller, limit=limit, now=now, lease=lease)


async def pay(of: Shelf, claimed: list[Claimed]) -> list[Told]:
    return await sending.pay(of, claimed)


async def record_words(tx: Transaction, ended: list[tuple[list[Claimed], list[Told]]], *, now: datetime) -> None:
    for claimed, told in ended:
        await settling.record_words(tx, tx.caller, claimed, told, now=now)


async def claim_reconciliations(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[Reconciliation]:
    return await reconciling.claim_reconciliations(tx, tx.caller, limit=limit, now=now, lease=lease)


async def fetch_books(of: Shelf, claimed: list[Reconciliation]) -> list[Books | None]:
    return await reconciling.fetch_books(of, claimed)


async def record_books(
    tx: Transaction, ended: list[tuple[list[Reconciliation], list[Books | None]]], *, now: datetime
) -> None:
    for claimed, books in ended:
        await reconciling.record_books(tx, tx.caller, claimed, books, now=now)


WORKS = {
    claiming.QUEUE: Work(
        claim=claim_payments,
        call=pay,
        record=record_words,
        batch=_LINES_PER_CALL,
        in_flight=4,
        lease_s=_LEASE_S,
    ),
    reconciling.QUEUE: Work(
        claim=claim_reconciliations,
        call=fetch_books,
        record=record_books,
        batch=1,
        in_flight=1,
        lease_s=_BOOKS_LEASE_S,
    ),
}
