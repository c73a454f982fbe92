"""The doors of intake: applications in, receipts out."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from chassis.access import Db, Now
from chassis.bodies import body
from chassis.callers import Caller
from chassis.clock import local_day
from chassis.idempotency import Answer, once
from chassis.languages import preferred
from chassis.paging import Page, cursor
from chassis.permissions import needs
from chassis.refusal import Refusal
from chassis.transaction import Transaction
from contracts.vocabulary import ApplicationState
from services.intake import queries
from services.intake.api import answers
from services.intake.api.batches import rows_of
from services.intake.api.models import ApplicationIn, BatchIn, PapersIn
from services.intake.usecases import papers, submission, withdrawal
from services.intake.usecases.refusals import location_of

router = APIRouter(prefix="/intake/v1", tags=["applications"])

Submitter = Annotated[Caller, needs("applications:submit")]
Reader = Annotated[Caller, needs("applications:read")]
MaterialsClerk = Annotated[Caller, needs("materials:add")]
ConsentClerk = Annotated[Caller, needs("consents:withdraw")]

ApplicationId = Annotated[str, Path(pattern="^app_[0-9a-f]{32}$", max_length=36)]
MemberId = Annotated[str, Path(pattern="^mem_[0-9a-f]{32}_[0-9]{2}$", max_length=39)]


def _reads(model: type[Any]) -> dict[str, Any]:
    """The body in the published contract, for routes that read it themselves."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


@router.post("/applications", status_code=202, responses={202: {"model": answers.ReceiptOut}})
async def submit(
    caller: Submitter, request: Request, now: Now, facts: Annotated[ApplicationIn, body(ApplicationIn)]
) -> Response:
    """Hand in one application. It is accepted, or kept incomplete with one list of what is missing (R-007, R-008)."""

    async def act(tx: Transaction) -> Answer:
        (verdict,) = await submission.submit_applications(tx, caller, [facts.entry()], now=now)
        if isinstance(verdict, Refusal):
            raise verdict
        return _receipt(queries.view(tx, verdict, local_day(now)))

    return await once(request, caller, act)


@router.post("/applications/batch", responses={200: {"model": answers.BatchOut}}, openapi_extra=_reads(BatchIn))
async def submit_batch(caller: Submitter, request: Request, now: Now) -> Response:
    """Hand in up to 200 applications, each with a verdict of its own. The body may have 4 MB."""
    rows = await rows_of(request)
    language = preferred(request.headers.get("accept-language", ""))

    async def act(tx: Transaction) -> Answer:
        entries = [row for row in rows if not isinstance(row, Refusal)]
        taken = iter(await submission.submit_applications(tx, caller, entries, now=now))
        verdicts = [row if isinstance(row, Refusal) else next(taken) for row in rows]
        today = local_day(now)
        shown = [one if isinstance(one, Refusal) else queries.view(tx, one, today) for one in verdicts]
        return Answer(200, orjson.dumps(answers.verdicts(shown, language)))

    return await once(request, caller, act)


@router.get("/applications", responses={200: {"model": answers.ApplicationsOut}})
async def list_applications(
    caller: Reader,
    db: Db,
    page: Annotated[Page, cursor(str)],
    state: Annotated[ApplicationState | None, Query()] = None,
) -> Response:
    """The applications within the caller's jurisdiction, oldest first. Nobody is named."""
    after = page.after[0] if page.after else ""
    async with db.transaction(caller) as tx:
        lines = await queries.page_of_applications(tx, caller, after=after, state=state, limit=page.fetch)
    return page.answer(lines, key=lambda one: (one.application_id,), show=answers.line)


@router.get("/applications/{application_id}", responses={200: {"model": answers.ApplicationOut}})
async def read(caller: Reader, db: Db, now: Now, application_id: ApplicationId) -> Response:
    """One application; its members are shown masked, and the reading is recorded."""
    async with db.transaction(caller) as tx:
        view = await queries.read_application(tx, caller, application_id, now=now)
    return Response(orjson.dumps(answers.application(view)), media_type="application/json")


@router.post("/applications/{application_id}/materials", responses={200: {"model": answers.ReceiptOut}})
async def add_materials(
    caller: MaterialsClerk,
    request: Request,
    now: Now,
    application_id: ApplicationId,
    facts: Annotated[PapersIn, body(PapersIn)],
) -> Response:
    """Bring what was missing, or further materials. With the last missing paper the application is accepted (R-008)."""

    async def act(tx: Transaction) -> Answer:
        application = await papers.add_papers(tx, caller, application_id, facts.take(), now=now)
        return Answer(200, orjson.dumps(answers.receipt(queries.view(tx, application, local_day(now)))))

    return await once(request, caller, act)


@router.post(
    "/applications/{application_id}/withdrawal", status_code=202, responses={202: {"model": answers.ReceiptOut}}
)
async def withdraw(caller: Submitter, request: Request, now: Now, application_id: ApplicationId) -> Response:
    """Take the application back: nothing more is asked or decided."""

    async def act(tx: Transaction) -> Answer:
        application = await withdrawal.withdraw_application(tx, caller, application_id, now=now)
        return _receipt(queries.view(tx, application, local_day(now)))

    return await once(request, caller, act)


@router.post(
    "/applications/{application_id}/consents/{member_id}/withdrawal",
    status_code=202,
    responses={202: {"model": answers.ReceiptOut}},
)
async def withdraw_consent(
    caller: ConsentClerk, request: Request, now: Now, application_id: ApplicationId, member_id: MemberId
) -> Response:
    """Take one member's consent back: no agency is asked about the member any more, within a second."""

    async def act(tx: Transaction) -> Answer:
        application = await withdrawal.withdraw_consent(tx, caller, application_id, member_id, now=now)
        return _receipt(queries.view(tx, application, local_day(now)))

    return await once(request, caller, act)


def _receipt(view: queries.View) -> Answer:
    """202 with the receipt and where to read on."""
    headers = {"Location": location_of(view.application.application_id)}
    return Answer(202, orjson.dumps(answers.receipt(view)), headers)
