"""The one place that builds Kafka clients; nothing else imports aiokafka.

Producer: idempotent, every replica acknowledges, zstd, one ordered sender. Consumer: no auto-commit, from the earliest record,
a static member that keeps its partitions over a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.partitioner import murmur2

from chassis.site import KafkaSite
from chassis.wire import Record

__all__ = ["Listener", "Speaker", "partition_of"]

_log = structlog.get_logger(__name__)
_STOP_S = 5.0
_SEND_S = 30.0
_FETCH_WAIT_MS = 500


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
    """One ordered sender. A send refused for good poisons an idempotent producer, so it is closed and a new one built."""

    def __init__(self, site: KafkaSite, client_id: str) -> None:
        self._site = site
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._order = asyncio.Lock()

    async def start(self) -> None:
        """Connect; raises KafkaConnectionError while no broker answers."""
        await self._ready()

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

    async def send(self, records: Sequence[Record]) -> list[bool]:
        """Send in the given order and wait for the acknowledgements; which of the records are on their topic for sure.

        An unacknowledged record may still arrive later: listeners absorb what comes twice.
        """
        async with self._order:
            producer = await self._ready()
            sent: list[asyncio.Future[object]] = []
            refusal: BaseException | None = None
            for record in records:
                try:
                    sent.append(
                        await producer.send(
                            record.topic,
                            value=record.value,
                            key=record.key.encode(),
                            partition=record.partition,
                            headers=record.headers(),
                        )
                    )
                except KafkaError as refused:
                    refusal = refused
                    break
            if sent:
                await asyncio.wait(sent, timeout=_SEND_S)
            acknowledged = [future.done() and not future.cancelled() and future.exception() is None for future in sent]
            for future in sent:
                if future.done() and not future.cancelled() and future.exception() is not None:
                    refusal = future.exception()
            if refusal is not None or not all(acknowledged):
                _log.warning("producer rebuilt", error=type(refusal).__name__)
                await self._discard()
            return acknowledged + [False] * (len(records) - len(sent))

    async def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _bounded(producer.stop())

    async def stop(self) -> None:
        await self._discard()


class Listener:
    """A static member of the service's group. Offsets are committed by name, after the database has committed."""

    def __init__(self, site: KafkaSite, group: str, instance: str, topics: Sequence[str], *, batch: int) -> None:
        self._consumer = AIOKafkaConsumer(
            *topics,
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

    async def start(self, topics: Sequence[str]) -> None:
        """Join the group; KafkaConnectionError while no broker answers, LookupError when a topic is missing."""
        await self._consumer.start()
        known = await self._consumer.topics()
        missing = sorted(set(topics) - set(known))
        if missing:
            raise LookupError(f"topics missing: {', '.join(missing)}; `make up` creates them")

    async def next(self) -> tuple[list[Record], dict[TopicPartition, int]]:
        """The next records in partition order, and the offsets to commit once they have taken effect."""
        fetched: Mapping[TopicPartition, list[object]] = await self._consumer.getmany(
            timeout_ms=1_000, max_records=self._batch
        )
        records: list[Record] = []
        offsets: dict[TopicPartition, int] = {}
        for place, messages in fetched.items():
            for message in messages:
                records.append(_record(message))
            offsets[place] = messages[-1].offset + 1  # type: ignore[attr-defined]
        return records, offsets

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit; a refusal is normal after a rebalance and harmless, since the inbox knows what was taken."""
        try:
            await self._consumer.commit(dict(offsets))
        except (CommitFailedError, IllegalStateError, KafkaConnectionError) as late:
            _log.info("offsets not committed", reason=type(late).__name__)

    async def stop(self) -> None:
        await _bounded(self._consumer.stop())


def _record(message: object) -> Record:
    """A record as it came. Headers that are missing or odd give an unreadable type, id or version, which the codec refuses."""
    headers = {name: bytes(value or b"").decode("utf-8", "replace") for name, value in message.headers}  # type: ignore[attr-defined]
    version = headers.get("version", "")
    value = bytes(message.value or b"")  # type: ignore[attr-defined]
    place = f"{message.topic}:{message.partition}:{message.offset}"  # type: ignore[attr-defined]
    try:
        event_id = str(UUID(headers.get("id", "")))
    except ValueError:
        event_id = str(uuid5(NAMESPACE_OID, place))
    return Record(
        topic=message.topic,  # type: ignore[attr-defined]
        key=bytes(message.key or b"").decode("utf-8", "replace"),  # type: ignore[attr-defined]
        partition=message.partition,  # type: ignore[attr-defined]
        event_id=event_id,
        type=headers.get("type", ""),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0,
        trace=headers.get("traceparent", ""),
        value=value,
    )


async def _bounded(stop: object) -> None:
    """aiokafka's stop may hang, or raise CancelledError, while the broker is away."""
    try:
        await asyncio.wait_for(stop, _STOP_S)  # type: ignore[arg-type]
    except (TimeoutError, KafkaError, asyncio.CancelledError) as late:
        _log.info("client not stopped cleanly", reason=type(late).__name__)
