"""Claiming money to be paid: the intent is written, and everything it rests on is looked at again at that instant."""

from __future__ import annotations

from datetime import datetime

import structlog

from chassis.callers import Caller
from chassis.transaction import Transaction
from chassis.work import Lease
from contracts.audit import Act
from contracts.values import Office
from services.payments.domain.entitlement import EntitlementState, Payee
from services.payments.domain.payment import Claimed, Patience
from services.payments.domain.roster import RosterState, altered, instruction_id
from services.payments.store import attempts, lines, rosters
from services.payments.store.lines import Row
from services.payments.store.rosters import Roster
from services.payments.usecases.known_leaves import KnownLeaves
from services.payments.usecases.refusals import RosterAbsent, RosterAltered, RosterNotLocked, known
from services.payments.usecases.signing import is_as_drawn_up, is_signed

_log = structlog.get_logger(__name__)
QUEUE = "bank"


async def start_payment(tx: Transaction, caller: Caller, roster_id: str, *, now: datetime) -> Roster:
    """Let a locked roster be paid, after its whole content and both signatures were verified once more (INV-28).

    Raises RosterAbsent, RosterNotLocked, RosterAltered.
    """
    roster = known(await rosters.lock(tx, roster_id), RosterAbsent)
    if roster.state is RosterState.DISPUTED:
        raise RosterAltered
    if roster.state is not RosterState.LOCKED:
        raise RosterNotLocked
    if not (await is_signed(tx, roster) and await is_as_drawn_up(tx, roster)):
        raise RosterAltered
    await rosters.move(tx, roster_id, RosterState.PAYING, now=now)
    tx.audit(
        Act.PAYMENT_STARTED,
        subject=roster_id,
        office=roster.office,
        details={"lines": roster.lines, "total_fen": roster.total_fen, "late": int(now >= roster.pays_before)},
    )
    tx.wake(QUEUE)
    return known(await rosters.get(tx, roster_id), RosterAbsent)


async def claim_payments(tx: Transaction, caller: Caller, *, limit: int, now: datetime, lease: Lease) -> list[Claimed]:
    """Attempts to carry on with, or first attempts of lines that nobody has begun, leased to this worker.

    What is returned stands in the database as intended before anybody outside is spoken to (INV-24).
    """
    valid_until = now + tx.of(Patience).cutoff
    sound, forged = await attempts.claim_open(
        tx, limit=limit, now=now, lease_until=lease.until, valid_until=valid_until
    )
    for roster_id in sorted(forged):
        await _dispute(tx, known(await rosters.get(tx, roster_id), RosterAbsent), "attempt", now)
    if sound or forged:
        return [one for one in sound if one.roster_id not in forged]
    roster = await rosters.next_to_pay(tx)
    if roster is None:
        return []
    found = await lines.claim_due(tx, roster.roster_id, limit)
    payees = await _sound_payees(tx, roster, found)
    if payees is None:
        await _dispute(tx, roster, "roster", now)
        return []
    payable = [row for row in found if _may_be_paid(row)]
    await _stop(tx, [row for row in found if not _may_be_paid(row)])
    if not payable:
        return []
    claimed = [_first_attempt(roster, row, payees[row.line.line_id], valid_until) for row in payable]
    await lines.send_off(tx, [one.line_id for one in claimed])
    await attempts.intend(tx, claimed, valid_until=valid_until, now=now, lease_until=lease.until)
    return claimed


def _may_be_paid(row: Row) -> bool:
    """The decision the line was drawn from still stands (INV-23)."""
    return row.entitlement_state is EntitlementState.LIVE and row.decided_hash == row.line.decision_hash


async def _stop(tx: Transaction, rows: list[Row]) -> None:
    by_state: dict[str, list[str]] = {}
    for row in rows:
        by_state.setdefault(row.entitlement_state.value, []).append(row.line.line_id)
    for state, line_ids in by_state.items():
        await lines.stop(tx, line_ids, state if state != EntitlementState.LIVE else "decided_anew")


async def _sound_payees(tx: Transaction, roster: Roster, found: list[Row]) -> dict[str, Payee] | None:
    """The payees of these lines, by line; None unless lines and payees are what two people signed for.

    The leaves they are held against are verified once per process.
    """
    known_leaves = tx.of(KnownLeaves)
    leaves = known_leaves.of(roster.content_hash)
    if leaves is None:
        leaves = await rosters.leaves(tx, roster.roster_id)
    if altered(roster.head, roster.content_hash, leaves, [row.line for row in found]):
        return None
    if not await is_signed(tx, roster):
        return None
    known_leaves.learn(roster.content_hash, leaves)
    return lines.signed_payees(tx, found)


async def _dispute(tx: Transaction, roster: Roster, what: str, now: datetime) -> None:
    """Nothing more of this roster is sent; people must look (R-225, R-229)."""
    if roster.state is RosterState.DISPUTED:
        return
    await rosters.move(tx, roster.roster_id, RosterState.DISPUTED, now=now)
    tx.audit(Act.ROSTER_DISPUTED, subject=roster.roster_id, office=roster.office, details={"what": what})
    _log.error("roster altered", roster=roster.roster_id, what=what)


def _first_attempt(roster: Roster, row: Row, payee: Payee, valid_until: datetime) -> Claimed:
    line = row.line
    return Claimed(
        instruction_id=instruction_id(roster.roster_id, line.line_id, 1),
        line_id=line.line_id,
        roster_id=roster.roster_id,
        application_id=line.application_id,
        office=line.office,
        month=str(roster.month),
        payer=Office(roster.office).code,
        purpose=row.aid,
        number=1,
        amount_fen=line.amount_fen,
        payee=payee,
        fence=1,
        must_ask=False,
        sendings=1,
        is_allocated=row.is_allocated,
        valid_until=valid_until,
        previous_until=valid_until,
        unanswered=0,
        trace=row.trace,
    )
