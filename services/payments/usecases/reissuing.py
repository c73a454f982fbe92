"""A returned line gets a new attempt, into a corrected account; both stay linked under the line (R-209, R-211)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.values import AccountNumber, Month, is_card_number
from services.payments.domain.roster import LineState, instruction_id
from services.payments.store import attempts, entitlements, lines
from services.payments.store.lines import Row
from services.payments.usecases.claiming import QUEUE
from services.payments.usecases.refusals import (
    CardUnacceptable,
    LineAbsent,
    LineNotReturned,
    known,
)


async def pay_again(tx: Transaction, caller: Caller, line_id: str, account: str, *, now: datetime) -> Row:
    """Try a returned line again into the same holder's corrected account, which later rosters use too.

    The line itself, signed for, stays as it was; the account changes in the attempt alone. A month with a returned line
    cannot have been closed.
    Raises LineAbsent, LineNotReturned, CardUnacceptable.
    """
    if not is_card_number(account):
        raise CardUnacceptable
    row = known(await lines.lock(tx, line_id), LineAbsent)
    if row.state is not LineState.RETURNED:
        raise LineNotReturned
    line = row.line
    past = await attempts.of_line(tx, line_id)
    payee = replace(lines.payee_of(tx, row), account=AccountNumber(account))
    number = past[-1].number + 1
    await attempts.again(
        tx,
        instruction_id(line.roster_id, line_id, number),
        line_id,
        line.roster_id,
        line.office,
        str(Month.parse(row.month)),
        number,
        line.amount_fen,
        payee,
        now=now,
    )
    await lines.send_off(tx, [line_id])
    await entitlements.correct_payee(tx, line.entitlement_id, payee)
    tx.audit(
        Act.PAYMENT_TRIED_AGAIN,
        subject=line_id,
        office=line.office,
        details={"attempt": number, "amount_fen": line.amount_fen, "returned": past[-1].reason or ""},
    )
    tx.wake(QUEUE)
    return known(await lines.get(tx, line_id), LineAbsent)
