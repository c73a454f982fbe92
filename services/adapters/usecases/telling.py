"""Telling verification: one event per agency and partition, so that answers keep to their households' partition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from chassis.ids import new_event_id
from chassis.kafka import partition_of
from chassis.transaction import Transaction
from contracts.events.adapters import AgencyAnswers, AgencySilent, AnswerItem, Findings, MemberRecords, SilentItem
from contracts.vocabulary import Agency, Reason
from services.adapters.domain.cells import Inquiry


@dataclass(frozen=True)
class Partitions:
    """How many partitions the answers' topic has."""

    count: int


_partition_of = lru_cache(maxsize=16_384)(partition_of)
"""A household comes by once for each agency."""


def tell_answers(
    tx: Transaction,
    agency: Agency,
    batch_id: str,
    told: Iterable[tuple[Inquiry, AnswerItem, list[MemberRecords]]],
    *,
    now: datetime,
) -> None:
    """Say what an agency answered, per partition, each item with its records in the private part."""
    count = tx.of(Partitions).count
    items: dict[int, list[AnswerItem]] = {}
    findings: dict[int, list[list[MemberRecords]]] = {}
    traces: dict[int, str] = {}
    for inquiry, item, records in told:
        partition = _partition_of(item.application_id, count)
        items.setdefault(partition, []).append(item)
        findings.setdefault(partition, []).append(records)
        if inquiry.trace:
            traces.setdefault(partition, inquiry.trace)
    for partition, of_partition in items.items():
        tx.say(
            AgencyAnswers(
                event_id=new_event_id(),
                occurred_at=now,
                agency=agency,
                batch_id=batch_id,
                of_partition=partition,
                items=of_partition,
                private=Findings(items=findings[partition]),
            ),
            trace=traces.get(partition),
        )


def tell_silence(tx: Transaction, silent: Mapping[Agency, Iterable[tuple[Inquiry, Reason]]], *, now: datetime) -> None:
    """Say about whom agencies gave no usable answer so far, and why."""
    count = tx.of(Partitions).count
    for agency, of_agency in silent.items():
        items: dict[int, list[SilentItem]] = {}
        traces: dict[int, str] = {}
        for inquiry, reason in of_agency:
            partition = _partition_of(inquiry.application_id, count)
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
