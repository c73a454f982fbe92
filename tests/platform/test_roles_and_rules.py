"""A service reaches its own database and its own topics, and nobody else's."""

import itertools

import asyncpg
import pytest
from confluent_kafka import KafkaError, Producer

from deploy.local.platform import LocalPlatform
from deploy.local.postgres import roles
from deploy.local.topics import user_password


async def test_a_role_connects_to_its_own_database_and_to_no_other(platform_postgres: LocalPlatform) -> None:
    services = list(platform_postgres.map.services)
    for service, database in itertools.product(services, services):
        for role in roles(service):
            connecting = asyncpg.connect(
                host="127.0.0.1",
                port=platform_postgres.ports["postgres"],
                user=role,
                password=platform_postgres.secrets.password(f"postgres-{role}"),
                database=database,
            )
            if service == database:
                connection = await connecting
                assert await connection.fetchval("select current_user") == role
                await connection.close()
            else:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connecting


async def test_the_owner_makes_tables_that_the_service_writes_and_the_auditor_only_reads(
    platform_postgres: LocalPlatform,
) -> None:
    async def connect(role: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host="127.0.0.1",
            port=platform_postgres.ports["postgres"],
            user=role,
            password=platform_postgres.secrets.password(f"postgres-{role}"),
            database="payments",
        )

    application, owner, auditor = [await connect(role) for role in roles("payments")]
    try:
        await owner.execute("drop table if exists probe; create table probe (n int)")
        await application.execute("insert into probe values (1)")
        assert await auditor.fetchval("select n from probe") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await auditor.execute("insert into probe values (2)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute("create table other (n int)")
    finally:
        await owner.execute("drop table if exists probe")
        for connection in (application, owner, auditor):
            await connection.close()


@pytest.mark.parametrize(
    ("user", "topic", "allowed"),
    [
        ("payments", "payments.roster", True),
        ("intake", "verification.report", False),
        ("verification", "intake.application", False),
        ("payments", "approval.decision", False),
        ("approval", "payments.settlement", False),
    ],
)
def test_only_the_speaker_writes_a_topic(platform_kafka: LocalPlatform, user: str, topic: str, allowed: bool) -> None:
    outcomes: list[KafkaError | None] = []
    producer = Producer(
        {
            "bootstrap.servers": f"127.0.0.1:{platform_kafka.ports['kafka']}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": user_password(platform_kafka.secrets, user),
            "enable.idempotence": True,
            "log_level": 0,
        }
    )
    producer.produce(topic, b"probe", callback=lambda error, _: outcomes.append(error))
    assert producer.flush(20) == 0
    if allowed:
        assert outcomes == [None]
    else:
        assert [error and error.code() for error in outcomes] == [KafkaError.TOPIC_AUTHORIZATION_FAILED]
