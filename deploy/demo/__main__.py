"""`make demo`: three hundred synthetic households go from application to report, through REST and Kafka only."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.clock import Clock
from deploy.demo import figures, story
from deploy.demo.caseworker import Caseworker
from deploy.demo.desk import HttpDesk
from deploy.demo.runs import Run, RunBook
from deploy.demo.township import REGION, Receipt, Township
from deploy.demo.world import World
from deploy.local.platform import LocalPlatform

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 90.0
_AT_ONCE = 16


class Demo:
    """One run against a running platform."""

    def __init__(self, platform: LocalPlatform, run: Run, client: httpx.AsyncClient, progress: Progress) -> None:
        secret = json.loads(platform.site_file("simulator").read_text())["admin_token"]
        self._run = run
        self._progress = progress
        self._clock = Clock(platform.var / "clock.json")
        self._world = World(client, platform.url("simulator"), secret)
        desk = HttpDesk(platform, client)
        self._township = Township(desk, run.name)
        self._caseworker = Caseworker(desk, run.name)

    async def go(self) -> tuple[dict[str, Any], list[str], str]:
        """The figures, one case told, and its trace id."""
        begun = time.perf_counter()
        first, count = self._run.first_household, self._run.households
        households = await self._world.households(first, count, region=REGION, signed_on=self._run.signed_on)
        truth = await self._world.truth(first, count)
        receipts = await self._submit(households)
        applications = {receipt.application_id: receipt.household_no for receipt in receipts}
        await self._await_reports(list(applications), version=1, label="核对报告 reports")
        reported = time.perf_counter()
        closed = await self._resolve(applications, truth)
        versions = await self._versions(applications, {flag["application_id"] for flag in closed})
        planted = {
            application_id: [flag["code"] for flag in truth[number]] for application_id, number in applications.items()
        }
        answers: Counter[str] = Counter()
        for issued in versions.values():
            coverage = issued[-1]["coverage"]
            answers.update({outcome: coverage[outcome] for outcome in ("answered", "silent", "invalid")})
        counted = {
            "run": self._run.name,
            "households": len(receipts),
            "reports": sum(1 for issued in versions.values() if issued[0]["version"] == 1),
            "answers": {outcome: answers[outcome] for outcome in ("answered", "silent", "invalid")},
            "flags": figures.judge(closed, planted),
            "households_per_second": round(len(receipts) / (reported - begun), 1),
            "seconds": round(time.perf_counter() - begun, 1),
        }
        told = next(
            (one for one in receipts if any(flag["application_id"] == one.application_id for flag in closed)),
            receipts[0],
        )
        lines = story.tell(
            told,
            versions[told.application_id],
            [flag for flag in closed if flag["application_id"] == told.application_id],
        )
        return counted, lines, told.trace_id

    async def _submit(self, households: list[dict[str, Any]]) -> list[Receipt]:
        bar = self._progress.add_task("申请 applications", total=len(households))
        receipts = []
        async for receipt in self._township.submit(households):
            receipts.append(receipt)
            self._progress.advance(bar)
        return sorted(receipts, key=lambda receipt: receipt.household_no)

    async def _await_reports(self, waiting: list[str], version: int, label: str) -> None:
        """Until each of these has a report of at least that version and no open flag unless it is the first."""
        bar = self._progress.add_task(label, total=len(waiting))
        answers = self._progress.add_task("部门答复 agencies done", total=len(waiting)) if version == 1 else None
        patience = time.perf_counter() + _PATIENCE_S
        while waiting and time.perf_counter() < patience:
            left = []
            for start in range(0, len(waiting), _AT_ONCE):
                some = waiting[start : start + _AT_ONCE]
                checks = await asyncio.gather(*(self._caseworker.check(application_id) for application_id in some))
                left += [
                    one for one, check in zip(some, checks, strict=True) if check is None or check["version"] < version
                ]
            self._progress.advance(bar, len(waiting) - len(left))
            if answers is not None:
                self._progress.advance(answers, len(waiting) - len(left))
            waiting = left
            if waiting:
                await asyncio.sleep(0.2)
        if waiting:
            raise SystemExit(f"{len(waiting)} households wait for a report; see `make logs SERVICE=verification`")

    async def _resolve(
        self, applications: dict[str, int], truth: dict[int, list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        bar = self._progress.add_task("疑点处置 flags", total=None)
        async for _ in self._caseworker.resolve_all(applications, truth, self._clock.now()):
            self._progress.advance(bar)
        closed = await self._caseworker.flags("closed", applications)
        self._progress.update(bar, total=len(closed), completed=len(closed))
        return closed

    async def _versions(self, applications: dict[str, int], flagged: set[str]) -> dict[str, list[dict[str, Any]]]:
        """All report versions by application, once those with flags have their second."""
        await self._await_reports(sorted(flagged), version=2, label="补充报告 final versions")
        ids, found = list(applications), {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            for one, issued in zip(some, await asyncio.gather(*map(self._caseworker.reports, some)), strict=True):
                found[one] = issued
        return found


async def run_demo(platform: LocalPlatform, run: Run, say: Console) -> tuple[dict[str, Any], list[str], str]:
    """Play the run; the platform stands."""
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=say
    )
    async with httpx.AsyncClient(transport=AiohttpTransport(), timeout=30) as client:
        with bars as progress:
            return await Demo(platform, run, client, progress).go()


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    options.add_argument("--households", type=int, default=300)
    chosen = options.parse_args()
    say = Console()
    platform = LocalPlatform(ROOT, ROOT / "var", progress=lambda name, state: say.print(f"  {name:14} {state}"))
    book = RunBook(ROOT / "var" / "demo-run.json")
    keep = os.environ.get("KEEP", "") not in ("", "0")
    try:
        platform.start()
        run = book.take_up(chosen.households, datetime.now().astimezone().date())
        say.print(f"演示 {run.name}: {run.households} 户 households")
        counted, lines, trace_id = asyncio.run(run_demo(platform, run, say))
        (ROOT / "var" / "demo.json").write_text(
            json.dumps({**counted, "trace_id": trace_id}, ensure_ascii=False, indent=2)
        )
        book.finish(run)
        say.print(figures.table(counted))
        say.print("\n一户的经过 · one household's way")
        for line in lines:
            say.print(f"  • {line}")
        say.print(_where_to_look(platform, trace_id, keep))
    finally:
        if not keep:
            platform.stop()
    return 0


def _where_to_look(platform: LocalPlatform, trace_id: str, keep: bool) -> str:
    lines = [
        "\n去哪里看 · where to look",
        "  figures   var/demo.json",
        "  logs      make logs SERVICE=verification   (var/log/)",
        f"  trace     grep -h {trace_id} var/traces/*.jsonl",
        "  contracts contracts/published/openapi/*.json, asyncapi.yaml;  docs/flow.md: what happens when…?",
    ]
    if keep:
        doors = [f"{platform.url(name)}/{name}/v1/openapi.json" for name in ("intake", "verification")]
        lines += [
            f"  API       {'  '.join(doors)}",
            "  token     make token ROLE=caseworker OFFICE=cn/2307/230799/",
            "  stop      make down",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
