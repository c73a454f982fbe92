"""`make bench`: one table, and the same as var/bench.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from rich.console import Console
from rich.table import Table

from deploy.bench import limits, money
from deploy.bench.adders import price_of_each
from deploy.bench.pipeline import REGION, Pipeline, percentile
from deploy.bench.reference import watched_speed
from deploy.demo.world import World
from deploy.local.platform import LocalPlatform

ROOT = Path(__file__).resolve().parents[2]
FLOOR = {
    "households_per_s": 600.0,
    "cpu_ms_per_household": 2.0,
    "single_p50_ms": 60.0,
    "single_p99_ms": 200.0,
    "reconcile_1m_s": 2.0,
    "reconcile_over_polars": 1.5,
}
_MEASURED = ("intake", "verification", "adapters", "payments")
_OPTIONS: dict[str, dict[str, Any]] = {name: {"trace_sample": 0.01} for name in _MEASURED}
_BOOK_LINES = 1_000_000
_WARM_UP = 10_000
"""Households before anything is measured: the broker's machine code is made while it works."""


async def measure(platform: LocalPlatform, households: int, singles: int, say: Console) -> dict[str, Any]:
    """Limits first, then the pipeline warmed up, in bulk, and one by one."""
    say.print("原始上限 raw limits …")
    produced, consumed = await limits.kafka_per_s(platform)
    dsn = platform.admin_dsn()
    site = json.loads(platform.site_file("simulator").read_text())
    async with httpx.AsyncClient(transport=AiohttpTransport(), timeout=60) as client:
        world = World(client, platform.url("simulator"), site["admin_token"])
        drawn = await world.households(
            1, _WARM_UP + households + singles, region=REGION, signed_on=time.strftime("%Y-%m-%d")
        )
        applications = [one["application"] for one in drawn]
        people = [(one["name"], one["citizen_id"]) for each in applications[:66] for one in each["members"]]
        raw = {
            "commits_per_s_1": await limits.commits_per_s(dsn, 1),
            "commits_per_s_16": await limits.commits_per_s(dsn, 16),
            "rows_per_s": await limits.rows_per_s(dsn),
            "kafka_produced_per_s": produced,
            "kafka_consumed_per_s": consumed,
            "simulator_persons_per_s": await limits.simulator_per_s(
                f"{platform.url('simulator')}/agencies/tax", people[:150]
            ),
        }
        pipeline = Pipeline(platform, client, f"bench-{int(time.time())}")
        say.print(f"预热 warming up: {_WARM_UP} households …")
        await pipeline.bulk(applications[:_WARM_UP])
        say.print(f"批量 bulk: {households} households …")
        async with watched_speed() as speed:
            bulk = await Pipeline(platform, client, f"bulk-{int(time.time())}").bulk(
                applications[_WARM_UP : _WARM_UP + households]
            )
        say.print(f"单件 one by one: {singles} at 10/s …")
        times = await pipeline.singles(applications[_WARM_UP + households :], rate=10)
    say.print("附加项价格 price of each addition …")
    return {
        "pipeline": {
            "households": bulk.households,
            "seconds": round(bulk.seconds, 2),
            "households_per_s": round(bulk.households_per_s, 1),
            "cpu_ms_per_household": round(bulk.cpu_ms, 3),
            "cpu_ms_by_process": {name: round(cost, 3) for name, cost in bulk.cpu_ms_by_process.items()},
            "single_p50_ms": round(percentile(times, 0.5), 1),
            "single_p99_ms": round(percentile(times, 0.99), 1),
            "singles_answered": len(times),
        },
        "machine": {"python": sys.version.split()[0], "reference_ms": round(speed.reference_ms, 1)},
        "limits": {name: round(rate, 1) for name, rate in raw.items()},
        "ratios": {
            "households_per_1000_commits": round(bulk.households_per_s / raw["commits_per_s_16"] * 1000, 1),
            "households_per_1000_rows": round(bulk.households_per_s / raw["rows_per_s"] * 1000, 2),
            "households_per_1000_records_produced": round(bulk.households_per_s / produced * 1000, 2),
            "households_per_s_at_reference_speed": round(bulk.households_per_s * speed.slowness, 1),
            "cpu_ms_at_reference_speed": round(bulk.cpu_ms / speed.slowness, 3),
        },
        "adders_us_per_household": {name: round(cost, 1) for name, cost in (await price_of_each(dsn)).items()},
    }


def show(figures: dict[str, Any], say: Console) -> None:
    """The figures as a table, the floor beside what has one."""
    table = Table("", "", "floor 下限", title="Hedui bench")
    for part, values in figures.items():
        for name, value in values.items():
            floor = FLOOR.get(name)
            table.add_row(f"{part}.{name}", json.dumps(value), "" if floor is None else f"{floor:g}")
    say.print(table)


async def measure_money(platform: LocalPlatform, households: int, say: Console) -> dict[str, Any]:
    """The second half: from decisions to money on cards, and three books of a million lines."""
    say.print(f"发放 decisions, roster, payment: {households} households …")
    async with httpx.AsyncClient(transport=AiohttpTransport(), timeout=60) as client:
        return await money.measure(platform, client, households, _BOOK_LINES)


def main() -> int:
    chosen = argparse.ArgumentParser(prog="python -m deploy.bench", description=__doc__)
    chosen.add_argument("--only", choices=("pipeline", "money"), help="one half; the file then holds that half alone")
    chosen.add_argument("--households", type=int, default=20_000)
    chosen.add_argument("--singles", type=int, default=200)
    chosen.add_argument("--decided", type=int, default=100_000, help="households decided, paid and reconciled")
    options = chosen.parse_args()
    say = Console()
    var = ROOT / "var" / "bench"
    LocalPlatform(ROOT, var, own_ports=True).stop()
    shutil.rmtree(var, ignore_errors=True)
    platform = LocalPlatform(ROOT, var, own_ports=True, options=_OPTIONS)
    figures: dict[str, Any] = {}
    try:
        if options.only != "money":
            platform.start()
            figures |= asyncio.run(measure(platform, options.households, options.singles, say))
            platform.stop(set(platform.map.services) - set(money.PARTS))
        if options.only != "pipeline":
            platform.start(money.PARTS)
            figures |= asyncio.run(measure_money(platform, options.decided, say))
    finally:
        platform.stop()
    (ROOT / "var" / "bench.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False))
    show(figures, say)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
