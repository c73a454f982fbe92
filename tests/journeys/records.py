"""The topics as Kafka's administrator sees them, by a client that shares nothing with the product's."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from deploy.local.platform import LocalPlatform

_PATIENCE_S = 30.0
_GATHER_S = 0.1
"""A full batch is waited for no longer than this."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record exactly as it stands on its topic, decompressed."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    def header(self, name: str) -> str:
        return next((value.decode() for known, value in self.headers if known == name), "")


def settings(platform: LocalPlatform, user: str = "admin", password: str | None = None) -> dict[str, str | int | bool]:
    """Of a confluent-kafka client; as administrator unless another user is named."""
    return {
        "bootstrap.servers": f"127.0.0.1:{platform.ports['kafka']}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": password or platform.kafka_admin_password(),
        "log_level": 0,
    }


Marks = dict[tuple[str, int], int]
"""An offset for each (topic, partition)."""


def marks(platform: LocalPlatform, topics: Iterable[str]) -> Marks:
    """Where these topics end now."""
    consumer = Consumer(settings(platform) | {"group.id": "journeys"})
    try:
        return {
            (topic, number): consumer.get_watermark_offsets(TopicPartition(topic, number), _PATIENCE_S)[1]
            for topic in topics
            for number in consumer.list_topics(topic, _PATIENCE_S).topics[topic].partitions
        }
    finally:
        consumer.close()


def read(platform: LocalPlatform, topics: Iterable[str], after: Marks | None = None) -> list[Recorded]:
    """Every record that stands on these topics now, or those since `after`; by topic and partition in their order."""
    begin = after or {}
    ends = {place: end for place, end in marks(platform, topics).items() if end > begin.get(place, 0)}
    consumer = Consumer(settings(platform) | {"group.id": "journeys", "enable.auto.commit": False})
    found: list[Recorded] = []
    try:
        consumer.assign(
            [TopicPartition(topic, number, begin.get((topic, number), OFFSET_BEGINNING)) for topic, number in ends]
        )
        limit = time.monotonic() + _PATIENCE_S
        while ends:
            messages = consumer.consume(1_000, _GATHER_S)
            assert messages or time.monotonic() < limit, f"Kafka stopped giving records of {sorted(ends)}"
            for message in messages:
                assert message.error() is None, message.error()
                topic, number, offset = message.topic(), message.partition(), message.offset()
                assert topic is not None
                assert number is not None
                assert offset is not None
                headers = message.headers() or []
                pairs = headers.items() if isinstance(headers, dict) else headers
                told = tuple((name, _raw(value)) for name, value in pairs)
                found.append(Recorded(topic, number, _raw(message.key()), _raw(message.value()), told))
                if offset + 1 >= ends.get((topic, number), offset + 2):
                    del ends[topic, number]
    finally:
        consumer.close()
    return sorted(found, key=lambda one: (one.topic, one.partition))


def produce(platform: LocalPlatform, records: Iterable[Recorded]) -> None:
    """Write these records, to the letter, in this order; returns when the broker has them all."""
    producer = Producer(settings(platform) | {"acks": "all", "enable.idempotence": True, "compression.type": "zstd"})
    refused: list[object] = []
    for one in records:
        producer.produce(
            one.topic,
            value=one.value,
            key=one.key,
            partition=one.partition,
            headers=list(one.headers),
            on_delivery=lambda error, _: refused.append(error) if error else None,
        )
    assert producer.flush(_PATIENCE_S) == 0
    assert not refused, refused


def lag(platform: LocalPlatform, service: str) -> int:
    """How many records a service has still to take from the topics it hears.

    Asked as a member that never joins: librdkafka's administrator ends the process where the group's coordinator is
    not there yet.
    """
    ends = marks(platform, [topic.name for topic in platform.map.heard_by(service)])
    consumer = Consumer(settings(platform) | {"group.id": service, "enable.auto.commit": False})
    try:
        taken = consumer.committed([TopicPartition(topic, number) for topic, number in ends], _PATIENCE_S)
    finally:
        consumer.close()
    return sum(ends[one.topic, one.partition] - max(one.offset, 0) for one in taken)


def _raw(part: str | bytes | None) -> bytes:
    return part.encode() if isinstance(part, str) else part or b""
