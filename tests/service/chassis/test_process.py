"""A whole service process: told to end, it finishes what it has begun; killed, it loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest

from chassis.kafka import Speaker
from chassis.service import Service
from chassis.site import ENVIRONMENT_NAME, Site
from deploy.local.platform import LocalPlatform
from tests.issuer import Issuer
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, noted
from tests.service.chassis.topics import drop_topics, kafka_site, make_topic, noted_on, numbers_on
from tests.service.chassis.waiting import until
from tests.testbed import ROOT, TestBed

Start = Callable[[], Awaitable[Process]]


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    return await open_bed(Service(name=NAME))


@pytest.fixture
async def topic(platform_kafka: LocalPlatform) -> AsyncIterator[str]:
    name = f"payments.t{secrets.token_hex(6)}"
    await make_topic(platform_kafka, name, 2, {})
    yield name
    await drop_topics(platform_kafka, [name])


@pytest.fixture
def site(bed: TestBed, platform_kafka: LocalPlatform, tmp_path: Path) -> Site:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = bed.site.model_copy(update={"port": port, "kafka": kafka_site(platform_kafka)})
    (tmp_path / "site.json").write_text(site.model_dump_json())
    return site


class Gate:
    """Holds up requests and calls in the process until it is opened."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def open(self) -> None:
        self.file.touch()

    def forget(self, who: str) -> None:
        self.file.with_name(f"{who}.came").unlink()

    async def has_come(self, who: str) -> bool:
        return await asyncio.to_thread(self.file.with_name(f"{who}.came").exists)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


@pytest.fixture
async def start(site: Site, topic: str, gate: Gate, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the process and waits until it is ready; none outlives the test."""
    environment = {
        **os.environ,
        ENVIRONMENT_NAME: str(tmp_path / "site.json"),
        "NOTE_TOPIC": topic,
        "NOTE_GATE": str(gate.file),
    }
    async with AsyncExitStack() as stack:

        async def start_one() -> Process:
            with (tmp_path / "log").open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.service.chassis.note_process", NAME),
                    cwd=ROOT,
                    env=environment,
                    stdout=log,
                    stderr=log,
                )
            stack.push_async_callback(end, process)
            await until(lambda: is_ready(process, site.port), within_s=40)
            return process

        yield start_one


async def end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


async def is_ready(process: Process, port: int) -> bool:
    assert process.returncode is None, "the process ended before it was ready"
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        except httpx.TransportError:
            return False


async def is_deaf(port: int) -> bool:
    """Whether new callers are turned away."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return True
    writer.close()
    return False


async def effects(bed: TestBed) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in await bed.rows("select case_id, number from effect order by id"):
        found.setdefault(row["case_id"], []).append(row["number"])
    return found


async def test_told_to_end_it_answers_records_and_publishes_what_it_has_begun(
    start: Start, bed: TestBed, site: Site, gate: Gate, topic: str, platform_kafka: LocalPlatform
) -> None:
    await bed.rows("insert into job (id) values (1)")
    process = await start()
    headers = {**Issuer(site.tokens.jwks_file).bearer("notes:write"), "idempotency-key": "k-1"}

    async with httpx.AsyncClient(timeout=30) as client:
        asking = asyncio.create_task(client.post(f"http://127.0.0.1:{site.port}/payments/v1/notes", headers=headers))
        await until(lambda: gate.has_come("request"))
        await until(lambda: gate.has_come("call"))
        process.send_signal(signal.SIGTERM)
        await until(lambda: is_deaf(site.port))
        gate.open()
        answer = await asking
    code = await process.wait()

    assert (answer.status_code, answer.json()) == (201, {"key": "said"})
    assert code == 0
    assert await bed.rows("select state, fence from job") == [{"state": "done", "fence": 1}]
    assert await bed.rows("select 1 from outbox") == []
    assert await numbers_on(platform_kafka, topic, 2) == {"said": [1]}


async def test_killed_it_takes_up_where_it_stood(
    start: Start, bed: TestBed, gate: Gate, topic: str, platform_kafka: LocalPlatform
) -> None:
    """Twice by SIGKILL, with records coming in and a call under way; in the end some records come once more."""
    here, cases, numbers = noted_on(topic), 20, 30
    speaker = Speaker(kafka_site(platform_kafka), "test")
    records = [
        bed.runtime.codec.encode(noted(f"app_{case}", number, kind=here), "")
        for number in range(numbers)
        for case in range(cases)
    ]
    await bed.rows("insert into job (id) values (1)")

    for life, share in enumerate((records[:300], records[300:])):
        process = await start()
        await speaker.send(share)
        await until(partial(has_effects, bed, life * 300 + 1))
        await until(lambda: gate.has_come("call"))
        process.send_signal(signal.SIGKILL)
        await process.wait()
        gate.forget("call")
    await speaker.send([replace(record, trace="again") for record in records[-50:]])
    await speaker.stop()
    gate.open()
    await start()
    await until(lambda: has_effects(bed, cases * numbers))
    await until(lambda: is_done(bed))

    assert await effects(bed) == {f"app_{case}": [*range(numbers)] for case in range(cases)}
    assert (await bed.rows("select fence from job"))[0]["fence"] >= 3
    assert await bed.rows("select 1 from parked") == []


async def has_effects(bed: TestBed, number: int) -> bool:
    return len(await bed.rows("select 1 from effect")) >= number


async def is_done(bed: TestBed) -> bool:
    return bool(await bed.rows("select 1 from job where state = 'done'"))
