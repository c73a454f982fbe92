"""`make demo`: three hundred synthetic households go from application to the card, through REST and Kafka only."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.clock import Clock
from deploy.demo import figures, story
from deploy.demo.checking import Checking
from deploy.demo.deciding import Deciding
from deploy.demo.desk import HttpDesk, OutOfPatience, Refused
from deploy.demo.papers import holder_of
from deploy.demo.paying import Paying
from deploy.demo.runs import Run, RunBook
from deploy.demo.stage import Stage
from deploy.demo.world import World
from deploy.local.platform import LocalPlatform

ROOT = Path(__file__).resolve().parents[2]


async def run_demo(platform: LocalPlatform, run: Run, say: Console) -> tuple[dict[str, Any], list[str]]:
    """Play the run; the platform stands. The figures, and one case told."""
    begun = time.perf_counter()
    secret = json.loads(platform.site_file("simulator").read_text())["admin_token"]
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=say
    )
    async with httpx.AsyncClient(transport=AiohttpTransport(), timeout=30) as client:
        world = World(client, platform.url("simulator"), secret)
        with bars as progress:
            clock = Clock(platform.var / "clock.json")
            stage = Stage(platform, HttpDesk(platform, client), run, clock, progress)
            checked = await Checking(stage, world).go()
            deciding = Deciding(stage, checked)
            cases = await deciding.go()
            certified = [one for one, case in cases.items() if case["certificate_number"] is not None]
            heads = {application_id: holder_of(family) for application_id, family in checked.households.items()}
            paid = await Paying(stage, world, heads).go(certified)
            told = story.choose(checked, paid)
            lines = await story.tell(told, checked, await deciding.case(told), paid, stage.desk, world)
    trace_id = next(one.trace_id for one in checked.receipts if one.application_id == told)
    counted = checked.figures | {"decisions": deciding.count(cases)} | paid.figures
    return {**counted, "trace_id": trace_id, "seconds": round(time.perf_counter() - begun, 1)}, lines


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    options.add_argument("--households", type=int, default=300)
    options.add_argument("--apart", type=Path, metavar="FOLDER", help="on a platform of its own, kept in this folder")
    chosen = options.parse_args()
    say = Console()
    platform = _platform(chosen.apart, say)
    book = RunBook(platform.var / "demo-run.json")
    keep = os.environ.get("KEEP", "") not in ("", "0")
    try:
        platform.start()
        run = book.take_up(chosen.households, Clock(platform.var / "clock.json").today())
        again = f"，第 {run.begun} 次接着做 taken up again" if run.begun > 1 else ""
        say.print(f"演示 {run.name}: {run.households} 户 households{again}")
        counted, lines = asyncio.run(run_demo(platform, run, say))
        (platform.var / "demo.json").write_text(json.dumps(counted, ensure_ascii=False, indent=2))
        book.finish(run)
        say.print(figures.table(counted))
        say.print("\n一户的经过 · one household's way")
        for line in lines:
            say.print(f"  • {line}")
        say.print(_where_to_look(platform, counted["trace_id"], keep))
    except (Refused, OutOfPatience) as why:
        say.print(f"[bold red]演示未能完成。 The demonstration could not go on: {why}. Run it again to take it up.")
        return 1
    finally:
        if not keep:
            platform.stop()
    wrong = figures.wrong(counted)
    for sentence in wrong:
        say.print(f"[bold red]{sentence}")
    return 1 if wrong else 0


def _platform(apart: Path | None, say: Console) -> LocalPlatform:
    """The checkout's own, or one apart, which ends when nobody holds the lease beside its folder, if there is one."""

    def tell(name: str, state: str) -> None:
        say.print(f"  {name:14} {state}")

    if apart is None:
        return LocalPlatform(ROOT, ROOT / "var", progress=tell)
    lease = apart.with_name(f"{apart.name}.lease")
    return LocalPlatform(ROOT, apart, own_ports=True, lease=lease if lease.exists() else None, progress=tell)


def _where_to_look(platform: LocalPlatform, trace_id: str, keep: bool) -> str:
    lines = [
        "\n去哪里看 · where to look",
        "  figures   var/demo.json",
        "  logs      make logs SERVICE=verification   (var/log/)",
        f"  trace     make trace TRACE={trace_id}",
        "  contracts contracts/published/openapi/*.json, asyncapi.yaml;  docs/flow.md: what happens when…?",
    ]
    if keep:
        doors = [f"{platform.url(name)}/{name}/v1/openapi.json" for name in platform.map.services]
        lines += [
            f"  API       {'  '.join(doors)}",
            "  token     make token ROLE=caseworker OFFICE=cn/2307/230799/",
            "  stop      make down",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
