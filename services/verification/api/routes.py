"""The doors of verification: flags to read and resolve, checks, reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from chassis.access import Db, Now
from chassis.bodies import body
from chassis.callers import Caller
from chassis.etags import require_match
from chassis.idempotency import Answer, once
from chassis.paging import Page, cursor
from chassis.permissions import needs
from chassis.transaction import Transaction
from services.verification import queries
from services.verification.api import answers
from services.verification.api.models import ResolutionIn
from services.verification.usecases import reviewing
from services.verification.usecases.refusals import CheckAbsent, FlagAbsent, ReportAbsent, known

router = APIRouter(prefix="/verification/v1")

FlagReader = Annotated[Caller, needs("flags:read")]
FlagResolver = Annotated[Caller, needs("flags:resolve")]
ReportReader = Annotated[Caller, needs("reports:read")]

FlagId = Annotated[str, Path(pattern="^flag_[0-9a-f]{32}$", max_length=37)]
CheckId = Annotated[str, Path(pattern="^chk_[0-9a-f]{32}$", max_length=36)]
ReportId = Annotated[str, Path(pattern="^rep_[0-9a-f]{32}$", max_length=36)]
ApplicationId = Annotated[str, Query(pattern="^app_[0-9a-f]{32}$", max_length=36)]


@router.get("/flags", tags=["flags"], responses={200: {"model": answers.FlagsOut}})
async def list_flags(
    caller: FlagReader,
    db: Db,
    page: Annotated[Page, cursor(datetime, str)],
    state: Annotated[Literal["open", "closed"], Query()] = "open",
) -> Response:
    """The caseworker's list: flags within the caller's jurisdiction, the oldest first. Nobody is named."""
    async with db.transaction(caller) as tx:
        after = (page.after[0], page.after[1]) if page.after else None
        lines = await queries.page_of_flags(tx, caller, closed=state == "closed", after=after, limit=page.fetch)
    return page.answer(lines, key=lambda one: (one.raised_at, one.flag_id), show=answers.flag_line)


@router.get("/flags/{flag_id}", tags=["flags"], responses={200: {"model": answers.FlagOut}})
async def read_flag(caller: FlagReader, db: Db, flag_id: FlagId) -> Response:
    """One flag: declared against found with its arithmetic, source, as-of date and hash of the answer (R-068)."""
    async with db.transaction(caller) as tx:
        row = known(await queries.read_flag(tx, caller, flag_id), FlagAbsent)
    return _json(answers.flag(row), ETag=answers.flag_etag(row.line))


@router.post("/flags/{flag_id}/resolution", tags=["flags"], responses={200: {"model": answers.ResolvedOut}})
async def resolve_flag(
    caller: FlagResolver,
    request: Request,
    now: Now,
    flag_id: FlagId,
    facts: Annotated[ResolutionIn, body(ResolutionIn, limit=64_000)],
) -> Response:
    """Close a flag, for good, after it was clarified with the applicant; untrue needs evidence (R-069 to R-071)."""

    async def act(tx: Transaction) -> Answer:
        row = await reviewing.lock_flag(tx, caller, flag_id)
        require_match(request, answers.flag_etag(row.line), see=f"/verification/v1/flags/{flag_id}")
        reviewed = await reviewing.resolve_flag(tx, caller, row, facts.opinion(), now=now)
        return Answer(200, orjson.dumps(answers.resolved(reviewed)), {"ETag": answers.flag_etag(reviewed.row.line)})

    return await once(request, caller, act)


@router.get("/checks", tags=["checks"], responses={200: {"model": answers.ChecksOut}})
async def list_checks(caller: ReportReader, db: Db, application_id: ApplicationId) -> Response:
    """The check of an application."""
    async with db.transaction(caller) as tx:
        check = known(await queries.check_of_application(tx, caller, application_id), CheckAbsent)
    return _json({"data": [answers.check(check)]})


@router.get("/checks/{check_id}", tags=["checks"], responses={200: {"model": answers.CheckOut}})
async def read_check(caller: ReportReader, db: Db, check_id: CheckId) -> Response:
    """How a check stands: which agencies have answered, are silent so far, or are waited for."""
    async with db.transaction(caller) as tx:
        check = known(await queries.read_check(tx, caller, check_id), CheckAbsent)
    return _json(answers.check(check))


@router.get("/reports", tags=["reports"], responses={200: {"model": answers.ReportsOut}})
async def list_reports(caller: ReportReader, db: Db, application_id: ApplicationId) -> Response:
    """Every version of an application's report, the first first."""
    async with db.transaction(caller) as tx:
        lines = known(await queries.versions_of_report(tx, caller, application_id), CheckAbsent)
    return _json({"data": [answers.report_line(line) for line in lines]})


@router.get("/reports/{report_id}", tags=["reports"], responses={200: {"model": answers.ReportOut}})
async def read_report(caller: ReportReader, db: Db, report_id: ReportId) -> Response:
    """One version as issued, with the signature it stands under. Superseded versions stay readable."""
    async with db.transaction(caller) as tx:
        read = known(await queries.read_report(tx, caller, report_id), ReportAbsent)
    return _json(answers.report(read), ETag=f'"{read.line.content_hash.hex()}"')


def _json(content: dict[str, object], **headers: str) -> Response:
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")
