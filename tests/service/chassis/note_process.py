"""The note service as a process of its own: `python -m tests.service.chassis.note_process payments`.

Whoever waits here waits for the file that NOTE_GATE names; each writes beside it that it has come so far. The topic is
NOTE_TOPIC.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis import run, sql
from chassis.callers import Caller
from chassis.idempotency import Answer, once
from chassis.permissions import needs
from chassis.service import Service
from chassis.shelf import Shelf
from chassis.transaction import Transaction
from chassis.work import Lease, Work
from tests.service.chassis.note_service import NAME, Noted, noted
from tests.service.chassis.topics import noted_on

_CLAIM = """
update job set state = 'claimed', fence = fence + 1, lease_until = $1
where state <> 'done' and lease_until < clock_timestamp() returning id, fence
"""

HERE = noted_on(os.environ["NOTE_TOPIC"])
GATE = Path(os.environ["NOTE_GATE"])

router = APIRouter(prefix="/payments/v1/notes")


class Written(BaseModel):
    key: str


async def pass_gate(who: str) -> None:
    GATE.with_name(f"{who}.came").touch()
    while not GATE.exists():  # noqa: ASYNC110, ASYNC240 (the test that opens it is another process)
        await asyncio.sleep(0.01)


@router.post("", response_model=Written)
async def write_note(request: Request, caller: Annotated[Caller, needs("notes:write")]) -> Response:
    async def act(tx: Transaction) -> Answer:
        tx.say(noted("said", 1, kind=HERE))
        await pass_gate("request")
        return Answer(201, Written(key="said"))

    return await once(request, caller, act)


async def take(tx: Transaction, facts: list[Noted], *, now: datetime) -> None:
    cases, numbers = [fact.case_id for fact in facts], [fact.number for fact in facts]
    await sql.execute(
        tx, "insert into effect (case_id, number) select * from unnest($1::text[], $2::int[])", cases, numbers
    )


async def claim(tx: Transaction, *, limit: int, now: datetime, lease: Lease) -> list[tuple[int, int]]:
    return [(row["id"], row["fence"]) for row in await sql.fetch(tx, _CLAIM, lease.until)]


async def call(shelf: Shelf, claimed: list[tuple[int, int]]) -> None:
    await pass_gate("call")


async def record(tx: Transaction, ended: list[tuple[list[tuple[int, int]], None]], *, now: datetime) -> None:
    for job, fence in [job for claimed, _ in ended for job in claimed]:
        await sql.execute(tx, "update job set state = 'done' where id = $1 and fence = $2", job, fence)


SERVICE = Service(
    name=f"{NAME}-{HERE.topic}",
    routes=(router,),
    hears={HERE: take},
    says=(HERE,),
    works={"jobs": Work(claim=claim, call=call, record=record, lease_s=1.0, poll_s=0.1)},
)

if __name__ == "__main__":
    run.find_service = lambda name: SERVICE
    run.main()
