"""The doors of payments: rosters, signatures, payment, returned lines, the ledger, reconciliation, closing."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from chassis.access import Db, Now
from chassis.bodies import body
from chassis.callers import Caller
from chassis.idempotency import Answer, once
from chassis.paging import Page, cursor
from chassis.permissions import needs
from chassis.transaction import Transaction
from contracts.values import Month
from services.payments import queries
from services.payments.api import answers, shown
from services.payments.api.models import (
    MONTH,
    OFFICE,
    AccountIn,
    NothingIn,
    OfficeIn,
    RosterIn,
    SignatureIn,
    StopIn,
)
from services.payments.usecases import claiming, drawing, entitling, reconciling, reissuing, signing
from services.payments.usecases.refusals import LineAbsent, ReconciliationAbsent, RosterAbsent, known

router = APIRouter(prefix="/payments/v1")

Reader = Annotated[Caller, needs("payments:read")]
RosterOfficer = Annotated[Caller, needs("rosters:write")]
Signer = Annotated[Caller, needs("rosters:sign")]
Payer = Annotated[Caller, needs("payments:write")]
Closer = Annotated[Caller, needs("months:close")]
AccountClerk = Annotated[Caller, needs("accounts:correct")]
Stopper = Annotated[Caller, needs("entitlements:stop")]

RosterId = Annotated[str, Path(pattern="^ros_[0-9a-f]{32}$", max_length=36)]
LineId = Annotated[str, Path(pattern="^line_[0-9a-f]{32}$", max_length=37)]
EntitlementId = Annotated[str, Path(pattern="^ent_[0-9a-f]{32}$", max_length=36)]
ReconciliationId = Annotated[str, Path(pattern="^rec_[0-9a-f]{32}$", max_length=36)]
MonthPath = Annotated[str, Path(pattern=MONTH, max_length=7)]
MonthQuery = Annotated[str | None, Query(pattern=MONTH, max_length=7)]
OfficeQuery = Annotated[str, Query(pattern=OFFICE, max_length=64)]
ApplicationId = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{1,64}$", max_length=64)]


@router.post("/rosters", status_code=201, tags=["rosters"], responses={201: {"model": shown.RosterOut}})
async def draw_up(
    caller: RosterOfficer, request: Request, now: Now, facts: Annotated[RosterIn, body(RosterIn, limit=4_000)]
) -> Response:
    """Draw up a county's roster of a month, once, after the ledger of the month before has closed (R-203, R-204)."""

    async def act(tx: Transaction) -> Answer:
        roster = await drawing.draw_up_roster(tx, caller, facts.office, Month.parse(facts.month), now=now)
        headers = {"Location": f"/payments/v1/rosters/{roster.roster_id}"}
        return Answer(201, orjson.dumps(answers.roster(roster)), headers)

    return await once(request, caller, act)


@router.get("/rosters", tags=["rosters"], responses={200: {"model": shown.RostersOut}})
async def list_rosters(caller: Reader, db: Db, page: Annotated[Page, cursor(str)]) -> Response:
    """The rosters of offices within the caller's jurisdiction."""
    async with db.transaction(caller) as tx:
        found = await queries.page_of_rosters(tx, caller, after=page.after[0] if page.after else "", limit=page.fetch)
    return page.answer(found, key=lambda one: (one.roster_id,), show=answers.roster)


@router.get("/rosters/{roster_id}", tags=["rosters"], responses={200: {"model": shown.RosterViewOut}})
async def read_roster(caller: Reader, db: Db, now: Now, roster_id: RosterId) -> Response:
    """A roster, its signatures, and how far its money is."""
    async with db.transaction(caller) as tx:
        view = known(await queries.read_roster(tx, caller, roster_id, now=now), RosterAbsent)
    return _json(answers.roster_view(view))


@router.get("/rosters/{roster_id}/lines", tags=["rosters"], responses={200: {"model": shown.LinesOut}})
async def list_lines(caller: Reader, db: Db, roster_id: RosterId, page: Annotated[Page, cursor(int)]) -> Response:
    """The lines of a roster within the caller's jurisdiction. Nobody is named."""
    async with db.transaction(caller) as tx:
        rows = await queries.page_of_lines(
            tx, caller, roster_id, after=page.after[0] if page.after else -1, limit=page.fetch
        )
    return page.answer(rows, key=lambda row: (row.line.place,), show=answers.line)


@router.get("/rosters/{roster_id}/left-out", tags=["rosters"], responses={200: {"model": shown.OmissionsOut}})
async def list_left_out(caller: Reader, db: Db, roster_id: RosterId, page: Annotated[Page, cursor(str)]) -> Response:
    """Entitlements in force that stand on no line of the roster, each with the reason."""
    async with db.transaction(caller) as tx:
        found = await queries.page_of_left_out(
            tx, caller, roster_id, after=page.after[0] if page.after else "", limit=page.fetch
        )
    return page.answer(found, key=lambda one: (one.entitlement_id,), show=answers.omission)


@router.post("/rosters/{roster_id}/signatures", tags=["rosters"], responses={200: {"model": shown.RosterOut}})
async def sign(
    caller: Signer,
    request: Request,
    now: Now,
    roster_id: RosterId,
    facts: Annotated[SignatureIn, body(SignatureIn, limit=4_000)],
) -> Response:
    """Sign for the content; the second signature, by another person, locks the roster (R-225, R-232)."""

    async def act(tx: Transaction) -> Answer:
        seen = bytes.fromhex(facts.content_hash)
        roster = await signing.sign_roster(tx, caller, roster_id, seen, now=now)
        return Answer(200, orjson.dumps(answers.roster(roster)))

    return await once(request, caller, act)


@router.post(
    "/rosters/{roster_id}/payment", status_code=202, tags=["payment"], responses={202: {"model": shown.RosterOut}}
)
async def start_payment(
    caller: Payer,
    request: Request,
    now: Now,
    roster_id: RosterId,
    facts: Annotated[NothingIn, body(NothingIn, limit=4_000)],
) -> Response:
    """Let a locked roster be paid through treasury and bank (R-208)."""

    async def act(tx: Transaction) -> Answer:
        roster = await claiming.start_payment(tx, caller, roster_id, now=now)
        return Answer(202, orjson.dumps(answers.roster(roster)), {"Location": f"/payments/v1/rosters/{roster_id}"})

    return await once(request, caller, act)


@router.get("/lines", tags=["payment"], responses={200: {"model": shown.LinesOut}})
async def lines_of_application(
    caller: Reader, db: Db, application_id: ApplicationId, page: Annotated[Page, cursor(str)]
) -> Response:
    """Every line of one application, the oldest first. Nobody is named."""
    async with db.transaction(caller) as tx:
        rows = await queries.lines_of_application(
            tx, caller, application_id, after=page.after[0] if page.after else "", limit=page.fetch
        )
    return page.answer(rows, key=lambda row: (row.line.line_id,), show=answers.line)


@router.get("/lines/{line_id}", tags=["payment"], responses={200: {"model": shown.LineViewOut}})
async def read_line(caller: Reader, db: Db, line_id: LineId) -> Response:
    """A line with its arithmetic step by step, its payee masked, and every attempt to pay it."""
    async with db.transaction(caller) as tx:
        view = known(await queries.read_line(tx, caller, line_id), LineAbsent)
    return _json(answers.line_view(view))


@router.post(
    "/lines/{line_id}/new-attempt", status_code=202, tags=["payment"], responses={202: {"model": shown.LineOut}}
)
async def pay_again(
    caller: AccountClerk,
    request: Request,
    now: Now,
    line_id: LineId,
    facts: Annotated[AccountIn, body(AccountIn, limit=4_000)],
) -> Response:
    """Try a returned line again, into the holder's corrected account."""

    async def act(tx: Transaction) -> Answer:
        row = await reissuing.pay_again(tx, caller, line_id, facts.account, now=now)
        return Answer(202, orjson.dumps(answers.line(row)), {"Location": f"/payments/v1/lines/{line_id}"})

    return await once(request, caller, act)


@router.get("/entitlements", tags=["entitlements"], responses={200: {"model": shown.EntitlementsOut}})
async def list_entitlements(caller: Reader, db: Db, application_id: ApplicationId) -> Response:
    """What an application's certificates give, from when, and whether money follows."""
    async with db.transaction(caller) as tx:
        found = await queries.entitlements_of(tx, caller, application_id)
    return _json({"data": [answers.entitlement(one) for one in found]})


@router.post(
    "/entitlements/{entitlement_id}/stop", tags=["entitlements"], responses={200: {"model": shown.EntitlementsOut}}
)
async def stop_entitlement(
    caller: Stopper,
    request: Request,
    now: Now,
    entitlement_id: EntitlementId,
    facts: Annotated[StopIn, body(StopIn, limit=4_000)],
) -> Response:
    """End an entitlement, such as by a death: what nobody has begun to pay is not paid."""

    async def act(tx: Transaction) -> Answer:
        one = await entitling.stop_entitlement(tx, caller, entitlement_id, facts.reason, facts.on, now=now)
        found = await queries.entitlements_of(tx, caller, one.application_id)
        return Answer(200, orjson.dumps({"data": [answers.entitlement(each) for each in found]}))

    return await once(request, caller, act)


@router.get("/ledger", tags=["ledger"], responses={200: {"model": shown.LedgerOut}})
async def read_ledger(caller: Reader, db: Db, month: MonthQuery = None) -> Response:
    """What each account holds within the caller's jurisdiction; together always zero."""
    async with db.transaction(caller) as tx:
        balances = await queries.balances(tx, caller, Month.parse(month) if month else None)
    return _json(answers.ledger(balances))


@router.get("/ledger/entries", tags=["ledger"], responses={200: {"model": shown.EntriesOut}})
async def list_entries(
    caller: Reader, db: Db, page: Annotated[Page, cursor(int)], month: MonthQuery = None
) -> Response:
    """Every movement of money, in the order of booking (R-220)."""
    async with db.transaction(caller) as tx:
        rows = await queries.page_of_entries(
            tx,
            caller,
            Month.parse(month) if month else None,
            after=page.after[0] if page.after else 0,
            limit=page.fetch,
        )
    return page.answer(rows, key=lambda row: (row.entry_id,), show=answers.entry)


@router.post(
    "/months/{month}/reconciliation",
    status_code=202,
    tags=["reconciliation"],
    responses={202: {"model": shown.ReconciliationOut}},
)
async def reconcile(
    caller: Payer,
    request: Request,
    now: Now,
    month: MonthPath,
    facts: Annotated[OfficeIn, body(OfficeIn, limit=4_000)],
) -> Response:
    """Have system, treasury and bank compared, person by person and to the fen (R-216)."""

    async def act(tx: Transaction) -> Answer:
        one = await reconciling.ask_for_reconciliation(tx, caller, facts.office, Month.parse(month), now=now)
        headers = {"Location": f"/payments/v1/reconciliations/{one.reconciliation_id}"}
        return Answer(202, orjson.dumps(answers.reconciliation(one)), headers)

    return await once(request, caller, act)


@router.get("/months/{month}/reconciliation", tags=["reconciliation"], responses={200: {"model": shown.MonthStateOut}})
async def read_month(caller: Reader, db: Db, month: MonthPath, office: OfficeQuery) -> Response:
    """The comparison of a county's month asked for last, and its closing."""
    async with db.transaction(caller) as tx:
        last, closing = await queries.last_reconciliation(tx, caller, office, Month.parse(month))
    return _json(
        {
            "reconciliation": answers.reconciliation(last) if last else None,
            "closing": answers.closing(closing) if closing else None,
        }
    )


@router.get(
    "/reconciliations/{reconciliation_id}",
    tags=["reconciliation"],
    responses={200: {"model": shown.ReconciliationOut}},
)
async def read_reconciliation(caller: Reader, db: Db, reconciliation_id: ReconciliationId) -> Response:
    """One comparison: the three totals and how much differs."""
    async with db.transaction(caller) as tx:
        one = known(await queries.read_reconciliation(tx, caller, reconciliation_id), ReconciliationAbsent)
    return _json(answers.reconciliation(one))


@router.get(
    "/reconciliations/{reconciliation_id}/differences",
    tags=["reconciliation"],
    responses={200: {"model": shown.DifferencesOut}},
)
async def list_differences(
    caller: Reader, db: Db, reconciliation_id: ReconciliationId, page: Annotated[Page, cursor(int)]
) -> Response:
    """Everything that differs, each with its kind."""
    async with db.transaction(caller) as tx:
        found = await queries.page_of_differences(
            tx, caller, reconciliation_id, after=page.after[0] if page.after else 0, limit=page.fetch
        )
    return page.answer(found, key=lambda one: (one[0],), show=answers.difference)


@router.post("/months/{month}/close", tags=["reconciliation"], responses={200: {"model": shown.ClosingOut}})
async def close_month(
    caller: Closer,
    request: Request,
    now: Now,
    month: MonthPath,
    facts: Annotated[OfficeIn, body(OfficeIn, limit=4_000)],
) -> Response:
    """Close a county's month; refused while a single fen differs (R-217, R-218)."""

    async def act(tx: Transaction) -> Answer:
        closing = await reconciling.close_month(tx, caller, facts.office, Month.parse(month), now=now)
        return Answer(200, orjson.dumps(answers.closing(closing)))

    return await once(request, caller, act)


def _json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
