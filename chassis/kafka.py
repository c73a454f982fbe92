"""The speaking side of Kafka, and what the listening side shares with it; nothing but these two builds Kafka clients.

Producer: idempotent, every replica acknowledges, zstd, one ordered sender.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Collection, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from struct import unpack_from
from typing import Any

import aiokafka.conn
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, OutOfOrderSequenceNumber, ProducerClosed
from aiokafka.producer.message_accumulator import BatchBuilder

from chassis.site import KafkaSite
from chassis.wire import Record

_log = structlog.get_logger(__name__)
_STOP_S = 5.0
_SEND_S = 30.0
_WORD = 0xFFFFFFFF
_SEED = 0x9747B28C
_FACTOR = 0x5BD1E995


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


@lru_cache(maxsize=16_384)
def partition_of(key: str, partitions: int) -> int:
    """The partition Kafka's own partitioner gives this key; a case's key comes by with each of its events."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Kafka's hash of a key, as 32 bits without sign. A word at a time: the library's takes four times as long."""
    mixed = _SEED ^ len(data)
    words = len(data) // 4
    for word in unpack_from(f"<{words}I", data):
        word = word * _FACTOR & _WORD
        mixed = mixed * _FACTOR & _WORD ^ (word ^ word >> 24) * _FACTOR & _WORD
    if tail := data[words * 4 :]:
        mixed = (mixed ^ int.from_bytes(tail, "little")) * _FACTOR & _WORD
    mixed = (mixed ^ mixed >> 13) * _FACTOR & _WORD
    return mixed ^ mixed >> 15


def security(site: KafkaSite) -> dict[str, str]:
    """What every client of the broker is told."""
    return {
        "bootstrap_servers": site.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": site.user,
        "sasl_plain_password": site.password,
    }


class Connection(AIOKafkaConnection):  # type: ignore[misc]
    """Tells of a write to a connection that has just broken as of a broken connection.

    uvloop raises RuntimeError there, which the library does not expect: its metadata task ended by it, and from then on
    everything in the client waited for that task for ever while the process looked ready.
    """

    def send(self, request: Any, expect_response: bool = True) -> Any:
        try:
            return super().send(request, expect_response)
        except RuntimeError as broken:
            self.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError("the connection broke before it was written to") from broken


# The library offers no place to name the class; producers and consumers alike connect by this one.
aiokafka.conn.AIOKafkaConnection = Connection


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
            refuse_missing(topics, (await producer.client.fetch_all_metadata()).topics())

    async def _ready(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                client_id=self._client_id,
                enable_idempotence=True,
                acks="all",
                compression_type="zstd",
                linger_ms=0,
                max_batch_size=524_288,
                max_request_size=1_000_000,
                request_timeout_ms=20_000,
                metadata_max_age_ms=30_000,
                **security(self._site),
            )
            try:
                await producer.start()
            except BaseException:
                await bounded(producer.stop())
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
        """In whole batches with one acknowledgement each: record by record costs twice as much."""
        outcomes = dict.fromkeys(records, Outcome.UNSURE)
        sent: list[tuple[list[int], asyncio.Future[Any]]] = []
        waiting = deque(_by_topic(records).items())
        while waiting:
            (topic, partition), numbers = waiting.popleft()
            try:
                if partition is None:
                    count = len(await producer.partitions_for(topic))
                    waiting.extendleft(_by_partition(topic, count, records, numbers).items())
                    continue
                batch = producer.create_batch()
                taken = _fill(batch, [records[number] for number in numbers])
                if taken < len(numbers):
                    waiting.append(((topic, partition), numbers[taken:]))
                    numbers = numbers[:taken]
                sent.append((numbers, await producer.send_batch(batch, topic, partition=partition)))
            except Exception as failed:
                outcomes |= dict.fromkeys(numbers, _outcome(failed))
                if _outcome(failed) is Outcome.UNSURE:
                    break
        if sent:
            await asyncio.wait([future for _, future in sent], timeout=_SEND_S)
        for numbers, future in sent:
            if future.done() and not future.cancelled():
                failure = future.exception()
                outcomes |= dict.fromkeys(numbers, Outcome.SENT if failure is None else _outcome(failure))
        return outcomes

    async def _throw_away(self) -> None:
        """Without flushing: what is not acknowledged is sent again from the outbox, in order, by the next producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            # Its stop would wait until the broker is back, and its sender outlive it; the library offers no other way.
            await bounded(producer._sender.close())
            await bounded(producer.stop())

    async def stop(self) -> None:
        await self._throw_away()


def _by_topic(records: Mapping[int, Record]) -> dict[tuple[str, int | None], list[int]]:
    """The records' numbers by topic, and by partition where the record names one."""
    places: dict[tuple[str, int | None], list[int]] = {}
    for number, record in records.items():
        places.setdefault((record.topic, record.partition), []).append(number)
    return places


def _by_partition(
    topic: str, count: int, records: Mapping[int, Record], numbers: Sequence[int]
) -> dict[tuple[str, int | None], list[int]]:
    """The numbers by the partition their key gives them."""
    places: dict[tuple[str, int | None], list[int]] = {}
    for number in numbers:
        places.setdefault((topic, partition_of(records[number].key, count)), []).append(number)
    return places


def _fill(batch: BatchBuilder, records: Sequence[Record]) -> int:
    """Append the records until the batch is full; how many it took. It takes one of any size."""
    taken = 0
    for record in records:
        if batch.append(timestamp=None, key=record.key.encode(), value=record.value, headers=record.headers()) is None:
            break
        taken += 1
    batch.close()
    return taken


def _place(record: Record) -> tuple[str, str]:
    return record.topic, record.key


def _waves(records: Sequence[Record]) -> list[list[int]]:
    """The records' numbers, first each key's first record, then each key's second, and so on."""
    waves: list[list[int]] = []
    met: dict[tuple[str, str], int] = {}
    for number, record in enumerate(records):
        place = _place(record)
        turn = met[place] = met.get(place, -1) + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(number)
    return waves


def _outcome(failed: BaseException) -> Outcome:
    unsure = isinstance(failed, _OF_THE_CONNECTION) or getattr(failed, "retriable", False)
    return Outcome.UNSURE if unsure else Outcome.REFUSED


def refuse_missing(wanted: Collection[str], known: Collection[str]) -> None:
    """Raises TopicsMissing."""
    missing = set(wanted) - set(known)
    if missing:
        raise TopicsMissing(missing)


async def bounded(stop: Awaitable[None]) -> None:
    """aiokafka's stop may hang, or end by CancelledError of its own, while the broker is away."""
    task = asyncio.ensure_future(stop)
    await asyncio.wait({task}, timeout=_STOP_S)
    if not task.done():
        task.cancel()
        _log.info("client not stopped in time")
    elif task.cancelled() or task.exception() is not None:
        _log.info("client not stopped cleanly")
