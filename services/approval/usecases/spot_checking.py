"""Spot checks: the county draws at least half of the applicants a township decides on, and looks at them (R-138)."""

from __future__ import annotations

from datetime import datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.values import Office
from policies.model import Packs
from policies.words import Authority
from services.approval.domain import spot_checks as draws
from services.approval.domain.law import NoPolicy, policy_at
from services.approval.domain.spot_checks import Found, Result
from services.approval.domain.words import TaskKind
from services.approval.store import spot_checks
from services.approval.store.spot_checks import Draw, Drawing, Line
from services.approval.usecases import casework
from services.approval.usecases.limits import Limits
from services.approval.usecases.refusals import (
    AlreadyChecked,
    DrawNotAsked,
    MakerIsChecker,
    NothingToDraw,
    NotTheAuthority,
    SeedNotReady,
    SpotCheckAbsent,
    Unacceptable,
)


async def draw_spot_checks(tx: Transaction, caller: Caller, office: str, *, now: datetime) -> Drawing:
    """Draw from the applicants of a township that were in no draw yet: so every draw holds its share, and all together.

    The seed is the audit trail's newest head: nobody chooses it, and anybody can draw again from what is kept
    (R-138, R-139, R-144). Raises NotTheAuthority, DrawNotAsked, SeedNotReady, NothingToDraw.
    """
    if not caller.covers(office) or caller.org == office:
        raise NotTheAuthority
    percent = _share(tx, office, now)
    await spot_checks.hold(tx, office)
    newest = await spot_checks.newest_head(tx)
    if newest is None:
        raise SeedNotReady
    population = await spot_checks.candidates(tx, office, limit=tx.of(Limits).draw_most)
    if not population:
        raise NothingToDraw
    seal, head = newest
    draw = Draw(new_id("drw"), office, percent, seal, head, draws.seed_of(head, office), now)
    drawn = [(new_id("spc"), one) for one in draws.draw(population, percent, draw.seed)]
    await spot_checks.add(tx, draw, population, drawn, by=caller.subject)
    tx.audit(
        Act.SPOT_CHECKS_DRAWN,
        subject=draw.draw_id,
        office=office,
        details={"population": len(population), "drawn": len(drawn), "percent": percent, "seal": seal},
    )
    lines = [
        Line(spot_check_id, draw.draw_id, one.case_id, office, one.why.value, None, None, None)
        for spot_check_id, one in drawn
    ]
    return Drawing(draw, population, lines)


async def record_result(tx: Transaction, caller: Caller, spot_check_id: str, result: Result, *, now: datetime) -> Line:
    """What the county found, once, by nobody who worked on the case; a problem is for people to put right (R-140).

    Raises SpotCheckAbsent, NotTheAuthority, MakerIsChecker, Unacceptable, AlreadyChecked.
    """
    line = await spot_checks.get(tx, spot_check_id)
    if line is None:
        raise SpotCheckAbsent
    if caller.org == line.office:
        raise NotTheAuthority
    case = await casework.lock_case(tx, caller, line.case_id)
    if caller.subject in case.makers or (case.decision is not None and caller.subject == case.decision.by):
        raise MakerIsChecker
    if faults := draws.result_faults(result, local_day(now)):
        raise Unacceptable(faults)
    if not await spot_checks.add_result(tx, line, result, by=caller.subject, now=now):
        raise AlreadyChecked
    tx.audit(
        Act.SPOT_CHECK_RECORDED,
        subject=case.case_id,
        office=case.office,
        details={"spot_check": spot_check_id, "found": result.found, "look": result.look},
    )
    if result.found is Found.PROBLEM:
        await casework.open_tasks(tx, [(case, TaskKind.SPOT_CHECK_PROBLEM)], now=now)
    return line._replace(look=result.look.value, found=result.found.value, rectify_by=result.rectify_by)


def _share(tx: Transaction, office: str, now: datetime) -> int:
    """The percentage the region asks for where it has given power to the township; raises DrawNotAsked."""
    try:
        policy = policy_at(tx.of(Packs), Office(office), local_day(now))
    except NoPolicy:
        raise DrawNotAsked from None
    if policy.decision.authority is not Authority.TOWNSHIP or not policy.spot_check.delegated_percent:
        raise DrawNotAsked
    return policy.spot_check.delegated_percent
