"""What is due in approval when time passes."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from services.approval.usecases import casework, certifying


async def end_publicities(tx: Transaction, *, now: datetime) -> None:
    """Publicities whose last full day has passed without objection."""
    await certifying.end_publicities(tx, tx.caller, now=now)


async def reckon_again(tx: Transaction, *, now: datetime) -> None:
    """Deadlines reckoned with a calendar that has been replaced."""
    await casework.reckon_again(tx, tx.caller, now=now)
