"""What is due in verification when time passes."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from services.verification.usecases import issuing


async def close_overdue_checks(tx: Transaction, *, now: datetime) -> None:
    """Agencies that have not answered by the deadline are waited for no longer."""
    await issuing.close_overdue(tx, tx.caller, now=now)
