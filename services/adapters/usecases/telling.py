"""Telling verification: one event per agency and partition, so that answers keep to their households' partition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.ids import new_event_id
from chassis.kafka import partition_of
from chassis.transaction import Transaction
from contracts.events.adapters import (
    AgencyAnswers,
    AgencySilent,
    AnswerItem,
    Findings,
    MemberRecords,
    SilentItem,
    Unanswered,
)
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.domain.agency import Answered, Invalid, Result
from services.adapters.domain.cells import Claimed, Inquiry, party_of
from services.adapters.domain.settling import CellRead


@dataclass(frozen=True)
class Partitions:
    """How many partitions the answers' topic has."""

    count: int


Told = tuple[Inquiry, AnswerItem, list[MemberRecords]]
"""One cell's answer, ready to be said: its item, and the records of its members."""

_NOBODY: list[Unanswered] = []
_NOTHING: list[MemberRecords] = []


def told_of(cell: Claimed, read: CellRead, live: int, leaf: bytes, now: datetime) -> Told:
    """What may be told of a cell: about a member whose consent ended before this commit, nothing but that it ended."""
    inquiry = cell.inquiry
    if not read.unusable and live & cell.members == cell.planned:
        everybody = party_of(cell.planned, inquiry).member_ids
        found = _NOTHING if read.is_plain else _found(everybody, read.verdicts)
        return inquiry, _item(inquiry, read, leaf, now, everybody, _NOBODY), found
    verdicts = dict(zip([member.bit for member in party_of(cell.members, inquiry).members], read.verdicts, strict=True))
    answered: list[str] = []
    unanswered: list[Unanswered] = []
    records: list[MemberRecords] = []
    for bit, member_id, _ in party_of(cell.planned, inquiry).members:
        verdict = verdicts.get(bit)
        if verdict is None or not live & bit:
            ended = Unanswered(member_id=member_id, outcome=Outcome.SILENT, reason=Reason.CONSENT_WITHDRAWN)
            unanswered.append(ended)
        elif isinstance(verdict, Invalid):
            unanswered.append(Unanswered(member_id=member_id, outcome=Outcome.INVALID, reason=verdict.reason))
        else:
            answered.append(member_id)
            if verdict.records:
                records.append(MemberRecords(member_id=member_id, records=verdict.records))
    return inquiry, _item(inquiry, read, leaf, now, tuple(answered), unanswered), records


def _found(member_ids: Sequence[str], verdicts: Sequence[Result]) -> list[MemberRecords]:
    return [
        MemberRecords(member_id=member_id, records=verdict.records)
        for member_id, verdict in zip(member_ids, verdicts, strict=True)
        if isinstance(verdict, Answered) and verdict.records
    ]


def _item(
    inquiry: Inquiry,
    read: CellRead,
    leaf: bytes,
    now: datetime,
    answered: tuple[str, ...],
    unanswered: list[Unanswered],
) -> AnswerItem:
    return AnswerItem(
        check_id=inquiry.check_id,
        application_id=inquiry.application_id,
        as_of=read.as_of or now,
        leaf_hash=leaf.hex(),
        answered=answered,
        unanswered=unanswered,
    )


def tell_answers(tx: Transaction, agency: Agency, batch_id: str, told: Iterable[Told], *, now: datetime) -> None:
    """Say what an agency answered, per partition, each item with its records in the private part."""
    count = tx.of(Partitions).count
    items: dict[int, list[AnswerItem]] = {}
    findings: dict[int, list[list[MemberRecords]]] = {}
    traces: dict[int, str] = {}
    for inquiry, item, records in told:
        partition = partition_of(inquiry.application_id, count)
        items.setdefault(partition, []).append(item)
        findings.setdefault(partition, []).append(records)
        if inquiry.trace:
            traces.setdefault(partition, inquiry.trace)
    for partition, of_partition in items.items():
        event = AgencyAnswers(
            event_id=new_event_id(),
            occurred_at=now,
            agency=agency,
            batch_id=batch_id,
            of_partition=partition,
            items=of_partition,
            private=Findings(items=findings[partition]),
        )
        tx.say(event, trace=traces.get(partition))


def tell_silence(tx: Transaction, silent: Mapping[Agency, Iterable[tuple[Inquiry, Reason]]], *, now: datetime) -> None:
    """Say about whom agencies gave no usable answer so far, and why."""
    count = tx.of(Partitions).count
    for agency, of_agency in silent.items():
        items: dict[int, list[SilentItem]] = {}
        traces: dict[int, str] = {}
        for inquiry, reason in of_agency:
            partition = partition_of(inquiry.application_id, count)
            items.setdefault(partition, []).append(
                SilentItem(check_id=inquiry.check_id, application_id=inquiry.application_id, reason=reason)
            )
            if inquiry.trace:
                traces.setdefault(partition, inquiry.trace)
        for partition, of_partition in items.items():
            tx.say(
                AgencySilent(
                    event_id=new_event_id(), occurred_at=now, agency=agency, of_partition=partition, items=of_partition
                ),
                trace=traces.get(partition),
            )
