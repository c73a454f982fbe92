"""What is due when time passes."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from services.adapters.usecases import forgetting, reclaiming


async def give_up_lost_calls(tx: Transaction, *, now: datetime) -> None:
    await reclaiming.give_up_lost_calls(tx, tx.caller, now=now)


async def forget_what_has_served(tx: Transaction, *, now: datetime) -> None:
    await forgetting.forget_what_has_served(tx, tx.caller, now=now)
