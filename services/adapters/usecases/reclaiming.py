"""Calls nobody will record any more, because whoever made them is gone."""

from __future__ import annotations

from datetime import datetime

from chassis.callers import Caller
from chassis.transaction import Transaction
from services.adapters.store import asking as asking_store


async def give_up_lost_calls(tx: Transaction, caller: Caller, *, now: datetime) -> None:
    """Let the questions of calls whose lease has run out wait again; consent is looked at again on their way."""
    for agency in await asking_store.give_up_lost(tx, now=now):
        tx.wake(agency.value)
