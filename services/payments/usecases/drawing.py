"""Drawing up a month's roster: everybody who is due, with the arithmetic; everybody left out, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chassis.callers import Caller
from chassis.ids import new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.values import Month, Office
from policies.lookup import NotInForce, UnknownRegion, policy_for
from policies.model import Packs, Policy
from policies.words import Level, PaymentCycle, PaymentUnit
from services.payments.domain.benefit import NoFormula, Reckoning, reckon
from services.payments.domain.due import ledger_closes, money_is_out, months_due, roster_stands
from services.payments.domain.entitlement import Entitlement, EntitlementState
from services.payments.domain.roster import Head, LeftOut, Line, RosterState, content_hash, leaf
from services.payments.store import entitlements, lines, rosters
from services.payments.store.entitlements import Due
from services.payments.store.lines import New
from services.payments.store.rosters import Omission, Roster
from services.payments.usecases.refusals import (
    CycleNotBuilt,
    LedgerStillOpen,
    NotACounty,
    OutsideJurisdiction,
    RosterExists,
)

_AT_ONCE = 2_000
"""Entitlements placed at a time, so that a county of any size needs the same memory."""
_PAUSED = {
    EntitlementState.HELD: LeftOut.HELD,
    EntitlementState.BLOCKED: LeftOut.PERSON_ENTITLED_ELSEWHERE,
}


async def draw_up_roster(tx: Transaction, caller: Caller, office: str, month: Month, *, now: datetime) -> Roster:
    """The roster of a county and month, once, from the platform's own data alone (R-202, R-203, R-204).

    Raises OutsideJurisdiction, NotACounty, CycleNotBuilt, LedgerStillOpen, RosterExists.
    """
    if not caller.covers(office):
        raise OutsideJurisdiction
    policy = _policy(tx, office, month)
    if policy.payment.cycle is not PaymentCycle.MONTH:
        raise CycleNotBuilt
    if now < ledger_closes(policy, month):
        raise LedgerStillOpen(ledger_closes(policy, month))
    roster = Roster(
        roster_id=new_id("ros"),
        office=office,
        region=policy.region,
        month=month,
        state=RosterState.DRAFT,
        drawn_by=caller.subject,
        drawn_at=now,
        stands_before=roster_stands(policy, month),
        pays_before=money_is_out(policy, month),
        lines=0,
        total_fen=0,
        left_out=0,
        content_hash=b"",
        locked_at=None,
        paying_since=None,
    )
    if not await rosters.open_roster(tx, roster):
        earlier = await rosters.of_month(tx, office, month)
        raise RosterExists(earlier.roster_id if earlier else None)
    return await _fill(tx, roster)


async def _fill(tx: Transaction, roster: Roster) -> Roster:
    """Place every entitlement of the county, some at a time; then fix the content."""
    office = Office(roster.office)
    after = (office.path, "")
    leaves = bytearray()
    count = total_fen = left_out = 0
    while True:
        found = await entitlements.due(tx, after, office.after, roster.month, limit=_AT_ONCE)
        placed: list[New] = []
        omitted: list[Omission] = []
        for one in found:
            months = _months(tx, one, roster.month)
            if isinstance(months, LeftOut):
                of = one.entitlement
                omitted.append(Omission(of.entitlement_id, of.application_id, of.office, months))
                continue
            new = _line(tx, roster, one, months, place=count + len(placed))
            leaves += leaf(new.line)
            total_fen += new.line.amount_fen
            placed.append(new)
        if placed:
            await lines.add(tx, roster.roster_id, roster.month, placed)
        if omitted:
            await rosters.leave_out(tx, roster.roster_id, omitted)
        count, left_out = count + len(placed), left_out + len(omitted)
        if len(found) < _AT_ONCE:
            break
        last = found[-1].entitlement
        after = (last.office, last.entitlement_id)
    head = Head(roster.roster_id, roster.office, roster.month, count, total_fen)
    await rosters.finish(tx, head, left_out, content_hash(head, bytes(leaves)), bytes(leaves))
    tx.audit(
        Act.ROSTER_DRAWN,
        subject=roster.roster_id,
        office=roster.office,
        details={"month": str(roster.month), "lines": count, "total_fen": total_fen, "left_out": left_out},
    )
    drawn = await rosters.get(tx, roster.roster_id)
    assert drawn is not None, "it was opened in this transaction"
    return drawn


def _months(tx: Transaction, one: Due, roster: Month) -> tuple[Reckoning, ...] | LeftOut:
    """What the household gets with this roster, month by month under each month's own policy; or why nothing."""
    entitlement = one.entitlement
    if (paused := _PAUSED.get(entitlement.state)) is not None:
        return paused
    try:
        reckoned = list(_reckonings(tx.of(Packs), one, roster))
    except (NoFormula, NotInForce, UnknownRegion):
        return LeftOut.NO_FORMULA
    if not reckoned:
        return LeftOut.NOTHING_DUE
    return tuple(each for each in reckoned if each.amount_fen) or LeftOut.NO_SHORTFALL


def _reckonings(packs: Packs, one: Due, roster: Month) -> Iterator[Reckoning]:
    entitlement = one.entitlement
    policy = policy_for(packs, entitlement.region, roster.first_day)
    if policy.payment.unit(entitlement.aid) is not PaymentUnit.HOUSEHOLD:
        raise NoFormula("unit")
    for month in months_due(
        policy, roster, since=entitlement.since, first=entitlement.first_roster, settled=one.settled
    ):
        then = policy_for(packs, entitlement.region, month.first_day)
        yield reckon(then, month, entitlement.aid, entitlement.area, entitlement.members, entitlement.income_fen)


def _line(tx: Transaction, roster: Roster, one: Due, months: tuple[Reckoning, ...], *, place: int) -> New:
    entitlement: Entitlement = one.entitlement
    line = Line(
        line_id=new_id("line"),
        roster_id=roster.roster_id,
        place=place,
        entitlement_id=entitlement.entitlement_id,
        application_id=entitlement.application_id,
        office=entitlement.office,
        decision_hash=entitlement.decision_hash,
        amount_fen=sum(each.amount_fen for each in months),
        account_key=one.account_key,
        payee_key=one.payee_key,
        months=months,
    )
    return New(line, entitlements.payee_of(tx, one), entitlement.aid, entitlement.trace)


def _policy(tx: Transaction, office: str, month: Month) -> Policy:
    packs = tx.of(Packs)
    try:
        code = Office(office).code
    except ValueError:
        raise NotACounty from None
    region = packs.regions.get(code)
    if region is None or region.level is not Level.COUNTY:
        raise NotACounty
    try:
        return policy_for(packs, code, month.first_day)
    except NotInForce:
        raise NotACounty from None
