"""The county's doors: draw, read what was drawn, record what was found."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from chassis.access import Db, Now
from chassis.bodies import body
from chassis.callers import Caller
from chassis.idempotency import Answer, once
from chassis.paging import Page, cursor
from chassis.permissions import needs
from chassis.transaction import Transaction
from services.approval import queries
from services.approval.api import answers, models
from services.approval.usecases import spot_checking
from services.approval.usecases.refusals import DrawAbsent, known

router = APIRouter(prefix="/approval/v1", tags=["spot checks"])

Reader = Annotated[Caller, needs("cases:read")]
Checker = Annotated[Caller, needs("spot_checks:write")]

DrawId = Annotated[str, Path(pattern="^drw_[0-9a-f]{32}$", max_length=36)]
SpotCheckId = Annotated[str, Path(pattern="^spc_[0-9a-f]{32}$", max_length=36)]


@router.post("/draws", status_code=201, responses={201: {"model": answers.DrawOut}})
async def draw(
    caller: Checker, request: Request, now: Now, facts: Annotated[models.DrawIn, body(models.DrawIn, limit=2_000)]
) -> Response:
    """Draw the share the region asks for from a township's applicants that were in no draw yet (R-138)."""

    async def act(tx: Transaction) -> Answer:
        drawing = await spot_checking.draw_spot_checks(tx, caller, facts.office, now=now)
        headers = {"Location": f"/approval/v1/draws/{drawing.draw.draw_id}"}
        return Answer(201, orjson.dumps(answers.draw(drawing)), headers)

    return await once(request, caller, act)


@router.get("/draws/{draw_id}", responses={200: {"model": answers.DrawOut}})
async def read_draw(caller: Reader, db: Db, draw_id: DrawId) -> Response:
    """A draw with its seed and population: anybody can draw it again."""
    async with db.transaction(caller) as tx:
        drawing = known(await queries.read_draw(tx, caller, draw_id), DrawAbsent)
    return Response(orjson.dumps(answers.draw(drawing)), media_type="application/json")


@router.get("/spot-checks", responses={200: {"model": answers.SpotChecksOut}})
async def list_spot_checks(
    caller: Reader, db: Db, page: Annotated[Page, cursor(str)], done: Annotated[bool | None, Query()] = None
) -> Response:
    """Spot checks within the caller's range, the oldest first."""
    async with db.transaction(caller) as tx:
        after = page.after[0] if page.after else ""
        lines = await queries.page_of_spot_checks(tx, caller, after=after, done=done, limit=page.fetch)
    return page.answer(lines, key=lambda one: (one.spot_check_id,), show=answers.spot_check)


@router.post("/spot-checks/{spot_check_id}/result", status_code=201, responses={201: {"model": answers.SpotCheckOut}})
async def record_result(
    caller: Checker,
    request: Request,
    now: Now,
    spot_check_id: SpotCheckId,
    facts: Annotated[models.ResultIn, body(models.ResultIn, limit=20_000)],
) -> Response:
    """What the county found, once; a problem has a day by which it is put right (R-138, R-140)."""

    async def act(tx: Transaction) -> Answer:
        line = await spot_checking.record_result(tx, caller, spot_check_id, facts.take(), now=now)
        return Answer(201, orjson.dumps(answers.spot_check(line)))

    return await once(request, caller, act)
