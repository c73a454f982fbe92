"""Opening: the first report of an application opens its case; later versions move it; a withdrawal closes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.callers import Caller
from chassis.ids import new_id
from chassis.telemetry import is_sampled
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.intake import ApplicationWithdrawn
from contracts.events.payments import PaymentSettled
from contracts.events.verification import ReportIssued
from policies.calendar import WorkCalendar
from services.approval.domain.case import Case, Consequence, Member, Report, settle, take_report, withdraw
from services.approval.domain.words import TaskKind
from services.approval.store import cases
from services.approval.usecases import casework
from services.approval.usecases.refusals import CaseUnknown


async def take_reports(tx: Transaction, caller: Caller, facts: Sequence[ReportIssued], *, now: datetime) -> None:
    """Open a case for each application's first report; let later versions take effect, versions known do nothing.

    An application withdrawn before its report came is never opened. Raises UnknownRegion or NotInForce (ValueError)
    where no policy holds; the event is parked with its case.
    """
    met = await cases.meet(tx, {fact.application_id: fact.office for fact in facts})
    known = {case.application_id: case for case in await cases.lock_applications(tx, met.known)}
    new: dict[str, Case] = {}
    moved: dict[str, Case] = {}
    tasks: list[tuple[Case, TaskKind]] = []
    for fact in facts:
        application_id = fact.application_id
        before = new.get(application_id) or moved.get(application_id) or known.get(application_id)
        if before is None:
            if application_id not in met.withdrawn:
                new[application_id] = _opened(tx, fact, now)
            continue
        after, consequence = take_report(before, _report(fact))
        if after is before:
            continue
        (new if application_id in new else moved)[application_id] = after
        if application_id in new:
            continue
        _note(tx, before, after, consequence)
        if consequence is Consequence.HELD and before.decision is not None:
            casework.say_held(tx, after, before.decision, "report_changed", now)
        if consequence is Consequence.TASK:
            tasks.append((after, TaskKind.REPORT_AFTER_PAYMENT))
    if new:
        opened = [casework.reckoned(tx, case) for case in new.values()]
        await cases.add(tx, opened, tx.of(WorkCalendar).version)
    for case in new.values():
        details: dict[str, str | int] = {"report": case.report.report_id, "version": case.report.version}
        tx.audit(Act.CASE_OPENED, subject=case.case_id, office=case.office, details=details)
    await casework.keep(tx, list(moved.values()))
    await casework.open_tasks(tx, tasks, now=now)


async def close_cases(tx: Transaction, caller: Caller, facts: Sequence[ApplicationWithdrawn], *, now: datetime) -> None:
    """Nothing more is decided on these applications; what is decided and unpaid no longer stands."""
    await cases.withdraw(tx, {fact.application_id: fact.office for fact in facts}, now)
    closed: list[Case] = []
    tasks: list[tuple[Case, TaskKind]] = []
    for before in await cases.lock_applications(tx, {fact.application_id for fact in facts}):
        after, consequence = withdraw(before)
        if consequence is Consequence.TASK:
            tasks.append((before, TaskKind.WITHDRAWN_AFTER_PAYMENT))
        if after is before:
            continue
        closed.append(after)
        tx.audit(Act.CASE_CLOSED, subject=after.case_id, office=after.office, details={"from": before.state})
        if consequence is Consequence.HELD and before.decision is not None:
            casework.say_held(tx, after, before.decision, "application_withdrawn", now)
    await casework.keep(tx, closed)
    await casework.open_tasks(tx, tasks, now=now)


async def note_payments(tx: Transaction, caller: Caller, facts: Sequence[PaymentSettled], *, now: datetime) -> None:
    """The first payment of each case is known from here on; returned money changes nothing. Raises CaseUnknown."""
    paid: dict[str, datetime] = {}
    for fact in facts:
        if fact.outcome == "paid":
            paid[fact.application_id] = min(fact.settled_at, paid.get(fact.application_id, fact.settled_at))
    met = await cases.lock_applications(tx, paid)
    if len(met) != len(paid):
        raise CaseUnknown
    changed: list[Case] = []
    tasks: list[tuple[Case, TaskKind]] = []
    for before in met:
        after, consequence = settle(before, paid[before.application_id])
        if after is before:
            continue
        changed.append(after)
        tx.audit(Act.CASE_PAID, subject=after.case_id, office=after.office)
        if consequence is Consequence.TASK:
            tasks.append((after, TaskKind.PAID_WHILE_STOPPED))
    await casework.keep(tx, changed)
    await casework.open_tasks(tx, tasks, now=now)


def _opened(tx: Transaction, fact: ReportIssued, now: datetime) -> Case:
    if len(set(fact.member_ids)) != len(fact.member_ids) or len(fact.member_ids) != len(fact.person_keys):
        raise ValueError("members")
    trace = tx.traces.get(fact.application_id, "")
    return Case(
        case_id=new_id("case"),
        application_id=fact.application_id,
        office=fact.office,
        region=fact.region,
        aid=fact.aid,
        area=fact.area,
        accepted_on=fact.accepted_on,
        opened_at=now,
        trace=trace if is_sampled(trace) else "",
        members=tuple(
            Member(
                member_id=member_id,
                person_key=person_key,
                declared_groups=tuple(fact.supplement_groups.get(member_id, ())),
            )
            for member_id, person_key in zip(fact.member_ids, fact.person_keys, strict=True)
        ),
        report=_report(fact),
        is_doubtful=bool(fact.open_flags),
    )


def _report(fact: ReportIssued) -> Report:
    return Report(
        report_id=fact.report_id,
        version=fact.report_version,
        content_hash=fact.content_hash,
        conclusion=fact.conclusion,
        open_flags=tuple(sorted(flag.flag_id for flag in fact.open_flags)),
        is_partial=fact.is_partial,
        income_per_head_month_fen=fact.income_per_head_month_fen,
        household_income_month_fen=fact.household_income_month_fen,
        income_qualifies=fact.income_qualifies,
        property_qualifies=fact.property_qualifies,
        policy_pack=fact.policy_pack,
    )


def _note(tx: Transaction, before: Case, after: Case, consequence: Consequence) -> None:
    tx.audit(
        Act.CASE_REPORT_TAKEN,
        subject=after.case_id,
        office=after.office,
        details={
            "version": after.report.version,
            "from": before.state,
            "to": after.state,
            "consequence": consequence.value,
        },
    )
