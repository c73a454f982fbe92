"""From a decision and its certificate to an entitlement, and to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.telemetry import is_sampled
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.approval import CertificateIssued, DecisionMade
from contracts.values import AccountNumber, CitizenId, Month, PersonName
from policies.lookup import policy_for
from policies.model import Packs
from policies.words import SupplementGroup
from services.payments.domain.benefit import Beneficiary
from services.payments.domain.due import entitled_from, first_roster
from services.payments.domain.entitlement import EndReason, Entitlement, EntitlementState, Payee
from services.payments.store import entitlements, lines
from services.payments.store.entitlements import Known
from services.payments.usecases.refusals import (
    CertificateWithoutDecision,
    DayAhead,
    EntitlementAbsent,
    EntitlementEnded,
    known,
)

HELD = "held"
REFUSED = "refused"
APPROVED = "approved"


async def note_decisions(tx: Transaction, caller: Caller, facts: Sequence[DecisionMade], *, now: datetime) -> None:
    """Keep what was decided last; what is held or refused is not paid from this instant on (decision paper, INV-23)."""
    newest: dict[str, DecisionMade] = {}
    for fact in facts:
        before = newest.get(fact.application_id)
        if before is None or fact.case_version >= before.case_version:
            newest[fact.application_id] = fact
    rows = [
        (
            one.application_id,
            one.office,
            one.aid.value,
            one.case_version,
            one.decision,
            one.decision_hash,
            one.decided_on,
        )
        for one in newest.values()
    ]
    taken = await entitlements.note_decisions(tx, rows)
    by_decision: dict[str, list[DecisionMade]] = {}
    for one in newest.values():
        if one.application_id in taken:
            by_decision.setdefault(one.decision, []).append(one)
    if held := by_decision.get(HELD):
        stopped = await entitlements.hold(tx, [one.application_id for one in held])
        await _stop_lines(tx, stopped, HELD)
    if approved := by_decision.get(APPROVED):
        await entitlements.release(tx, {one.application_id: one.decision_hash for one in approved})
    if refused := by_decision.get(REFUSED):
        ended = await entitlements.in_force_of(tx, [one.application_id for one in refused])
        await entitlements.end(tx, ended, EndReason.REFUSED, local_day(now))
        await _stop_lines(tx, ended, REFUSED)


async def grant_entitlements(
    tx: Transaction, caller: Caller, facts: Sequence[CertificateIssued], *, now: datetime
) -> None:
    """One entitlement per application and aid, from its newest certificate (R-199, R-201).

    A household of which somebody stands in another entitlement is blocked, with nothing paid, until people have looked.
    Raises CertificateWithoutDecision, and ValueError for a certificate that cannot be read.
    """
    newest: dict[tuple[str, str], CertificateIssued] = {}
    for fact in facts:
        before = newest.get((fact.application_id, fact.aid.value))
        if before is None or fact.case_version >= before.case_version:
            newest[fact.application_id, fact.aid.value] = fact
    ids = [application_id for application_id, _ in newest]
    decided, on_file = await entitlements.decisions_of(tx, ids), await entitlements.known_of(tx, ids)
    granted: list[tuple[Entitlement, Payee]] = []
    for key, fact in newest.items():
        decision, before_it = decided.get(fact.application_id), on_file.get(key)
        if before_it is not None and fact.case_version < before_it.case_version:
            continue
        if decision is None or decision.decision_hash != fact.decision_hash:
            raise CertificateWithoutDecision
        if decision.decision == REFUSED:
            raise CertificateWithoutDecision
        state = EntitlementState.HELD if decision.decision == HELD else EntitlementState.LIVE
        granted.append((_entitlement(tx, fact, before_it, state), _payee(fact)))
    if granted:
        await _keep(tx, granted)


async def _keep(tx: Transaction, granted: list[tuple[Entitlement, Payee]]) -> None:
    elsewhere = await entitlements.take_persons(tx, [one for one, _ in granted])
    kept = [(_blocked(one) if one.entitlement_id in elsewhere else one, payee) for one, payee in granted]
    await entitlements.save(tx, kept)
    for one, _ in kept:
        tx.audit(
            Act.ENTITLEMENT_GRANTED,
            subject=one.entitlement_id,
            office=one.office,
            details={"state": one.state.value, "first_roster": str(one.first_roster), "members": len(one.members)},
        )


async def stop_entitlement(
    tx: Transaction, caller: Caller, entitlement_id: str, reason: EndReason, on: date, *, now: datetime
) -> Entitlement:
    """End an entitlement, such as by a death; lines of it that nobody has begun to pay are stopped with it.

    What is already on its way is not called back: reconciliation finds money paid for a month after a death.
    Raises EntitlementAbsent, EntitlementEnded, DayAhead.
    """
    entitlement = known(await entitlements.lock(tx, entitlement_id), EntitlementAbsent)
    if not caller.covers(entitlement.office):
        raise EntitlementAbsent
    if on > local_day(now):
        raise DayAhead
    if not await entitlements.end(tx, [entitlement_id], reason, on):
        raise EntitlementEnded
    stopped = await _stop_lines(tx, [entitlement_id], reason.value)
    tx.audit(
        Act.ENTITLEMENT_ENDED,
        subject=entitlement_id,
        office=entitlement.office,
        details={"reason": reason.value, "on": on.isoformat(), "lines_stopped": stopped},
    )
    return entitlement


async def _stop_lines(tx: Transaction, entitlement_ids: Sequence[str], reason: str) -> int:
    due = await lines.due_of(tx, entitlement_ids)
    return await lines.stop(tx, due, reason) if due else 0


def _entitlement(
    tx: Transaction, fact: CertificateIssued, before: Known | None, state: EntitlementState
) -> Entitlement:
    """What the certificate gives, by the policy in force when it was issued."""
    policy = policy_for(tx.of(Packs), fact.region, local_day(fact.occurred_at))
    if not fact.members or fact.household_income_month_fen < 0:
        raise ValueError("household")
    trace = tx.traces.get(fact.key, "")
    return Entitlement(
        entitlement_id=before.entitlement_id if before else new_id("ent"),
        application_id=fact.application_id,
        aid=fact.aid,
        office=fact.office,
        region=fact.region,
        area=fact.area,
        certificate_id=fact.certificate_id,
        case_version=fact.case_version,
        decision_hash=fact.decision_hash,
        confirmed_on=fact.confirmed_on,
        publicity_ended_on=fact.publicity_ended_on,
        certified_at=fact.occurred_at,
        since=_since(fact, before),
        first_roster=first_roster(
            policy,
            confirmed_on=fact.confirmed_on,
            publicity_ended_on=fact.publicity_ended_on,
            certified_at=fact.occurred_at,
        ),
        income_fen=fact.household_income_month_fen,
        members=tuple(
            Beneficiary(one.member_id, one.person_key, frozenset(map(SupplementGroup, one.supplement_groups)))
            for one in fact.members
        ),
        state=state,
        trace=trace if is_sampled(trace) else "",
    )


def _since(fact: CertificateIssued, before: Known | None) -> Month:
    """The first month covered; a decision held and made anew does not cost the family the months in between."""
    since = entitled_from(fact.confirmed_on)
    if before is None or before.state is EntitlementState.ENDED:
        return since
    return min(since, before.since)


def _payee(fact: CertificateIssued) -> Payee:
    private = fact.private
    return Payee(
        private.member_id,
        PersonName(private.name),
        CitizenId.parse(private.citizen_id),
        AccountNumber(private.account),
    )


def _blocked(one: Entitlement) -> Entitlement:
    return replace(one, state=EntitlementState.BLOCKED)
