"""Writing down what became of attempts: once, in the books, and to whoever listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from chassis.callers import Caller
from chassis.ids import new_event_id
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts import telemetry
from contracts.audit import Act
from contracts.events.payments import PaymentSettled
from services.payments.domain.ledger import Entry, Movement
from services.payments.domain.payment import Claimed, Patience
from services.payments.domain.roster import LineState
from services.payments.domain.words import NotDone, NotThere, Paid, Returned, Told, Unknown, is_final
from services.payments.store import attempts, entries, lines
from services.payments.store.attempts import Settlement
from services.payments.usecases.claiming import QUEUE


async def record_words(
    tx: Transaction, caller: Caller, claimed: Sequence[Claimed], told: Sequence[Told], *, now: datetime
) -> None:
    """Settle attempts that are still this worker's; one whose lease was taken over is left to the other.

    What nobody knows stays intended and is asked about again; only a final "not found" lets an attempt be sent anew.
    """
    patience = tx.of(Patience)
    rows = [_settlement(one, each, patience, now) for one, each in zip(claimed, told, strict=True)]
    live = await attempts.settle(tx, rows)
    mine = [(one, each) for one, each in zip(claimed, told, strict=True) if one.instruction_id in live]
    if not mine:
        return
    await lines.settle(tx, [_line(one, each) for one, each in mine])
    booked = [entry for one, each in mine for entry in _entries(one, each)]
    if booked:
        await entries.add(tx, booked, now=now)
    ended = [(one, each.word) for one, each in mine if isinstance(each.word, Paid | Returned)]
    for one, word in ended:
        _say(tx, one, word, now)
    for outcome, number in Counter("paid" if isinstance(word, Paid) else "returned" for _, word in ended).items():
        count(telemetry.PAYMENTS, number, outcome=outcome)
    _audit(tx, ended)
    if len(ended) < len(claimed):
        tx.wake(QUEUE)


def _settlement(one: Claimed, told: Told, patience: Patience, now: datetime) -> Settlement:
    ident, fence, word = one.instruction_id, one.fence, told.word
    match word:
        case Paid():
            return Settlement(ident, fence, "paid", now, 0, word.bank_ref, None, word.at)
        case Returned():
            return Settlement(ident, fence, "returned", now, 0, None, word.reason, word.at)
        case NotThere() if is_final(word, one.valid_until):
            return Settlement(ident, fence, "due", now, 0, None, None, None)
        case NotThere():
            wait = max(now, one.valid_until) + patience.first_pause
            return Settlement(ident, fence, "intended", wait, 0, None, None, None)
        case NotDone():
            wait = max(now, one.valid_until) if word.may_linger else now
            later = wait + patience.pause(one.unanswered)
            return Settlement(ident, fence, "due", later, one.unanswered + 1, None, word.reason, None)
        case Unknown():
            later = now + patience.pause(one.unanswered)
            return Settlement(ident, fence, "intended", later, one.unanswered + 1, None, word.reason, None)
        case never:
            assert_never(never)


def _line(one: Claimed, told: Told) -> tuple[str, LineState, str | None, bool]:
    match told.word:
        case Paid():
            return one.line_id, LineState.PAID, None, True
        case Returned():
            return one.line_id, LineState.RETURNED, told.word.reason, True
    return one.line_id, LineState.UNDER_WAY, None, told.is_allocated


def _entries(one: Claimed, told: Told) -> list[Entry]:
    """What has moved as far as we now know; a line's money is allocated once, however many attempts it takes.

    The bank is only ever told of lines the treasury has allocated: what it executed or returned, was.
    """
    found: list[Entry] = []
    if told.is_allocated or isinstance(told.word, Paid | Returned):
        found.append(_entry(Movement.ALLOCATED, one, one.line_id))
    if isinstance(told.word, Paid):
        found.append(_entry(Movement.PAID, one, one.instruction_id))
    return found


def _entry(movement: Movement, one: Claimed, reference: str) -> Entry:
    return Entry(movement, reference, one.line_id, one.office, one.month, one.purpose, one.amount_fen)


def _say(tx: Transaction, one: Claimed, word: Paid | Returned, now: datetime) -> None:
    tx.say(
        PaymentSettled(
            event_id=new_event_id(),
            occurred_at=now,
            line_id=one.line_id,
            roster_id=one.roster_id,
            application_id=one.application_id,
            office=one.office,
            month=one.month,
            amount_fen=one.amount_fen,
            outcome="paid" if isinstance(word, Paid) else "returned",
            reason="" if isinstance(word, Paid) else word.reason,
            attempt=one.number,
            settled_at=word.at,
        ),
        trace=one.trace or None,
    )


def _audit(tx: Transaction, ended: Sequence[tuple[Claimed, Paid | Returned]]) -> None:
    for one, word in ended:
        is_paid = isinstance(word, Paid)
        tx.audit(
            Act.PAYMENT_SETTLED,
            subject=one.line_id,
            office=one.office,
            details={
                "outcome": "paid" if is_paid else "returned",
                "amount_fen": one.amount_fen,
                "attempt": one.number,
            },
        )
