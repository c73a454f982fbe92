"""What stands beside the map, seen by clients that are not ours: topics, databases, roles, and who may touch what.

That a role really is turned away at another's database, and that the auditor only reads, is proven on the shared
platform in tests/platform/test_roles_and_rules.py; here the running platform's own rights are read out whole.
"""

from __future__ import annotations

import itertools

import asyncpg
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from deploy.local.platform import LocalPlatform
from deploy.local.postgres import roles
from deploy.local.topics import user_password
from tests.journeys import records

PATIENCE_S = 20.0


def test_the_broker_lists_the_topics_of_the_map_with_their_partitions(platform: LocalPlatform) -> None:
    listed = platform.kafka_admin().list_topics(timeout=PATIENCE_S).topics
    found = {name: len(topic.partitions) for name, topic in listed.items() if not name.startswith("__")}
    assert found == {name: topic.partitions for name, topic in platform.map.topics.items()}


def test_no_service_writes_a_topic_of_another(platform: LocalPlatform) -> None:
    outcomes: dict[tuple[str, str], int | None] = {}
    for service in platform.map.services:
        producer = Producer(client(platform, service))

        def note(error: KafkaError | None, message: Message, service: str = service) -> None:
            outcomes[service, str(message.topic())] = error.code() if error else None

        for topic in platform.map.topics.values():
            if topic.speaker != service:
                producer.produce(topic.name, b"", on_delivery=note)
        assert producer.flush(PATIENCE_S) == 0
    services, topics = platform.map.services, platform.map.topics.values()
    expected = {
        (service, topic.name) for service, topic in itertools.product(services, topics) if topic.speaker != service
    }
    assert outcomes == dict.fromkeys(expected, KafkaError.TOPIC_AUTHORIZATION_FAILED)


def test_only_listeners_read_a_topic(platform: LocalPlatform) -> None:
    for service, topic in itertools.product(platform.map.services, platform.map.topics.values()):
        assert may_read(platform, service, topic.name) == (service in topic.listeners), (service, topic.name)


async def test_each_service_has_one_database_that_no_other_role_enters(platform: LocalPlatform) -> None:
    connection = await asyncpg.connect(platform.admin_dsn())
    try:
        databases = await connection.fetch("select datname from pg_database where not datistemplate order by 1")
        assert {row["datname"] for row in databases} == {*platform.map.services, "postgres"}
        logins = await connection.fetch("select rolname, rolsuper, rolbypassrls from pg_roles where rolcanlogin")
        service_roles = {role: service for service in platform.map.services for role in roles(service)}
        assert {row["rolname"] for row in logins if not row["rolsuper"]} == set(service_roles)
        assert not [row["rolname"] for row in logins if row["rolbypassrls"] and not row["rolsuper"]]
        for role, service in service_roles.items():
            entered = await connection.fetch(
                "select datname from pg_database"
                " where datname = any($1) and has_database_privilege($2, datname, 'connect')",
                list(platform.map.services),
                role,
            )
            assert [row["datname"] for row in entered] == [service], role
    finally:
        await connection.close()


def client(platform: LocalPlatform, service: str) -> dict[str, str | int | bool]:
    return records.settings(platform, service, user_password(platform.secrets, service))


def may_read(platform: LocalPlatform, service: str, topic: str) -> bool:
    """Whether the broker gives this user records of the topic, or tells it that it may not have them."""
    consumer = Consumer(client(platform, service) | {"group.id": f"{service}-probe", "enable.partition.eof": True})
    try:
        hidden = consumer.list_topics(topic, PATIENCE_S).topics[topic].error
        if hidden is not None:
            assert hidden.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
            return False
        consumer.assign([TopicPartition(topic, 0, 0)])
        message = consumer.poll(PATIENCE_S)
    finally:
        consumer.close()
    assert message is not None, "neither a record, nor the end of them, nor a refusal"
    error = message.error()
    assert error is None or error.code() in (KafkaError._PARTITION_EOF, KafkaError.TOPIC_AUTHORIZATION_FAILED), error
    return error is None or error.code() == KafkaError._PARTITION_EOF
