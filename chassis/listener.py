"""The listening side of Kafka: no auto-commit, from the earliest record, a static member of its group."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError

from chassis.kafka import bounded, refuse_missing, security
from chassis.site import KafkaSite
from chassis.wire import Record

_log = structlog.get_logger(__name__)
_FETCH_WAIT_MS = 500
_LONGEST_TEXT = 400
_AS_WRITTEN = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id as every speaker writes it; any other way is read once more, at length."""
_MOST_ASSIGNMENTS = 10
_WITHIN_S = 20.0
_COMMIT_S = 15.0
"""A broker that restarts is back by then; a client that is not will not come back by itself."""


class TwinAlive(Exception):
    """Another live process goes by this one's name in the group, and the two evict each other without end."""

    def __init__(self) -> None:
        super().__init__("another live process has this one's place in the group; give each its own port")


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """A static member of the service's group: its place is kept over a restart, and nobody else's partitions move.

    Offsets are committed by name, after the database has committed.
    """

    def __init__(self, site: KafkaSite, group: str, instance: str, topics: Sequence[str], *, batch: int) -> None:
        self.is_joined = False
        """Whether the group has given it its partitions."""
        self._topics = tuple(topics)
        self._assigned_at: deque[float] = deque(maxlen=_MOST_ASSIGNMENTS)
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
            **security(site),
        )
        self._batch = batch

    async def start(self) -> None:
        """Join the group; KafkaConnectionError while no broker answers, TopicsMissing when a topic does not exist."""
        await self._consumer.start()
        # Subscribed only now: a consumer made for a missing topic would wait for it, and never say so.
        refuse_missing(self._topics, await self._consumer.topics())
        self._consumer.subscribe(self._topics, listener=self)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self.is_joined = True
        self._assigned_at.append(asyncio.get_running_loop().time())

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to save: what was taken stands in the inbox."""

    async def next(self) -> tuple[list[Record], dict[TopicPartition, int]]:
        """The next records in partition order, and the offsets to commit once they have taken effect.

        Raises TwinAlive, KafkaConnectionError when the client is past help and another must be built, and what aiokafka
        raises when the group or the broker refuses this member.
        """
        if self._is_torn_about():
            raise TwinAlive
        if self._consumer._client._sync_task.done():  # it ends by faults only, and without it nobody is found again
            raise KafkaConnectionError("the client's own upkeep has ended")
        fetched: Mapping[TopicPartition, list[Any]]
        try:
            fetched = await self._consumer.getmany(timeout_ms=1_000, max_records=self._batch)
        except KafkaError as failed:
            if type(failed) is KafkaError:  # a code the library does not know: the broker has fenced this member off
                raise TwinAlive from failed
            raise
        records: list[Record] = []
        offsets: dict[TopicPartition, int] = {}
        for place, messages in fetched.items():
            for message in messages:
                records.append(_record(message))
            offsets[place] = messages[-1].offset + 1
        return records, offsets

    def _is_torn_about(self) -> bool:
        """Whether it has lately been given its place again and again; starting replicas come to fewer times."""
        times = self._assigned_at
        return len(times) == times.maxlen and times[-1] - times[0] < _WITHIN_S

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit; a refusal is normal after a rebalance and harmless, since the inbox knows what was taken.

        Raises TimeoutError when there is neither a commit nor a refusal: another client must be built.
        """
        try:
            async with asyncio.timeout(_COMMIT_S):
                await self._consumer.commit(dict(offsets))
        except (CommitFailedError, IllegalStateError, KafkaConnectionError) as late:
            _log.info("offsets not committed", reason=type(late).__name__)

    async def stop(self) -> None:
        await bounded(self._consumer.stop())


def _record(message: Any) -> Record:
    """A record as it came. Missing or odd headers give an unreadable type, id or version, which the codec refuses."""
    headers = {name: _text(value) for name, value in message.headers}
    version = headers.get("version", "")
    event_id = headers.get("id", "")
    if _AS_WRITTEN.fullmatch(event_id) is None:
        try:
            event_id = str(UUID(event_id))
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
