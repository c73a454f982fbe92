"""A topic of its own for each test, on the real broker, and what stands in it as an outsider reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

import orjson
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from chassis.site import KafkaSite
from deploy.local.kafka import ADMIN
from deploy.local.platform import LocalPlatform
from tests.service.chassis.note_service import Noted


def kafka_site(platform: LocalPlatform) -> KafkaSite:
    """The broker as its administrator reaches it: topics of tests are in nobody else's access rules."""
    return KafkaSite(
        bootstrap=f"127.0.0.1:{platform.ports['kafka']}", user=ADMIN, password=platform.kafka_admin_password()
    )


def noted_on(topic: str) -> type[Noted]:
    """The note event, said on another topic."""

    class NotedHere(Noted, frozen=True, kw_only=True):
        topic: ClassVar[str] = ""

    NotedHere.topic = topic
    return NotedHere


async def make_topic(platform: LocalPlatform, topic: str, partitions: int, config: Mapping[str, str]) -> None:
    admin = platform.kafka_admin()
    made = admin.create_topics([NewTopic(topic, partitions, 1, config=dict(config))])[topic]
    await asyncio.to_thread(made.result, 10)


async def set_on_topic(platform: LocalPlatform, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = platform.kafka_admin()
    (changed,) = admin.incremental_alter_configs([resource]).values()
    await asyncio.to_thread(changed.result, 10)


async def drop_topics(platform: LocalPlatform, topics: Collection[str]) -> None:
    admin = platform.kafka_admin()
    for dropped in admin.delete_topics(list(topics)).values():
        await asyncio.to_thread(dropped.result, 10)


async def numbers_on(platform: LocalPlatform, topic: str, partitions: int) -> dict[str, list[int]]:
    """The note numbers on the topic by key, in the order of the log."""
    return await asyncio.to_thread(_read_all, kafka_site(platform), topic, range(partitions))


def _read_all(site: KafkaSite, topic: str, partitions: Sequence[int]) -> dict[str, list[int]]:
    consumer = Consumer(
        {
            "bootstrap.servers": site.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": site.user,
            "sasl.password": site.password,
            "group.id": "outsider",
            "enable.auto.commit": False,
        }
    )
    found: dict[str, list[int]] = {}
    try:
        for partition in partitions:
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            consumer.assign([TopicPartition(topic, partition, 0)])
            place = 0
            while place < end:
                message = consumer.poll(10)
                assert message is not None
                assert message.error() is None, message.error()
                key, value, place = message.key(), message.value(), (message.offset() or 0) + 1
                assert key is not None
                assert value is not None
                found.setdefault(bytes(key).decode(), []).append(orjson.loads(value)["number"])
    finally:
        consumer.close()
    return found
