"""Recording how a call ended: cells settled where they are still ours, evidence kept, verification told."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.callers import Caller
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts import telemetry
from contracts.audit import Act
from contracts.vocabulary import Outcome, Reason
from services.adapters.domain.cells import Claimed
from services.adapters.domain.retries import Patience
from services.adapters.domain.settling import Next, after_answer, after_silence, is_news
from services.adapters.store import calls as call_store
from services.adapters.store import settling as settling_store
from services.adapters.store.calls import Evidence
from services.adapters.store.settling import CallEnd, Settlement
from services.adapters.usecases.asking import Read, Unread
from services.adapters.usecases.claiming import office_root
from services.adapters.usecases.telling import Told, tell_answers, tell_silence, told_of


async def record_calls(
    tx: Transaction, caller: Caller, ended: Sequence[tuple[Sequence[Claimed], Read | Unread]], *, now: datetime
) -> None:
    """Settle the cells of calls that ended. A worker whose call was given up changes nothing and says nothing."""
    finished = await settling_store.finish(
        tx,
        [_evidence(claimed, result, now) for claimed, result in ended if isinstance(result, Read) and result.is_whole],
        now=now,
    )
    for claimed, result in ended:
        if isinstance(result, Unread):
            await _record_silence(tx, claimed, result, now)
        elif result.is_whole:
            _tell_answer(tx, claimed, result, finished.get(claimed[0].call_id), now)
        else:
            live = await _settle_in_part(tx, claimed, result, now)
            if live:
                await call_store.keep_evidence(tx, _evidence(claimed, result, now))
            _tell_answer(tx, claimed, result, live, now)


def _tell_answer(
    tx: Transaction, claimed: Sequence[Claimed], read: Read, live: Mapping[int, int] | None, now: datetime
) -> None:
    if not live:
        return
    agency, call_id = claimed[0].agency, claimed[0].call_id
    told: list[Told] = []
    invalid = 0
    for cell, of_cell, leaf in zip(claimed, read.cells, read.leaves, strict=True):
        still = live[cell.inquiry.inquiry_id]
        if withheld := cell.members & ~still:
            _audit_quarantine(tx, cell, withheld)
        if still:
            told.append(told_of(cell, of_cell, still, leaf, now))
            invalid += of_cell.unusable > 0
    count(telemetry.ANSWERS, len(told) - invalid, agency=agency, outcome=Outcome.ANSWERED)
    if invalid:
        count(telemetry.ANSWERS, invalid, agency=agency, outcome=Outcome.INVALID)
    tell_answers(tx, agency, f"call_{call_id}", told, now=now)
    _audit_answer(tx, claimed, read)


async def _settle_in_part(tx: Transaction, claimed: Sequence[Claimed], read: Read, now: datetime) -> dict[int, int]:
    """Some members' answers are unusable: their cells stay open for them."""
    patience = tx.of(Patience)
    steps = [
        after_answer(cell, of_cell, now, patience, random.random())
        for cell, of_cell in zip(claimed, read.cells, strict=True)
    ]
    end = CallEnd(claimed[0].call_id, Outcome.ANSWERED, Reason.NONE)
    return await settling_store.settle(tx, claimed[0].agency, _settlements(claimed, steps), end, now=now)


async def _record_silence(tx: Transaction, claimed: Sequence[Claimed], unread: Unread, now: datetime) -> None:
    agency, patience = claimed[0].agency, tx.of(Patience)
    steps = [
        after_silence(cell, unread.reason, now, patience, random.random(), at_once=unread.search) for cell in claimed
    ]
    outcome = Outcome.INVALID if unread.is_broken else Outcome.SILENT
    end = CallEnd(claimed[0].call_id, outcome, unread.reason)
    live = await settling_store.settle(tx, agency, _settlements(claimed, steps), end, now=now)
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
    return [Settlement(cell.inquiry.inquiry_id, step) for cell, step in zip(claimed, steps, strict=True)]


def _evidence(claimed: Sequence[Claimed], read: Read, now: datetime) -> Evidence:
    return Evidence(
        claimed[0].call_id,
        claimed[0].agency,
        now,
        read.question_digest,
        read.answer_digest,
        b"".join(read.leaves),
        read.root,
        read.packed_answer,
    )


def _audit_answer(tx: Transaction, claimed: Sequence[Claimed], read: Read) -> None:
    """The root in the sealed and anchored trail makes a later change of the evidence visible."""
    offices = {cell.inquiry.office for cell in claimed}
    for root in sorted({office_root(office) for office in offices}):
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
