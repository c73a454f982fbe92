"""`python -m tests.chaos.controls.pay_then_mark <service>`: the bank is told before anything is written down.

No intent is committed before the bank hears of a payment, and nobody is asked what became of one before it is sent
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from chassis import run
from chassis.shelf import Shelf
from chassis.transaction import Transaction
from chassis.work import Lease
from services.payments.domain.payment import Claimed
from services.payments.domain.words import Told
from services.payments.usecases import claiming, sending

_claim = claiming.claim_payments
_pay = sending.pay
_told: dict[tuple[str, int], Told] = {}
"""What the bank said, by instruction and fence, until it is written down."""


async def pay_while_claiming(tx: Transaction, caller: Any, *, limit: int, now: datetime, lease: Lease) -> list[Claimed]:
    """Claims as ever, and tells the bank within the same transaction."""
    claimed = await _claim(tx, caller, limit=limit, now=now, lease=lease)
    if claimed:
        words = await _pay(cast("Shelf", tx), [replace(one, must_ask=False) for one in claimed])
        _told.update({(one.instruction_id, one.fence): word for one, word in zip(claimed, words, strict=True)})
    return claimed


async def repeat_what_was_told(of: Shelf, claimed: Sequence[Claimed]) -> list[Told]:
    """The answers that the claim has brought already."""
    return [_told.pop((one.instruction_id, one.fence)) for one in claimed]


if __name__ == "__main__":
    claiming.claim_payments = pay_while_claiming
    sending.pay = repeat_what_was_told
    run.main()
