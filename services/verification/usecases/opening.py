"""Opening checks: every accepted application is checked, by the plan of its region (R-065, R-066)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chassis.callers import Caller
from chassis.ids import new_event_id, new_id
from chassis.telemetry import is_sampled
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.intake import ApplicationSubmitted
from contracts.events.verification import Ask, CheckOpened
from contracts.vocabulary import Outcome, Reason
from policies.lookup import policy_for
from policies.model import Packs
from services.verification.domain.household import Declared, Household, Member, Question
from services.verification.domain.merge import Reply
from services.verification.domain.plan import count_cells, plan, without
from services.verification.store import arrivals, checks
from services.verification.store.codes import bits_of
from services.verification.store.filing import Filed, file_household, people_of
from services.verification.usecases.answering import new_batch
from services.verification.usecases.limits import Limits
from services.verification.usecases.recent import RecentHouseholds, RecentReplies


class _Opening(NamedTuple):
    """A check about to open: what it plans, and what of that may be asked."""

    check_id: str
    fact: ApplicationSubmitted
    household: Household
    planned: tuple[Question, ...]
    asked: tuple[Question, ...]


async def open_checks(tx: Transaction, caller: Caller, facts: Sequence[ApplicationSubmitted], *, now: datetime) -> None:
    """Open one check per application and say whom to ask about whom (R-065, R-066). A second word opens nothing.

    Raises UnknownRegion or NotInForce (ValueError) where no policy holds; the event is parked with its case.
    """
    openings = [_opening(tx, fact) for fact in facts]
    kept = await checks.add(tx, [_row(tx, one, now) for one in openings], now=now)
    opened = [one for one in openings if one.check_id in kept]
    recent, replies = tx.of(RecentHouseholds), tx.of(RecentReplies)
    for one in opened:
        fact = one.fact
        recent.keep(one.check_id, Filed(one.household, people_of(fact.private), one.planned))
        if one.asked == one.planned:
            replies.keep(one.check_id, None, ())
        tx.say(
            CheckOpened(
                event_id=new_event_id(),
                occurred_at=now,
                check_id=one.check_id,
                application_id=fact.application_id,
                office=fact.office,
                plan=[Ask(agency=agency, member_ids=members) for agency, members in one.asked],
                private=fact.private,
            )
        )
        tx.audit(
            Act.CHECK_OPENED,
            subject=one.check_id,
            office=fact.office,
            details={"agencies": len(one.asked), "cells": count_cells(one.asked)},
        )
    await _note_missing_consent(tx, [one for one in opened if one.asked != one.planned])


def _opening(tx: Transaction, fact: ApplicationSubmitted) -> _Opening:
    household = household_of(fact)
    planned = plan(household.members, household.area, policy_for(tx.of(Packs), fact.region, fact.accepted_on))
    unconsented = {member.member_id for member in household.members} - set(fact.consented)
    return _Opening(new_id("chk"), fact, household, planned, without(planned, unconsented))


def household_of(fact: ApplicationSubmitted) -> Household:
    """The household as verification knows it. Raises ValueError where two members share an id."""
    if len({member.member_id for member in fact.members}) != len(fact.members):
        raise ValueError("members")
    return Household(
        application_id=fact.application_id,
        office=fact.office,
        region=fact.region,
        aid=fact.aid,
        area=fact.area,
        accepted_on=fact.accepted_on,
        members=tuple(
            Member(
                one.member_id,
                one.person_key,
                one.relation,
                one.born_on_year,
                one.is_adult,
                one.employment,
                one.disability_grade or 0,
                one.seriously_ill,
                one.is_student,
                one.supplement_groups,
            )
            for one in fact.members
        ),
        declaration=tuple(
            Declared(one.item_id, one.member_id, one.kind, one.amount_fen, one.quantity) for one in fact.declaration
        ),
    )


def _row(tx: Transaction, one: _Opening, now: datetime) -> checks.NewCheck:
    fact = one.fact
    planned = {question.agency for question in one.planned}
    trace = tx.traces.get(fact.application_id, "")
    content = file_household(one.household, fact.private, one.planned)
    return checks.NewCheck(
        check_id=one.check_id,
        application_id=fact.application_id,
        office=fact.office,
        planned=bits_of(planned),
        ended=bits_of(planned.difference([question.agency for question in one.asked])),
        trace=trace if is_sampled(trace) else "",
        due_at=now + tx.of(Limits).deadline if one.asked else now,
        household=tx.seal(content, f"households.content:{one.check_id}"),
    )


async def _note_missing_consent(tx: Transaction, openings: Sequence[_Opening]) -> None:
    """Cells that may not be asked end at once, and the report says why."""
    if not openings:
        return
    ids = [one.check_id for one in openings]
    replies = {}
    for one in openings:
        consented = set(one.fact.consented)
        replies[one.check_id] = [
            Reply(
                agency,
                None,
                "",
                (),
                tuple((each, Outcome.SILENT, Reason.CONSENT_WITHDRAWN) for each in members if each not in consented),
                {},
            )
            for agency, members in one.planned
        ]
    await arrivals.add(tx, new_batch(), await checks.lock(tx, ids), replies)
