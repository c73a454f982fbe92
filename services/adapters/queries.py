"""What adapters can be asked: how the agencies are, and who was asked about a household when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.callers import Caller
from chassis.refusal import Kind, Refusal
from chassis.transaction import Transaction
from contracts.vocabulary import Agency
from services.adapters.domain.connections import Connections
from services.adapters.store import calls as call_store
from services.adapters.store import cells as cell_store
from services.adapters.store.calls import Call

__all__ = ["AgencyStanding", "Call", "CheckUnknown", "agencies", "calls_of_check"]


class CheckUnknown(Refusal):
    kind = Kind.ABSENT
    code = "check-unknown"
    zh = "没有此核对，或不在您的辖区内。"
    en = "There is no such check, or it is not in your area."


@dataclass(frozen=True, slots=True)
class AgencyStanding:
    """How one agency is doing, seen from this process. `waiting` is counted up to 10,000."""

    agency: Agency
    is_connected: bool
    breaker: str
    last_good_answer_at: datetime | None
    waiting: int
    first_due_at: datetime | None


async def agencies(tx: Transaction, caller: Caller) -> list[AgencyStanding]:
    """All fourteen; holds nothing about any household."""
    standings: list[AgencyStanding] = []
    for connection in tx.of(Connections):
        agency = connection.desk.agency
        waiting, first_due_at = await cell_store.open_cells(tx, agency)
        last_good = await call_store.last_good_answer(tx, agency)
        standings.append(
            AgencyStanding(agency, connection.line is not None, connection.breaker, last_good, waiting, first_due_at)
        )
    return standings


async def calls_of_check(tx: Transaction, caller: Caller, check_id: str, *, after: int, limit: int) -> Sequence[Call]:
    """Every call in which the check's household took part (R-240). Raises CheckUnknown outside the caller's range."""
    office = await call_store.office_of_check(tx, check_id)
    if office is None or not caller.covers(office):
        raise CheckUnknown
    return await call_store.calls_of_check(tx, check_id, after=after, limit=limit)
