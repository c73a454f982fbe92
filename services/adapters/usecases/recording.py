"""Recording how a call ended: cells settled where they are still ours, evidence kept, verification told."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from chassis.callers import Caller
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts import telemetry
from contracts.audit import Act
from contracts.events.adapters import AnswerItem, MemberAnswer, MemberRecords
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.domain.agency import Answered
from services.adapters.domain.cells import Claimed, Inquiry, members_of
from services.adapters.domain.retries import Patience
from services.adapters.domain.settling import Next, Verdicts, after_answer, after_silence, is_news
from services.adapters.store import calls as call_store
from services.adapters.store import cells as cell_store
from services.adapters.store.calls import Evidence
from services.adapters.store.cells import CallEnd, Held, Settlement
from services.adapters.usecases.asking import Read, Unread
from services.adapters.usecases.claiming import office_root
from services.adapters.usecases.telling import tell_answers, tell_silence


async def record_call(
    tx: Transaction, caller: Caller, claimed: Sequence[Claimed], result: Read | Unread, *, now: datetime
) -> None:
    """Settle the cells of a call that ended. A worker whose lease was taken over changes nothing and says nothing."""
    if isinstance(result, Read):
        await _record_answer(tx, claimed, result, now)
    else:
        await _record_silence(tx, claimed, result, now)


async def _record_answer(tx: Transaction, claimed: Sequence[Claimed], read: Read, now: datetime) -> None:
    agency, patience = claimed[0].agency, tx.of(Patience)
    steps = [
        after_answer(cell, verdicts, now, patience, random.random())
        for cell, verdicts in zip(claimed, read.verdicts, strict=True)
    ]
    call_id = claimed[0].call_id
    held = sorted(Held(cell.inquiry.inquiry_id, cell.fence) for cell in claimed)
    if all(step.outcome is Outcome.ANSWERED for step in steps):
        live = await cell_store.finish(tx, agency, call_id, held, now=now)
    else:
        end = CallEnd(call_id, Outcome.ANSWERED, Reason.NONE)
        live = await cell_store.settle(tx, agency, _settlements(claimed, steps), end, now=now)
    quarantined: set[int] = set()
    if len(live) < len(claimed):
        lost = [each for each in held if each.inquiry_id not in live]
        quarantined = await cell_store.quarantine(tx, agency, lost)
    if not live and not quarantined:
        return
    await call_store.keep_evidence(tx, _evidence(call_id, agency, read, now))
    told: list[tuple[Inquiry, AnswerItem, list[MemberRecords]]] = []
    ended: Counter[Outcome] = Counter()
    for cell, verdicts, leaf, step in zip(claimed, read.verdicts, read.leaves, steps, strict=True):
        still = live.get(cell.inquiry.inquiry_id, 0)
        withheld = cell.members & ~still
        if withheld and (still or cell.inquiry.inquiry_id in quarantined):
            _audit_quarantine(tx, cell, withheld)
        if still:
            item, records = _item(cell, verdicts, still, leaf, now)
            told.append((cell.inquiry, item, records))
            ended[step.outcome] += 1
    for outcome, cells in ended.items():
        count(telemetry.ANSWERS, cells, agency=agency, outcome=outcome)
    tell_answers(tx, agency, f"call_{call_id}", told, now=now)
    if any(not step.has_ended for step in steps):
        tx.wake(agency.value)
    _audit_answer(tx, claimed, read)


async def _record_silence(tx: Transaction, claimed: Sequence[Claimed], unread: Unread, now: datetime) -> None:
    agency, patience = claimed[0].agency, tx.of(Patience)
    steps = [
        after_silence(cell, unread.reason, now, patience, random.random(), at_once=unread.search) for cell in claimed
    ]
    outcome = Outcome.INVALID if unread.is_broken else Outcome.SILENT
    end = CallEnd(claimed[0].call_id, outcome, unread.reason)
    live = await cell_store.settle(tx, agency, _settlements(claimed, steps), end, now=now)
    news = [
        (cell.inquiry, unread.reason)
        for cell in claimed
        if live.get(cell.inquiry.inquiry_id) and is_news(cell, unread.reason)
    ]
    count(telemetry.ANSWERS, len(news), agency=agency, outcome=Outcome.SILENT)
    tell_silence(tx, {agency: news}, now=now)
    if unread.search:
        tx.wake(agency.value)


def _settlements(claimed: Sequence[Claimed], steps: Sequence[Next]) -> list[Settlement]:
    """In the order of the inquiries, in which everybody locks cells."""
    settlements = [
        Settlement(cell.inquiry.inquiry_id, cell.fence, step) for cell, step in zip(claimed, steps, strict=True)
    ]
    return sorted(settlements, key=lambda settlement: settlement.inquiry_id)


def _item(
    cell: Claimed, verdicts: Verdicts, live: int, leaf: bytes, now: datetime
) -> tuple[AnswerItem, list[MemberRecords]]:
    """What may be told: nothing about a member whose consent ended before this commit, but that it ended."""
    members: list[MemberAnswer] = []
    records: list[MemberRecords] = []
    as_of: datetime | None = None
    for bit, member in members_of(cell.planned, cell.inquiry.people):
        verdict = verdicts.get(bit)
        if verdict is None or not live & bit:
            members.append(_withdrawn(member.member_id))
        elif isinstance(verdict, Answered):
            members.append(_answered(member.member_id, len(verdict.records)))
            as_of = verdict.as_of if as_of is None else min(as_of, verdict.as_of)
            if verdict.records:
                records.append(MemberRecords(member_id=member.member_id, records=list(verdict.records)))
        else:
            members.append(MemberAnswer(member_id=member.member_id, outcome=Outcome.INVALID, reason=verdict.reason))
    item = AnswerItem(
        check_id=cell.inquiry.check_id,
        application_id=cell.inquiry.application_id,
        as_of=as_of or now,
        leaf_hash=leaf.hex(),
        members=members,
    )
    return item, records


@lru_cache(maxsize=16_384)
def _answered(member_id: str, record_count: int) -> MemberAnswer:
    """Most agencies say the same about a member: nothing found."""
    return MemberAnswer(member_id=member_id, outcome=Outcome.ANSWERED, record_count=record_count)


def _withdrawn(member_id: str) -> MemberAnswer:
    return MemberAnswer(member_id=member_id, outcome=Outcome.SILENT, reason=Reason.CONSENT_WITHDRAWN)


def _evidence(call_id: int, agency: Agency, read: Read, now: datetime) -> Evidence:
    return Evidence(
        call_id,
        agency,
        now,
        read.question_digest,
        read.answer_digest,
        b"".join(read.leaves),
        read.root,
        read.packed_answer,
    )


def _audit_answer(tx: Transaction, claimed: Sequence[Claimed], read: Read) -> None:
    """The root in the sealed and anchored trail makes a later change of the evidence visible."""
    for root in sorted({office_root(cell.inquiry.office) for cell in claimed}):
        tx.audit(
            Act.AGENCY_ANSWERED,
            subject=f"call_{claimed[0].call_id}",
            office=root,
            details={"agency": claimed[0].agency.value, "root": read.root.hex()},
        )


def _audit_quarantine(tx: Transaction, cell: Claimed, withheld: int) -> None:
    tx.audit(
        Act.ANSWER_QUARANTINED,
        subject=cell.inquiry.check_id,
        office=cell.inquiry.office,
        details={"agency": cell.agency.value, "members": withheld.bit_count(), "call": f"call_{cell.call_id}"},
    )
