"""Submitted -> reported, in bulk and one by one, on a platform of its own."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.bench.cpu import CpuMeter
from deploy.local.platform import LocalPlatform

TOWNSHIP = "cn/2307/230799/230799001/"
REGION = "230799001"
_REPORTS = "verification.report"
_BATCH = 200
_AHEAD = 3_000
"""Households accepted but not yet reported at any time: the closed loop of the bulk run."""
_OUTSIDE = ("simulator", "supervisor")
"""Processes that are not the system's cost; the simulator is shown beside it."""


@dataclass(frozen=True)
class Bulk:
    """A bulk run: rate and CPU per household, in total and by process."""

    households: int
    seconds: float
    cpu_ms: float
    cpu_ms_by_process: dict[str, float]

    @property
    def households_per_s(self) -> float:
        return self.households / self.seconds


class Pipeline:
    """Drives a running platform as many townships would, and watches reports appear."""

    def __init__(self, platform: LocalPlatform, client: httpx.AsyncClient, run: str) -> None:
        self._platform = platform
        self._client = client
        self._run = run
        self._headers = {
            "Authorization": f"Bearer {platform.token('township_clerk', TOWNSHIP)}",
            "Content-Type": "application/json",
        }

    @property
    def _kafka(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": f"127.0.0.1:{self._platform.ports['kafka']}",
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": "admin",
            "sasl_plain_password": self._platform.kafka_admin_password(),
            "group_id": None,
            "enable_auto_commit": False,
        }

    async def bulk(self, applications: list[dict[str, Any]]) -> Bulk:
        """Submit in batches, never more than a few thousand ahead; ends when every household has its first report."""
        bodies = [
            orjson.dumps({"applications": applications[start : start + _BATCH]})
            for start in range(0, len(applications), _BATCH)
        ]
        reports = AIOKafkaConsumer(**self._kafka)
        await reports.start()
        places = [TopicPartition(_REPORTS, number) for number in range(self._platform.map.topics[_REPORTS].partitions)]
        before = sum((await reports.end_offsets(places)).values())
        pids = {name: identity.pid for name, identity in self._platform.processes().items() if name != "supervisor"}
        meter, begun, submitted, done = CpuMeter(pids), time.perf_counter(), 0, 0
        while done < len(applications):
            while bodies and submitted - done < _AHEAD:
                submitted += await self._submit_batch(bodies.pop(0), submitted)
            # Every look costs the broker a request, which is what is measured here: close looks at the end only.
            await asyncio.sleep(0.5 if bodies else 0.1)
            done = sum((await reports.end_offsets(places)).values()) - before
        seconds, used = time.perf_counter() - begun, meter.used()
        await reports.stop()
        await self._refuse_doubles()
        each = {name: spent * 1000 / len(applications) for name, spent in used.items()}
        system = sum(cost for name, cost in each.items() if name not in _OUTSIDE)
        return Bulk(len(applications), seconds, system, each)

    async def _refuse_doubles(self) -> None:
        """Every check of this platform has exactly one first report."""
        connection = await asyncpg.connect(self._platform.admin_dsn("verification"))
        checks, reports = await connection.fetchrow(
            "select (select count(*) from checks), (select count(*) from reports where version = 1)"
        )
        await connection.close()
        if checks != reports:
            raise RuntimeError(f"{checks} checks have {reports} first reports")

    async def _submit_batch(self, body: bytes, offset: int) -> int:
        answer = await self._client.post(
            f"{self._platform.url('intake')}/intake/v1/applications/batch",
            content=body,
            headers={**self._headers, "Idempotency-Key": f"{self._run}-{offset}"},
        )
        answer.raise_for_status()
        rows = next(iter(orjson.loads(answer.content).values()))
        refused = [row for row in rows if row.get("state") != "accepted" and row.get("verdict") != "accepted"]
        if refused:
            raise RuntimeError(f"{len(refused)} of {len(rows)} households were not accepted")
        return len(rows)

    async def singles(self, applications: list[dict[str, Any]], rate: float) -> list[float]:
        """Milliseconds from sending each application to its report standing on the topic, at an even rate."""
        consumer = AIOKafkaConsumer(_REPORTS, auto_offset_reset="latest", **self._kafka)
        await consumer.start()
        seen: dict[str, float] = {}
        sent: dict[str, float] = {}

        async def watch() -> None:
            async for message in consumer:
                seen[(message.key or b"").decode()] = time.perf_counter()

        watcher = asyncio.create_task(watch())
        await consumer.seek_to_end()

        async def one(number: int, application: dict[str, Any]) -> None:
            begun = time.perf_counter()
            answer = await self._client.post(
                f"{self._platform.url('intake')}/intake/v1/applications",
                content=orjson.dumps(application),
                headers={**self._headers, "Idempotency-Key": f"{self._run}-one-{number}"},
            )
            answer.raise_for_status()
            sent[answer.json()["application_id"]] = begun

        tasks, started = [], time.perf_counter()
        for number, application in enumerate(applications):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number, application)))
        await asyncio.gather(*tasks)
        until = time.perf_counter() + 30
        while not sent.keys() <= seen.keys() and time.perf_counter() < until:  # noqa: ASYNC110 (two dictionaries fill)
            await asyncio.sleep(0.01)
        watcher.cancel()
        await consumer.stop()
        return [
            (seen[application_id] - begun) * 1000 for application_id, begun in sent.items() if application_id in seen
        ]


def percentile(values: list[float], share: float) -> float:
    """The value below which the share of all values lies."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=1000, method="inclusive")[min(int(share * 1000), 999) - 1]
