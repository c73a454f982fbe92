"""The real PostgreSQL and Kafka in an awkward folder keep what they acknowledged, whatever is killed."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka import Consumer, Producer

from deploy.local import kernel
from deploy.local.platform import LocalPlatform
from deploy.local.postgres import Postgres
from tests.platform.conftest import ROOT, MakePlatform

PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    platform = LocalPlatform(ROOT, tmp_path_factory.mktemp("有 空格") / "核对 var", own_ports=True)
    yield platform
    platform.stop()


async def test_acknowledged_rows_and_records_survive_the_death_of_the_whole_tree(platform: LocalPlatform) -> None:
    platform.start(["postgres", "kafka"])
    connection = await asyncpg.connect(platform.admin_dsn())
    await connection.execute("create table kept (n int); insert into kept values (7)")
    busy = await asyncpg.connect(platform.admin_dsn())
    asked = asyncio.ensure_future(busy.execute("select count(*) from generate_series(1, 1e10::bigint)"))
    await is_active(connection, busy.get_server_pid())
    produce(platform, b"kept")
    before = platform.processes()
    for identity in before.values():
        kernel.send_signal(identity, signal.SIGKILL)
    platform.start(["postgres", "kafka"])
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await asked
    assert not set(platform.processes().values()) & set(before.values())
    connection.terminate()
    again = await asyncpg.connect(platform.admin_dsn())
    assert await again.fetchval("select n from kept") == 7
    await again.close()
    assert consume_one(platform) == b"kept"


async def test_killed_servers_come_back_by_themselves(platform: LocalPlatform) -> None:
    platform.start(["postgres", "kafka"])
    before = platform.processes()
    for name in ("postgres", "kafka"):
        platform.kill(name)
    for name in ("postgres", "kafka"):
        platform.await_ready(name)
        assert platform.processes()[name] != before[name]


async def test_settings_that_keep_data_and_silence_are_in_force(platform: LocalPlatform) -> None:
    platform.start(["postgres"])
    connection = await asyncpg.connect(platform.admin_dsn())
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "synchronous_commit": "on",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
        "password_encryption": "scram-sha-256",
        "listen_addresses": "127.0.0.1",
        "lc_ctype": "C.UTF-8",
    }
    for name, value in wanted.items():
        assert await connection.fetchval("select current_setting($1, true)", name) in (value, None), name
    assert await connection.fetchval("select current_setting('server_version_num')::int / 10000") == 18
    await connection.close()


async def test_nobody_enters_without_a_password(platform: LocalPlatform) -> None:
    platform.start(["postgres"])
    for password in ("wrong", ""):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host="127.0.0.1", port=platform.ports["postgres"], user="hedui", password=password, database="postgres"
            )


async def test_a_database_error_leaves_no_value_in_the_log(platform: LocalPlatform) -> None:
    platform.start(["postgres"])
    connection = await asyncpg.connect(platform.admin_dsn())
    await connection.execute("create temporary table canary (id text primary key)")
    await connection.execute("insert into canary values ($1)", "990101199001010001")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("insert into canary values ($1)", "990101199001010001")
    await connection.close()
    log = platform.layout.log_file("postgres").read_text()
    assert "duplicate key value" in log
    assert "990101199001010001" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must appear as somebody else")
def test_root_without_user_namespaces_gets_a_place_elsewhere_and_is_told(make_platform: MakePlatform) -> None:
    platform = make_platform()
    postgres = Postgres(platform.layout, platform.secrets, namespaces=False)
    assert postgres.appear_as.startswith("uid:")
    assert str(postgres.data.parent) in postgres.note
    platform.postgres = postgres
    try:
        platform.start(["postgres"])
        server = platform.processes()["postgres"]
        assert Path(f"/proc/{server.pid}").stat().st_uid == int(postgres.appear_as.removeprefix("uid:")) != 0
    finally:
        platform.stop()
        postgres.remove()
    assert not postgres.data.parent.exists()


async def is_active(connection: asyncpg.Connection, backend: int) -> None:
    """Returns once that backend works on its statement."""
    while await connection.fetchval("select state from pg_stat_activity where pid = $1", backend) != "active":
        pass


def client(platform: LocalPlatform) -> dict[str, str | int]:
    return {
        "bootstrap.servers": f"127.0.0.1:{platform.ports['kafka']}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "admin",
        "sasl.password": platform.kafka_admin_password(),
        "log_level": 0,
    }


def produce(platform: LocalPlatform, value: bytes) -> None:
    producer = Producer(client(platform) | {"acks": "all"})
    producer.produce("payments.roster", value)
    assert producer.flush(PATIENCE_S) == 0


def consume_one(platform: LocalPlatform) -> bytes | None:
    consumer = Consumer(client(platform) | {"group.id": "probe", "auto.offset.reset": "earliest"})
    consumer.subscribe(["payments.roster"])
    message = consumer.poll(PATIENCE_S)
    consumer.close()
    assert message is not None
    assert message.error() is None
    return message.value()
