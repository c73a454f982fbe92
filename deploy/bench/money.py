"""From decisions to money on cards: a county's month of a hundred thousand households, through the service's own doors.

Decisions and certificates come by Kafka, as approval says them; everything after that is asked for over HTTP by a
payments officer and a second signer. Bank and treasury are the simulator's, with books of their own on disk.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from contracts.values import Month
from deploy.bench import books
from deploy.bench.certificates import Approvals
from deploy.bench.cpu import CpuMeter
from deploy.bench.memory import forget_peak, peak_mb
from deploy.demo.desk import HttpDesk
from deploy.demo.treasury_office import TreasuryOffice
from deploy.local import clock
from deploy.local.platform import LocalPlatform

PARTS = ("postgres", "kafka", "topics", "migrations", "simulator", "payments")
"""What this half stands on; the other services would only listen."""
_HEARD, _SETTLED = "approval.decision", "payments.settlement"
_LOOK_S = 0.25
_STALLED_S = 60.0


@dataclass(frozen=True)
class Stage:
    """One stretch of the way: how many rows, how long, what each process spent."""

    rows: int
    seconds: float
    cpu_ms: dict[str, float]

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.seconds

    @property
    def cpu_ms_per_row(self) -> dict[str, float]:
        return {name: round(spent / self.rows, 4) for name, spent in self.cpu_ms.items()}


class County:
    """The county's month on a running platform, stage by stage."""

    def __init__(self, platform: LocalPlatform, client: httpx.AsyncClient, households: int) -> None:
        self._platform = platform
        self._client = client
        self._households = households
        self._month = Month.of(clock.now(platform.layout).date())
        self._office = TreasuryOffice(HttpDesk(platform, client, patience_s=180.0), f"bench-{int(time.time())}")
        living = platform.processes()
        self._pids = {name: living[name].pid for name in ("payments", "postgres", "kafka", "simulator")}
        self._roster: dict[str, Any] = {}
        self._kafka = platform.kafka_admin()
        self._settled_before = _ends(self._kafka, _SETTLED)
        self._heard_before = _committed(self._kafka, _HEARD)

    @property
    def _payments(self) -> int:
        return self._pids["payments"]

    async def _stage(self, rows: int, work: Callable[[], Awaitable[None]]) -> Stage:
        meter, begun = CpuMeter(self._pids), time.perf_counter()
        await work()
        seconds = time.perf_counter() - begun
        return Stage(rows, seconds, {name: spent * 1_000 for name, spent in meter.used().items()})

    async def decide(self) -> Stage:
        """Every household's decision and certificate heard, and its entitlement granted."""
        approvals = Approvals(self._platform, self._month)
        records = approvals.records(self._households)

        async def hear() -> None:
            await approvals.say(records)
            await _until(len(records), self._heard)
            await self._refuse_missing_entitlements()

        return await self._stage(self._households, hear)

    async def _heard(self) -> int:
        """Decisions and certificates that payments have noted in their group, after their own commit."""
        return await asyncio.to_thread(_committed, self._kafka, _HEARD) - self._heard_before

    async def _refuse_missing_entitlements(self) -> None:
        connection = await asyncpg.connect(self._platform.admin_dsn("payments"))
        live = await connection.fetchval("select count(*) from entitlements where state = 'live'")
        await connection.close()
        if live != self._households:
            raise RuntimeError(f"{live} entitlements for {self._households} households")

    async def draw_up(self) -> tuple[Stage, float]:
        """The roster, and the most memory that payments held meanwhile, in MiB."""

        async def draw() -> None:
            self._roster = await self._office.draw_up(str(self._month))

        forget_peak(self._payments)
        stage = await self._stage(self._households, draw)
        if self._roster["lines"] != self._households:
            raise RuntimeError(f"{self._roster['lines']} lines for {self._households} households")
        return stage, peak_mb(self._payments)

    async def sign(self) -> Stage:
        """Both signatures, each over the whole content."""

        async def both() -> None:
            self._roster = await self._office.sign(self._roster)

        return await self._stage(self._households, both)

    async def pay(self) -> Stage:
        """Every line allocated by the treasury, paid by the bank, settled and booked; as the roster itself shows."""

        async def money() -> None:
            await self._office.pay(self._roster)
            await _until(self._roster["lines"], self._settled)
            await _until(self._roster["lines"], self._paid)

        stage = await self._stage(self._roster["lines"], money)
        await self._refuse_other_books()
        return stage

    async def _settled(self) -> int:
        """Settlements on their topic: watching it costs the database nothing."""
        return await asyncio.to_thread(_ends, self._kafka, _SETTLED) - self._settled_before

    async def _paid(self) -> int:
        counts = (await self._office.roster(self._roster["roster_id"]))["counts"]
        return next((int(one["lines"]) for one in counts if one["state"]["code"] == "paid"), 0)

    async def _refuse_other_books(self) -> None:
        """Bank and treasury hold what the roster says, each line once."""
        site = json.loads(self._platform.site_file("simulator").read_text())
        answer = await self._client.get(
            f"{self._platform.url('simulator')}/admin/money/summary",
            headers={"X-Simulator-Admin": site["admin_token"]},
        )
        sums = answer.raise_for_status().json()
        bank, treasury = sums["bank"], sums["treasury"]
        lines, total_fen = self._roster["lines"], self._roster["total_fen"]
        if (bank["paid"], bank["paid_fen"], bank["paid_twice"]) != (lines, total_fen, 0):
            raise RuntimeError(f"the roster has {lines} lines and {total_fen} fen, the bank's book {bank}")
        if (treasury["allocated"], treasury["allocated_fen"], treasury["allocated_twice"]) != (lines, total_fen, 0):
            raise RuntimeError(f"the roster has {lines} lines and {total_fen} fen, the treasury's book {treasury}")

    async def reconcile(self) -> Stage:
        """Both books fetched over HTTP and compared with ours; nothing may differ."""

        async def compare() -> None:
            await self._office.reconcile(str(self._month))
            await _until(1, self._compared)

        stage = await self._stage(self._roster["lines"], compare)
        found = (await self._office.month(str(self._month)))["reconciliation"]
        if found["differences"] or found["lines"] != self._roster["lines"]:
            raise RuntimeError(f"the books of the bench differ: {found}")
        return stage

    async def _compared(self) -> int:
        found = (await self._office.month(str(self._month)))["reconciliation"]
        return int(found["state"] == "done")


def _partitions(admin: AdminClient, topic: str) -> list[TopicPartition]:
    found = admin.list_topics(topic, timeout=10).topics[topic].partitions
    return [TopicPartition(topic, number) for number in found]


def _ends(admin: AdminClient, topic: str) -> int:
    """Records ever written to the topic."""
    wanted = {one: OffsetSpec.latest() for one in _partitions(admin, topic)}  # type: ignore[no-untyped-call]
    return sum(future.result().offset for future in admin.list_offsets(wanted).values())


def _committed(admin: AdminClient, topic: str) -> int:
    """Records of the topic that payments have taken."""
    asked = [ConsumerGroupTopicPartitions("payments", _partitions(admin, topic))]
    (future,) = admin.list_consumer_group_offsets(asked).values()
    return sum(max(one.offset, 0) for one in future.result().topic_partitions)


async def _until(wanted: int, reached: Callable[[], Awaitable[int]]) -> None:
    """Look until so many are there. Raises RuntimeError where nothing has moved for a minute."""
    last, moved = -1, time.monotonic()
    while (now := await reached()) < wanted:
        if now != last:
            last, moved = now, time.monotonic()
        elif time.monotonic() - moved > _STALLED_S:
            raise RuntimeError(f"stands at {now} of {wanted}")
        await asyncio.sleep(_LOOK_S)


async def measure(
    platform: LocalPlatform, client: httpx.AsyncClient, households: int, book_lines: int
) -> dict[str, Any]:
    """The county's month, then the comparison alone; rates, memory, and CPU milliseconds a line by process."""
    county = County(platform, client, households)
    decided = await county.decide()
    drawn, roster_peak_mb = await county.draw_up()
    signed = await county.sign()
    paid = await county.pay()
    compared = await county.reconcile()
    reconciled = await asyncio.to_thread(books.reconcile, book_lines)
    stages = {"decide": decided, "draw_up": drawn, "sign": signed, "pay": paid, "reconcile": compared}
    figures = {
        "decisions_per_s": round(decided.rows_per_s, 1),
        "roster_lines": drawn.rows,
        "roster_rows_per_s": round(drawn.rows_per_s, 1),
        "roster_peak_mb": round(roster_peak_mb, 1),
        "payment_lines_per_s": round(paid.rows_per_s, 1),
        "reconcile_1m_s": round(reconciled.product_s, 2),
        "reconcile_1m_cpu_s": round(reconciled.cpu_s, 2),
        "reconcile_over_polars": round(reconciled.ratio, 2),
        "reconcile_month_s": round(compared.seconds, 2),
    }
    return {"money": figures, "money_cpu_ms_per_line": {name: stage.cpu_ms_per_row for name, stage in stages.items()}}
