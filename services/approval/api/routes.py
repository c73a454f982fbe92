"""The doors of approval: cases to read, and every act on them, each by whoever may do it, on the version they saw."""

from __future__ import annotations

from typing import Annotated

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
from services.approval import queries
from services.approval.api import answers, models
from services.approval.api.showing import see, shown
from services.approval.domain.words import State
from services.approval.usecases import casework, deciding, notifying, publishing, surveying
from services.approval.usecases.refusals import CaseAbsent, known

router = APIRouter(prefix="/approval/v1/cases", tags=["cases"])

Reader = Annotated[Caller, needs("cases:read")]
Surveyor = Annotated[Caller, needs("surveys:record")]
PayeeClerk = Annotated[Caller, needs("payees:record")]
Opiner = Annotated[Caller, needs("opinions:write")]
Decider = Annotated[Caller, needs("decisions:write")]
Publisher = Annotated[Caller, needs("publicity:write")]
ObjectionClerk = Annotated[Caller, needs("objections:record")]
NoticeClerk = Annotated[Caller, needs("notices:record")]

CaseId = Annotated[str, Path(pattern="^case_[0-9a-f]{32}$", max_length=37)]
ApplicationId = Annotated[str | None, Query(pattern="^app_[0-9a-f]{32}$", max_length=36)]


@router.get("", responses={200: {"model": answers.CasesOut}})
async def list_cases(
    caller: Reader,
    db: Db,
    now: Now,
    page: Annotated[Page, cursor(str)],
    state: Annotated[State | None, Query()] = None,
    overdue: Annotated[bool, Query()] = False,
    application_id: ApplicationId = None,
) -> Response:
    """Cases within the caller's range, oldest first, with their clocks; `overdue` leaves those past their day."""
    async with db.transaction(caller) as tx:
        lines = await queries.page_of_cases(
            tx,
            caller,
            after=page.after[0] if page.after else "",
            state=state,
            application_id=application_id,
            overdue=overdue,
            limit=page.fetch,
            now=now,
        )
    return page.answer(lines, key=lambda one: (one.case.case_id,), show=answers.line)


@router.get("/{case_id}", responses={200: {"model": answers.CaseOut}})
async def read_case(caller: Reader, db: Db, now: Now, case_id: CaseId) -> Response:
    """One case with everything on record; names and accounts masked, the reading recorded."""
    async with db.transaction(caller) as tx:
        found = known(await queries.read_case(tx, caller, case_id, now=now), CaseAbsent)
    content = orjson.dumps(answers.whole(found))
    return Response(content, headers={"ETag": answers.etag(found.view.case)}, media_type="application/json")


@router.post("/{case_id}/survey", status_code=201, responses={201: {"model": answers.DoneOut}})
async def record_survey(
    caller: Surveyor,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.SurveyIn, body(models.SurveyIn, limit=200_000)],
) -> Response:
    """The Household Survey Form, by two or more people, signed (R-092 to R-098)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await surveying.record_survey(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/payee", status_code=201, responses={201: {"model": answers.DoneOut}})
async def record_payee(
    caller: PayeeClerk,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.PayeeIn, body(models.PayeeIn, limit=20_000)],
) -> Response:
    """The holder and account of the social-security card (R-209 to R-215)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await surveying.record_payee(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/opinion", status_code=201, responses={201: {"model": answers.DoneOut}})
async def write_opinion(
    caller: Opiner,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.OpinionIn, body(models.OpinionIn, limit=20_000)],
) -> Response:
    """The township's first opinion, after survey and check (R-107, R-069, R-112)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await deciding.write_opinion(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/confirmation", status_code=201, responses={201: {"model": answers.DoneOut}})
async def confirm(
    caller: Decider,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.ConfirmationIn, body(models.ConfirmationIn, limit=20_000)],
) -> Response:
    """Approve or refuse, with reasons, by somebody who did not prepare it; once per case version (R-108, R-109)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await deciding.decide(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/extension", status_code=201, responses={201: {"model": answers.DoneOut}})
async def extend(
    caller: Decider,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.ExtensionIn, body(models.ExtensionIn, limit=2_000)],
) -> Response:
    """Let the clock run longer, once, in special circumstances (R-118, R-119)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await deciding.extend_deadline(tx, caller, case, facts.reason, now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/publicity", status_code=201, responses={201: {"model": answers.DoneOut}})
async def post_publicity(
    caller: Publisher,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.PublicityIn, body(models.PublicityIn, limit=20_000)],
) -> Response:
    """Post the confirmation at the village; the legal days run from the day after (R-125, R-128)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await publishing.post_publicity(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/objections", status_code=201, responses={201: {"model": answers.DoneOut}})
async def record_objection(
    caller: ObjectionClerk,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.ObjectionIn, body(models.ObjectionIn, limit=20_000)],
) -> Response:
    """An objection ends the publicity; the case is surveyed and confirmed anew (R-127, R-135)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await publishing.record_objection(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)


@router.post("/{case_id}/notices", status_code=201, responses={201: {"model": answers.DoneOut}})
async def record_notice(
    caller: NoticeClerk,
    request: Request,
    now: Now,
    case_id: CaseId,
    facts: Annotated[models.NoticeIn, body(models.NoticeIn, limit=2_000)],
) -> Response:
    """The written refusal with its reasons was delivered; its clock stops (R-116)."""

    async def act(tx: Transaction) -> Answer:
        case = await casework.lock_case(tx, caller, case_id)
        require_match(request, answers.etag(case), see=see(case_id))
        return shown(tx, await notifying.record_notice(tx, caller, case, facts.take(), now=now), now)

    return await once(request, caller, act)
