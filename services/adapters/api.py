"""Who may look into adapters: operators at the agencies' health, auditors at who was asked about a household."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from chassis.access import Db
from chassis.callers import Caller
from chassis.paging import Page, PageOf, cursor
from chassis.permissions import needs
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters import queries

router = APIRouter(prefix="/adapters/v1", tags=["adapters"])


class AgencyOut(BaseModel):
    """One agency as this process sees it."""

    agency: Agency
    label: str
    is_connected: bool
    breaker: str
    """closed, open, half_open or not_connected."""
    last_good_answer_at: datetime | None
    waiting: int
    """Questions not answered yet, counted up to 10,000."""
    first_due_at: datetime | None


class AgenciesOut(BaseModel):
    data: list[AgencyOut]


class CallOut(BaseModel):
    """One call in which the household was asked about, written down before it was made."""

    call_id: str
    agency: Agency
    label: str
    purpose: str
    asked_at: datetime
    ended_at: datetime | None
    households: int
    persons: int
    outcome: Outcome | None
    reason: Reason
    evidence_root: str | None
    """Hash over the kept answer; the same stands in the audit trail."""


class CallsOut(BaseModel):
    data: list[CallOut]
    page: PageOf


@router.get("/agencies", summary="How the agencies are answering · 信息源状态")
async def list_agencies(caller: Annotated[Caller, needs("ops:read")], db: Db) -> AgenciesOut:
    async with db.transaction(caller) as tx:
        standings = await queries.agencies(tx, caller)
    return AgenciesOut(
        data=[
            AgencyOut(
                agency=standing.agency,
                label=standing.agency.label,
                is_connected=standing.is_connected,
                breaker=standing.breaker,
                last_good_answer_at=standing.last_good_answer_at,
                waiting=standing.waiting,
                first_due_at=standing.first_due_at,
            )
            for standing in standings
        ]
    )


@router.get("/calls", summary="Who was asked about a household, and when · 查询记录", response_model=CallsOut)
async def list_calls(
    caller: Annotated[Caller, needs("audit:read")],
    db: Db,
    check_id: Annotated[str, Query(pattern=r"^[a-z0-9_-]{1,64}$", max_length=64)],
    page: Annotated[Page, cursor(int)],
) -> Response:
    async with db.transaction(caller) as tx:
        calls = await queries.calls_of_check(
            tx, caller, check_id, after=page.after[0] if page.after else 0, limit=page.fetch
        )
    return page.answer(calls, key=lambda call: (call.call_id,), show=_shown)


def _shown(call: queries.Call) -> CallOut:
    return CallOut(
        call_id=f"call_{call.call_id}",
        agency=call.agency,
        label=call.agency.label,
        purpose=call.purpose,
        asked_at=call.asked_at,
        ended_at=call.ended_at,
        households=call.households,
        persons=call.persons,
        outcome=call.outcome,
        reason=call.reason,
        evidence_root=call.root.hex() if call.root else None,
    )
