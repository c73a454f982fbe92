"""The one place that builds Kafka clients; nothing else imports aiokafka.

Producer: idempotent, every replica acknowledges, zstd, one ordered sender. Consumer: no auto-commit, from the earliest
record, a static member that keeps its partitions over a restart.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Collection, Mapping, Sequence
from enum import Enum
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaTimeoutError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
)
from aiokafka.partitioner import murmur2

from chassis.site import KafkaSite
from chassis.wire import Record

__all__ = ["Listener", "Outcome", "Speaker", "TopicsMissing", "partition_of"]

_log = structlog.get_logger(__name__)
_STOP_S = 5.0
_SEND_S = 30.0
_FETCH_WAIT_MS = 500
_LONGEST_TEXT = 400


class TopicsMissing(Exception):
    """Topics this process says or hears do not exist, or its user may not see them. No retry mends that."""

    def __init__(self, missing: Collection[str]) -> None:
        super().__init__(f"topics missing: {', '.join(sorted(missing))}; `make up` creates them")


class Outcome(Enum):
    """What became of a record: on its topic for sure, not known, or refused for a reason of its own."""

    SENT = "sent"
    UNSURE = "unsure"
    REFUSED = "refused"


_OF_THE_CONNECTION = (KafkaTimeoutError, OutOfOrderSequenceNumber, ProducerClosed)
"""Errors that come from what happened before a record, or from the broker's absence, not from the record itself."""


def partition_of(key: str, partitions: int) -> int:
    """The partition Kafka's own partitioner gives this key."""
    number: int = murmur2(key.encode())
    return (number & 0x7FFFFFFF) % partitions


def _security(site: KafkaSite) -> dict[str, str]:
    return {
        "bootstrap_servers": site.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": site.user,
        "sasl_plain_password": site.password,
    }


class Speaker:
    """One ordered sender. A refusal poisons an idempotent producer: it is thrown away and a new one built."""

    def __init__(self, site: KafkaSite, client_id: str) -> None:
        self._site = site
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._order = asyncio.Lock()

    async def start(self, topics: Collection[str]) -> None:
        """Connect; KafkaConnectionError while no broker answers, TopicsMissing when one of `topics` does not exist."""
        async with self._order:
            producer = await self._ready()
            _refuse_missing(topics, (await producer.client.fetch_all_metadata()).topics())

    async def _ready(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                client_id=self._client_id,
                enable_idempotence=True,
                acks="all",
                compression_type="zstd",
                linger_ms=0,
                max_batch_size=131_072,
                max_request_size=1_000_000,
                request_timeout_ms=20_000,
                metadata_max_age_ms=30_000,
                **_security(self._site),
            )
            try:
                await producer.start()
            except BaseException:
                await _bounded(producer.stop())
                raise
            self._producer = producer
        return self._producer

    async def send(self, records: Sequence[Record]) -> list[Outcome]:
        """Send in the given order and wait for the acknowledgements; what became of each record.

        No record is handed over before the one before it of its key is on the topic: a producer whose first batch is
        refused may well have its second one taken. What is unsure may still arrive later: listeners absorb what comes
        twice.
        Raises KafkaConnectionError while no broker answers.
        """
        async with self._order:
            outcomes = [Outcome.UNSURE] * len(records)
            failed_keys: set[tuple[str, str]] = set()
            for wave in _waves(records):
                chosen = {number: records[number] for number in wave if _place(records[number]) not in failed_keys}
                outcomes_of_wave = await self._send_wave(await self._ready(), chosen)
                for number, outcome in outcomes_of_wave.items():
                    outcomes[number] = outcome
                failed = {number for number, outcome in outcomes_of_wave.items() if outcome is not Outcome.SENT}
                failed_keys |= {_place(records[number]) for number in failed}
                if failed:
                    _log.warning("producer rebuilt", failed=len(failed), records=len(chosen))
                    await self._throw_away()
                if Outcome.UNSURE in outcomes_of_wave.values():
                    break
            return outcomes

    async def _send_wave(self, producer: AIOKafkaProducer, records: Mapping[int, Record]) -> dict[int, Outcome]:
        outcomes = dict.fromkeys(records, Outcome.UNSURE)
        futures: dict[int, asyncio.Future[Any]] = {}
        for number, record in records.items():
            try:
                futures[number] = await producer.send(
                    record.topic,
                    value=record.value,
                    key=record.key.encode(),
                    partition=record.partition,
                    headers=record.headers(),
                )
            except Exception as failed:
                outcomes[number] = _outcome(failed)
                if outcomes[number] is Outcome.UNSURE:
                    break
        if futures:
            await asyncio.wait(futures.values(), timeout=_SEND_S)
        for number, future in futures.items():
            if future.done() and not future.cancelled():
                failure = future.exception()
                outcomes[number] = Outcome.SENT if failure is None else _outcome(failure)
        return outcomes

    async def _throw_away(self) -> None:
        """Without flushing: what is not acknowledged is sent again from the outbox, in order, by the next producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            # Its stop would wait until the broker is back, and its sender outlive it; the library offers no other way.
            await _bounded(producer._sender.close())
            await _bounded(producer.stop())

    async def stop(self) -> None:
        await self._throw_away()


def _place(record: Record) -> tuple[str, str]:
    return record.topic, record.key


def _waves(records: Sequence[Record]) -> list[list[int]]:
    """The records' numbers, first each key's first record, then each key's second, and so on."""
    waves: list[list[int]] = []
    met: Counter[tuple[str, str]] = Counter()
    for number, record in enumerate(records):
        turn = met[_place(record)]
        met[_place(record)] += 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(number)
    return waves


def _outcome(failed: BaseException) -> Outcome:
    unsure = isinstance(failed, _OF_THE_CONNECTION) or getattr(failed, "retriable", False)
    return Outcome.UNSURE if unsure else Outcome.REFUSED


def _refuse_missing(wanted: Collection[str], known: Collection[str]) -> None:
    missing = set(wanted) - set(known)
    if missing:
        raise TopicsMissing(missing)


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """A static member of the service's group. Offsets are committed by name, after the database has committed."""

    def __init__(self, site: KafkaSite, group: str, instance: str, topics: Sequence[str], *, batch: int) -> None:
        self.is_joined = False
        """Whether the group has given it its partitions."""
        self._topics = tuple(topics)
        self._consumer = AIOKafkaConsumer(
            client_id=instance,
            group_id=group,
            group_instance_id=instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=3_000,
            max_poll_interval_ms=120_000,
            metadata_max_age_ms=30_000,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            max_partition_fetch_bytes=1_048_576,
            **_security(site),
        )
        self._batch = batch

    async def start(self) -> None:
        """Join the group; KafkaConnectionError while no broker answers, TopicsMissing when a topic does not exist."""
        await self._consumer.start()
        # Subscribed only now: a consumer made for a missing topic would wait for it, and never say so.
        _refuse_missing(self._topics, await self._consumer.topics())
        self._consumer.subscribe(self._topics, listener=self)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self.is_joined = True

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to save: what was taken stands in the inbox."""

    async def next(self) -> tuple[list[Record], dict[TopicPartition, int]]:
        """The next records in partition order, and the offsets to commit once they have taken effect."""
        fetched: Mapping[TopicPartition, list[Any]] = await self._consumer.getmany(
            timeout_ms=1_000, max_records=self._batch
        )
        records: list[Record] = []
        offsets: dict[TopicPartition, int] = {}
        for place, messages in fetched.items():
            for message in messages:
                records.append(_record(message))
            offsets[place] = messages[-1].offset + 1
        return records, offsets

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit; a refusal is normal after a rebalance and harmless, since the inbox knows what was taken."""
        try:
            await self._consumer.commit(dict(offsets))
        except (CommitFailedError, IllegalStateError, KafkaConnectionError) as late:
            _log.info("offsets not committed", reason=type(late).__name__)

    async def stop(self) -> None:
        await _bounded(self._consumer.stop())


def _record(message: Any) -> Record:
    """A record as it came. Missing or odd headers give an unreadable type, id or version, which the codec refuses."""
    headers = {name: _text(value) for name, value in message.headers}
    version = headers.get("version", "")
    try:
        event_id = str(UUID(headers.get("id", "")))
    except ValueError:
        event_id = str(uuid5(NAMESPACE_OID, f"{message.topic}:{message.partition}:{message.offset}"))
    return Record(
        topic=message.topic,
        key=_text(message.key),
        partition=message.partition,
        event_id=event_id,
        type=headers.get("type", ""),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0,
        trace=headers.get("traceparent", ""),
        value=bytes(message.value or b""),
    )


def _text(raw: bytes | None) -> str:
    """Text the database can hold and index, whatever was sent."""
    return bytes(raw or b"")[:_LONGEST_TEXT].decode("utf-8", "replace").replace("\0", "\ufffd")


async def _bounded(stop: Awaitable[None]) -> None:
    """aiokafka's stop may hang, or end by CancelledError of its own, while the broker is away."""
    task = asyncio.ensure_future(stop)
    await asyncio.wait({task}, timeout=_STOP_S)
    if not task.done():
        task.cancel()
        _log.info("client not stopped in time")
    elif task.cancelled() or task.exception() is not None:
        _log.info("client not stopped cleanly")
