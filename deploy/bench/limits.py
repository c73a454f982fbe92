"""Raw limits of this machine in this run: what the pipeline's rate is compared with."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka.admin import NewTopic
from httpx_aiohttp import AiohttpTransport

from contracts.vocabulary import Agency
from deploy.local.platform import LocalPlatform
from services.adapters.agencies import REGISTRY
from services.adapters.domain.agency import Subject

_TOPIC = "bench.raw"
_RECORD = b"x" * 1_000
_ROUND_S = 2.0


async def commits_per_s(dsn: str, writers: int) -> float:
    """Single-row transactions per second with so many connections."""
    connections = [await asyncpg.connect(dsn) for _ in range(writers)]
    await connections[0].execute(
        "create table if not exists bench_commit (id bigint generated always as identity, body text)"
    )
    until, done = time.perf_counter() + _ROUND_S, 0

    async def write(connection: Any) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await connection.execute("insert into bench_commit (body) values ($1)", "x" * 200)
            done += 1

    begun = time.perf_counter()
    await asyncio.gather(*(write(connection) for connection in connections))
    rate = done / (time.perf_counter() - begun)
    for connection in connections:
        await connection.close()
    return rate


async def rows_per_s(dsn: str) -> float:
    """Rows per second inserted by unnest, 1,000 a transaction: what stands in for COPY under row-level security."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table if not exists bench_rows (id bigint, agency text, state smallint)")
    ids, agencies, states = list(range(1_000)), ["tax"] * 1_000, [0] * 1_000
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < _ROUND_S:
        await connection.execute(
            "insert into bench_rows select * from unnest($1::bigint[], $2::text[], $3::smallint[])",
            ids,
            agencies,
            states,
        )
        done += 1_000
    rate = done / (time.perf_counter() - begun)
    await connection.execute("drop table bench_rows; drop table if exists bench_commit")
    await connection.close()
    return rate


async def kafka_per_s(platform: LocalPlatform, messages: int = 60_000) -> tuple[float, float]:
    """Records of 1 kB per second: produced with every guarantee on, and consumed."""
    admin = platform.kafka_admin()
    for future in admin.create_topics([NewTopic(_TOPIC, num_partitions=4, replication_factor=1)]).values():
        try:
            future.result()
        except Exception as refused:
            if "exists" not in str(refused):
                raise
    security: dict[str, Any] = {
        "bootstrap_servers": f"127.0.0.1:{platform.ports['kafka']}",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "admin",
        "sasl_plain_password": platform.kafka_admin_password(),
    }
    producer = AIOKafkaProducer(
        acks="all", enable_idempotence=True, compression_type="zstd", max_batch_size=131_072, **security
    )
    await producer.start()
    begun = time.perf_counter()
    for start in range(0, messages, 500):
        sent = [await producer.send(_TOPIC, _RECORD, key=str(number).encode()) for number in range(start, start + 500)]
        await asyncio.gather(*sent)
    produced = messages / (time.perf_counter() - begun)
    await producer.stop()
    consumer = AIOKafkaConsumer(
        _TOPIC, auto_offset_reset="earliest", enable_auto_commit=False, group_id=None, **security
    )
    await consumer.start()
    begun, seen = time.perf_counter(), 0
    while seen < messages:
        seen += sum(len(batch) for batch in (await consumer.getmany(timeout_ms=1_000, max_records=500)).values())
    consumed = messages / (time.perf_counter() - begun)
    await consumer.stop()
    admin.delete_topics([_TOPIC])
    return produced, consumed


async def simulator_per_s(url: str, people: list[tuple[str, str]]) -> float:
    """Persons per second that the simulated tax office answers in bulk calls; `people` are names and ids."""
    subjects = [Subject(str(number), name, citizen_id) for number, (name, citizen_id) in enumerate(people)]
    ask = REGISTRY[Agency.TAX].question(subjects, ["bench"] * len(subjects), "application")
    async with httpx.AsyncClient(transport=AiohttpTransport()) as client:
        begun, calls = time.perf_counter(), 0
        while time.perf_counter() - begun < _ROUND_S:
            answers = await asyncio.gather(*(client.post(f"{url}{ask.path}", content=ask.body) for _ in range(4)))
            for answer in answers:
                answer.raise_for_status()
            calls += len(answers)
        return calls * len(people) / (time.perf_counter() - begun)
