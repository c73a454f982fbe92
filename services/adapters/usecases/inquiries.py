"""Opening inquiries when checks open, and taking out of them whoever withdraws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.callers import Caller
from chassis.telemetry import is_sampled
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.verification import CheckOpened
from contracts.vocabulary import Agency, Reason
from services.adapters.domain.cells import EVERYBODY, MEMBERS_MAX, Household, Inquiry, Person, bits_of, set_of
from services.adapters.store import asking as asking_store
from services.adapters.store import cells as cell_store
from services.adapters.store import inquiries as inquiry_store
from services.adapters.store.cells import NewCell
from services.adapters.usecases.claiming import begin_calls
from services.adapters.usecases.known_people import KnownPeople
from services.adapters.usecases.telling import tell_silence


async def open_inquiries(tx: Transaction, caller: Caller, facts: Sequence[CheckOpened], *, now: datetime) -> None:
    """Checks were opened: ask every question of their plans, at once where there are hands for it (R-066).

    A member whose withdrawal came first is never asked about. ValueError for a plan about a member whom the check does
    not name.
    """
    await inquiry_store.hold_order(tx, alone=False)
    withdrawn = await inquiry_store.withdrawn_members(tx, [fact.application_id for fact in facts])
    first_of = {fact.check_id: fact for fact in reversed(facts)}
    opened = await inquiry_store.add(tx, [_household(tx, fact, now) for fact in first_of.values()], now=now)
    tx.of(KnownPeople).learn(opened)
    cells: dict[Agency, list[NewCell]] = {}
    silent: dict[Agency, list[tuple[Inquiry, Reason]]] = {}
    for inquiry in opened:
        bits = bits_of(inquiry)
        gone = _gone(withdrawn.get(inquiry.application_id), bits)
        planned: dict[Agency, int] = {}
        sets: dict[tuple[str, ...], int] = {}  # most agencies are asked about the same members
        for ask in first_of[inquiry.check_id].plan:
            of = sets.get(ask.member_ids)
            if of is None:
                of = sets[ask.member_ids] = set_of(ask.member_ids, bits)
            planned[ask.agency] = planned.get(ask.agency, 0) | of
        for agency, of in planned.items():
            if of & ~gone:
                cells.setdefault(agency, []).append(NewCell(inquiry.inquiry_id, agency, of, of & ~gone))
            elif of:
                silent.setdefault(agency, []).append((inquiry, Reason.CONSENT_WITHDRAWN))
    await begin_calls(tx, caller, cells, {inquiry.inquiry_id: inquiry for inquiry in opened}, now=now)
    tell_silence(tx, silent, now=now)


def _household(tx: Transaction, fact: CheckOpened, now: datetime) -> Household:
    people = tuple([Person(person.member_id, person.name, person.citizen_id) for person in fact.private.people])
    if len(people) > MEMBERS_MAX:
        raise ValueError("members")
    trace = tx.traces.get(fact.key, "")
    kept_trace = trace if is_sampled(trace) else ""
    return Household(fact.check_id, fact.application_id, fact.office, kept_trace, now, people)


async def stop_members(
    tx: Transaction, caller: Caller, withdrawals: Sequence[tuple[str, str, str]], *, now: datetime
) -> None:
    """Members withdrew, given as (application, its office, member or EVERYBODY); from this commit on nobody asks about
    them (PIPL 15).

    What an agency is answering at this instant is quarantined when it arrives. A withdrawal may come before its check.
    """
    await inquiry_store.hold_order(tx, alone=True)
    offices = {application_id: office for application_id, office, _ in withdrawals}
    members: dict[str, set[str]] = {}
    for application_id, _, member_id in withdrawals:
        members.setdefault(application_id, set()).add(member_id)
    await inquiry_store.add_withdrawals(
        tx, [(application_id, member_id) for application_id, _, member_id in withdrawals], now=now
    )
    inquiries = {inquiry.inquiry_id: inquiry for inquiry in await inquiry_store.of_applications(tx, members)}
    gone = [
        (inquiry.inquiry_id, _gone(members[inquiry.application_id], bits_of(inquiry))) for inquiry in inquiries.values()
    ]
    concerned = [each for each in gone if each[1]]
    stopped = await cell_store.stop(tx, concerned) + await asking_store.stop(tx, concerned)
    silent: dict[Agency, list[tuple[Inquiry, Reason]]] = {}
    for inquiry_id, agency in stopped:
        inquiry = inquiries[inquiry_id]
        if EVERYBODY not in members[inquiry.application_id]:
            silent.setdefault(agency, []).append((inquiry, Reason.CONSENT_WITHDRAWN))
    tell_silence(tx, silent, now=now)
    for application_id, who in members.items():
        whole = EVERYBODY in who
        cells_stopped = sum(inquiries[inquiry_id].application_id == application_id for inquiry_id, _ in stopped)
        tx.audit(
            Act.APPLICATION_WITHDRAWN if whole else Act.CONSENT_WITHDRAWN,
            subject=application_id,
            office=offices[application_id],
            details={"members": len(who - {EVERYBODY}), "cells_stopped": cells_stopped},
        )


def _gone(withdrawn: set[str] | None, bits: Mapping[str, int]) -> int:
    """Whom of these members a withdrawal concerns."""
    if not withdrawn:
        return 0
    whole = EVERYBODY in withdrawn
    return set_of((member_id for member_id in bits if whole or member_id in withdrawn), bits)
