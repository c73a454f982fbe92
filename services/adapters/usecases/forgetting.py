"""Forgetting what has served its purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.callers import Caller
from chassis.transaction import Transaction
from services.adapters.store import calls as call_store
from services.adapters.store import inquiries as inquiry_store

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Retention:
    """How long raw answers, and who the people of an inquiry are, stay: days of business time, 90 at most."""

    days: int = 90


async def forget_what_has_served(tx: Transaction, caller: Caller, *, now: datetime) -> None:
    """Delete old evidence and erase the people of old inquiries, some at a time.

    Calls stay: who was asked about, and why, can be shown for as long as the case is kept (R-240).
    """
    before = now - timedelta(days=tx.of(Retention).days)
    await call_store.forget_evidence(tx, before=before, limit=_AT_ONCE)
    await inquiry_store.forget_people(tx, before=before, limit=_AT_ONCE)
