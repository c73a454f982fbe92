"""Comparing three books for a month (R-216), and closing it once they agree to the fen (R-217, R-218)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.callers import Caller
from chassis.http import Unanswered
from chassis.ids import new_id
from chassis.shelf import Shelf
from chassis.transaction import Transaction
from chassis.work import Lease
from contracts.audit import Act
from contracts.values import Month, Office
from services.payments.agencies import bank as bank_wire
from services.payments.agencies import treasury as treasury_wire
from services.payments.domain.books import ALLOCATED, TOLD, Book, book, bound, executed, set_aside
from services.payments.domain.payment import Bank, Patience, Treasury
from services.payments.domain.reconciliation import Comparison, Difference, Kind, Odd, Side, compare
from services.payments.store import payees, reconciliations, rosters
from services.payments.store.reconciliations import Closing, Reconciliation
from services.payments.usecases.refusals import (
    BooksDiffer,
    MonthClosed,
    NotReconciled,
    OutsideJurisdiction,
    ReconciliationAbsent,
    RosterAbsent,
    SameSigner,
    known,
)
from services.payments.usecases.signing import altered_lines

QUEUE = "details"
_PAGES_MAX = 2_000
_TRY_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Books:
    """What treasury and bank told of one month, page by page. `unreadable` are rows that say nothing, by side."""

    treasury: list[Book]
    bank: list[Book]
    unreadable: list[tuple[Side, int]]


async def ask_for_reconciliation(
    tx: Transaction, caller: Caller, office: str, month: Month, *, now: datetime
) -> Reconciliation:
    """Have the details of treasury and bank compared with ours. Raises OutsideJurisdiction, RosterAbsent."""
    if not caller.covers(office):
        raise OutsideJurisdiction
    known(await rosters.of_month(tx, office, month), RosterAbsent)
    reconciliation_id = new_id("rec")
    await reconciliations.ask(tx, reconciliation_id, office, month, now=now)
    tx.audit(Act.RECONCILIATION_ASKED, subject=reconciliation_id, office=office, details={"month": str(month)})
    tx.wake(QUEUE)
    return known(await reconciliations.get(tx, reconciliation_id), ReconciliationAbsent)


async def claim_reconciliations(
    tx: Transaction, caller: Caller, *, limit: int, now: datetime, lease: Lease
) -> list[Reconciliation]:
    return await reconciliations.claim(tx, limit=limit, now=now, lease_until=lease.until)


async def fetch_books(of: Shelf, claimed: list[Reconciliation]) -> list[Books | None]:
    """The details of each month asked for, all pages; None where one could not be had, which is tried again."""
    return [await _books(of, one) for one in claimed]


async def _books(of: Shelf, one: Reconciliation) -> Books | None:
    payer = Office(one.office).code
    books = Books([], [], [])
    try:
        await _read_treasury(of.of(Treasury), payer, one.month, books)
        await _read_bank(of.of(Bank), payer, one.month, books)
    except (Unanswered, ValueError):
        return None
    return books


async def _read_treasury(treasury: Treasury, payer: str, month: str, books: Books) -> None:
    after: int | None = 0
    for _ in range(_PAGES_MAX):
        raw = await treasury.line.post(treasury_wire.DETAILS, treasury_wire.details(payer, month, after or 0))
        page = treasury_wire.read_details(raw)
        books.treasury.append(book(page.rows, ALLOCATED))
        books.unreadable.extend((Side.TREASURY, place) for place in page.unreadable)
        after = page.next
        if after is None:
            return
    raise ValueError("pages")


async def _read_bank(bank: Bank, payer: str, month: str, books: Books) -> None:
    after: int | None = 0
    for _ in range(_PAGES_MAX):
        raw = await bank.line.post(bank_wire.STATEMENT, bank_wire.statement(payer, month, after or 0))
        page = bank_wire.read_statement(raw)
        paid = [(row.instruction_id, row.account, row.amount_fen) for row in page.rows if row.is_paid]
        books.bank.append(book(paid, TOLD))
        books.unreadable.extend((Side.BANK, number) for number in page.unreadable)
        after = page.next
        if after is None:
            return
    raise ValueError("pages")


async def record_books(
    tx: Transaction, caller: Caller, claimed: list[Reconciliation], books: list[Books | None], *, now: datetime
) -> None:
    """Compare and keep what differs; months whose books could not be had are tried again."""
    for one, told in zip(claimed, books, strict=True):
        if told is None:
            await reconciliations.put_off(tx, one, now + max(_TRY_AGAIN, tx.of(Patience).first_pause))
            continue
        found = await _compare(tx, one, told)
        if await reconciliations.finish(tx, one, found, now=now):
            tx.audit(
                Act.RECONCILIATION_DONE,
                subject=one.reconciliation_id,
                office=one.office,
                details={
                    "month": one.month,
                    "lines": found.lines,
                    "differences": len(found.differences),
                    "difference_fen": found.difference_fen,
                },
            )


async def _compare(tx: Transaction, one: Reconciliation, books: Books) -> Comparison:
    roster = known(await rosters.of_month(tx, one.office, Month.parse(one.month)), RosterAbsent)
    ours = await reconciliations.ours(tx, roster.roster_id)
    # A million lines take a second or so: in a thread, so that the process goes on answering.
    odd = await asyncio.to_thread(_set_aside, tx, ours, books)
    strangers = odd.strangers
    on_file = await reconciliations.known(tx, strangers) if strangers else {}
    unsigned = await altered_lines(tx, roster)
    unreadable = [
        Difference(Kind.UNREADABLE, side, None, f"row {number}", 0, None, None) for side, number in books.unreadable
    ]
    return compare(odd, known=on_file, month=one.month, altered=unsigned, unreadable=unreadable)


def _set_aside(tx: Transaction, ours: Book, books: Books) -> Odd:
    bank = executed(bound(books.bank, TOLD), lambda account: payees.account_key(tx, account))
    return set_aside(ours, bound(books.treasury, ALLOCATED), bank)


async def close_month(tx: Transaction, caller: Caller, office: str, month: Month, *, now: datetime) -> Closing:
    """Close a month whose three books agree; signed by somebody else than who had them compared (R-217, R-218).

    Raises OutsideJurisdiction, RosterAbsent, MonthClosed, NotReconciled, BooksDiffer, SameSigner.
    """
    if not caller.covers(office):
        raise OutsideJurisdiction
    known(await rosters.of_month(tx, office, month), RosterAbsent)
    if await reconciliations.closing(tx, office, str(month)):
        raise MonthClosed
    last = await reconciliations.latest(tx, office, month)
    standing = await reconciliations.standing(tx, office, month)
    if last is None or last.state != "done":
        raise NotReconciled
    if last.differences or not last.system_fen == last.treasury_fen == last.bank_fen:
        raise BooksDiffer(last.reconciliation_id)
    if standing.open or (last.lines, last.system_fen) != (standing.lines, standing.paid_fen):
        raise NotReconciled
    if last.asked_by == caller.subject:
        raise SameSigner
    closing = Closing(caller.subject, now, last.reconciliation_id, standing.lines, standing.paid_fen)
    if not await reconciliations.close(tx, last, closing):
        raise MonthClosed
    tx.audit(
        Act.MONTH_CLOSED,
        subject=last.reconciliation_id,
        office=office,
        details={"month": str(month), "lines": closing.lines, "total_fen": closing.total_fen},
    )
    return closing
