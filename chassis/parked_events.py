"""Operators' doors to parked events: list, inspect (never their content), re-drive."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from chassis import parking
from chassis.access import Db
from chassis.away import TRANSIENT
from chassis.callers import Caller
from chassis.consumer import Consumer, problem_of
from chassis.idempotency import Answer, once
from chassis.logs import where
from chassis.paging import Page, PageOf, cursor
from chassis.permissions import needs
from chassis.refusal import Absent, Kind, Refusal
from chassis.transaction import Transaction

_log = structlog.get_logger(__name__)


class Acts(StrEnum):
    """What operators do here, as the audit trail says it."""

    EVENT_REDRIVEN = "event.redriven"


ParkedId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class ParkedEvent(BaseModel):
    """Where the event came from and why it waits."""

    id: int
    event_id: str
    topic: str
    key: str
    type: str
    version: int
    part: int | None
    problem: str
    attempts: int
    parked_at: datetime


class ParkedEvents(BaseModel):
    data: list[ParkedEvent]
    page: PageOf


class Redriven(BaseModel):
    """How many events of the key took effect."""

    key: str
    taken: int


class RedriveFailed(Refusal):
    """The events of the key still cannot take effect; they stay parked, in order."""

    kind = Kind.CONFLICT
    code = "redrive-failed"
    zh = "该事项的事件仍无法处理，已保持暂存；原因见服务日志。"
    en = "The events of this key still cannot take effect and stay parked; the log says why."


def _shown(parked: parking.Parked) -> ParkedEvent:
    return ParkedEvent(**asdict(parked))


def routes(service: str) -> APIRouter:
    """The doors under /<service>/v1/parked-events."""
    router = APIRouter(prefix=f"/{service}/v1/parked-events", tags=["operations"])

    @router.get("", response_model=ParkedEvents)
    async def list_parked_events(
        caller: Annotated[Caller, needs("ops:read")], db: Db, page: Annotated[Page, cursor(int)]
    ) -> Response:
        """Parked events in the order they came."""
        async with db.transaction(caller) as tx:
            rows = await parking.list_parked(tx, page.after[0] if page.after else 0, page.fetch)
        return page.answer(rows, key=lambda row: (row.id,), show=_shown)

    @router.get("/{parked_id}")
    async def show_parked_event(
        caller: Annotated[Caller, needs("ops:read")], db: Db, parked_id: ParkedId
    ) -> ParkedEvent:
        async with db.transaction(caller) as tx:
            found = await parking.find_parked(tx, parked_id)
        if found is None:
            raise Absent
        return _shown(found)

    @router.post("/{parked_id}/redrive", response_model=Redriven)
    async def redrive_parked_event(
        request: Request, caller: Annotated[Caller, needs("ops:write")], parked_id: ParkedId
    ) -> Response:
        """Let all parked events of this one's key take effect in order: all of them, or none."""
        consumer: Consumer = request.app.state.runtime.consumer

        async def act(tx: Transaction) -> Answer:
            found = await parking.find_parked(tx, parked_id)
            if found is None:
                raise Absent
            try:
                taken = await consumer.redrive(tx, found.key)
            except TRANSIENT:
                raise
            except Exception as failed:
                _log.warning("redrive failed", key=found.key, problem=problem_of(failed), where=where(failed))
                raise RedriveFailed from None
            tx.audit(Acts.EVENT_REDRIVEN, subject=found.key, office=caller.org, details={"events": taken})
            return Answer(200, Redriven(key=found.key, taken=taken))

        return await once(request, caller.across_the_tree(), act)

    return router
