"""One chaos run: a platform of its own, people who act, faults that befall it, then health, rest, and judgement."""

from __future__ import annotations

import asyncio
import fcntl
import json
import random
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

from contracts.vocabulary import Agency
from deploy.demo.desk import OutOfPatience, Refused
from deploy.demo.world import World
from deploy.local import kernel
from deploy.local.keeper import StartFailed
from deploy.local.platform import LocalPlatform
from tests.chaos import faults
from tests.chaos.business import BusinessTime
from tests.chaos.checkers import Violation, judge, tally
from tests.chaos.collect import collect
from tests.chaos.desk import GivenUp, RetryingDesk
from tests.chaos.evidence import Evidence
from tests.chaos.history import History
from tests.chaos.proxy import Door
from tests.chaos.quiet import WITHIN_S, come_to_rest
from tests.chaos.stage import Stage
from tests.chaos.wave import Scene
from tests.chaos.waves import PHASES, Waves

ROOT = Path(__file__).resolve().parents[2]

# People outside are less patient here than the law lets them be: what is lost is asked for again within seconds.
OPTIONS: dict[str, dict[str, Any]] = {
    "adapters": {
        "retry_first_s": 0.2,
        "retry_most_s": 1.0,
        # Business weeks go by in a moment here: an agency is not given up for that.
        "retry_days": 60,
        "lines": {agency: {"timeout_s": 2.0} for agency in Agency},
    },
    "payments": {"timeout_s": 2.0, "cutoff_s": 4.0, "pause_first_s": 0.3, "pause_most_s": 2.0},
}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What a run is to be. The same seed deals the same faults; when they strike hangs on the machine."""

    seed: int
    seconds: float
    """How long faults go on; what is under way then is finished in health."""
    clients: int = 6
    households: int = 40
    """Of one wave."""
    pace_s: float = 1.6
    """Between two faults, on average."""
    favour: Mapping[str, float] = field(default_factory=dict)
    """Factors for kinds or targets of faults, by name."""
    programs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What runs in place of a service: the negative controls."""
    keep: bool = False
    """Whether the platform's folder stays when nothing was wrong."""

    @property
    def var(self) -> Path:
        return ROOT / "var" / "chaos" / str(self.seed)


@dataclass(frozen=True)
class Verdict:
    """What a run has shown."""

    evidence: Evidence
    violations: tuple[Violation, ...]
    figures: dict[str, Any]

    @property
    def is_good(self) -> bool:
        return not self.violations


async def conduct(plan: Plan, say: Say = print) -> Verdict:
    """Play one run and judge it. Nothing it started is left behind."""
    commit = commit_of_checkout()
    say(f"seed {plan.seed}  commit {commit}  {plan.seconds:.0f} s of faults")
    dice = random.Random(plan.seed)
    async with staged(plan) as stage:
        history, clock = History(), BusinessTime(stage.platform)
        desk = RetryingDesk(stage.platform, stage.client, history, random.Random(dice.random()))
        world = World(stage.client, stage.platform.url("simulator"), stage.admin_headers()["X-Simulator-Admin"])
        scene = Scene(desk, clock, random.Random(dice.random()))
        waves = Waves(scene, world, clients=plan.clients, households=plan.households)
        mischief = faults.Mischief(stage, random.Random(dice.random()), plan.pace_s, plan.favour)
        restless = await _play(plan, stage, waves, mischief, desk, say)
        say(f"healed; {history.acknowledged('submit')} applications accepted")
        restless += await come_to_rest(stage.platform, clock.now())
        evidence = await collect(
            stage,
            clock,
            history,
            waves.handed_in,
            mischief.stalls,
            seed=plan.seed,
            commit=commit,
            restless=restless,
        )
    violations = judge(evidence)
    figures = _figures(evidence, history, mischief, violations, len(waves.played))
    if violations or plan.keep:
        _keep_for_study(plan, evidence, mischief)
    else:
        shutil.rmtree(plan.var)
    return Verdict(evidence, violations, figures)


async def _play(
    plan: Plan, stage: Stage, waves: Waves, mischief: faults.Mischief, desk: RetryingDesk, say: Say
) -> list[str]:
    """Waves and faults until the time is over, then health, in which the last wave comes to its end."""
    begun = time.monotonic()
    striking = asyncio.create_task(mischief.run())
    is_over = asyncio.Event()

    def turn_to(phase: str) -> None:
        mischief.focus = PHASES[phase]
        say(f"{time.monotonic() - begun:5.0f} s  wave {len(waves.played)}: {phase}")

    async def play() -> None:
        while not is_over.is_set():
            await waves.play()

    waves.on_phase = turn_to
    playing = asyncio.create_task(play())
    restless: list[str] = []
    try:
        await asyncio.wait({playing, striking}, timeout=plan.seconds, return_when=asyncio.FIRST_COMPLETED)
        is_over.set()
        if striking.done():
            striking.result()
        striking.cancel()
        await asyncio.gather(striking, return_exceptions=True)
        await _heal(stage, mischief)
        desk.until = asyncio.get_running_loop().time() + WITHIN_S
        say(f"{time.monotonic() - begun:5.0f} s  faults have ended")
        await playing
    except GivenUp as silent:
        restless.append(f"no answer: {silent}")
    except StartFailed as down:
        restless.append(str(down).splitlines()[0])
    except (Refused, OutOfPatience) as unexpected:
        restless.append(f"wave {len(waves.played)} broke off: {unexpected}")
    finally:
        striking.cancel()
        playing.cancel()
        await asyncio.gather(striking, playing, return_exceptions=True)
    restless += [f"{name}: {why}" for wave in waves.played for name, why in wave.stuck.items()]
    return restless


async def _heal(stage: Stage, mischief: faults.Mischief) -> None:
    """No fault is in force any more, and everything stands."""
    await mischief.end()
    for door in stage.doors.values():
        door.mend()
    for identity in stage.platform.processes().values():
        kernel.send_signal(identity, signal.SIGCONT)
    await stage.light()
    for name in ("postgres", "kafka", "simulator", *stage.platform.map.services):
        await asyncio.to_thread(stage.platform.await_ready, name)
    await stage.mend_outside()


@asynccontextmanager
async def staged(plan: Plan) -> AsyncIterator[Stage]:
    """A fresh platform behind doors; whatever happens, it ends with this process."""
    plan.var.parent.mkdir(parents=True, exist_ok=True)
    lease = plan.var.parent / f"{plan.seed}.lease"
    with lease.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        doors = {name: Door(partial(_port, plan, name)) for name in faults.ROADS}
        ports = {name: await door.open() for name, door in doors.items()}
        platform = _platform(plan, lease, ports)
        platform.postgres.remove()
        shutil.rmtree(plan.var)
        platform = _platform(plan, lease, ports)
        try:
            async with httpx.AsyncClient(transport=AiohttpTransport()) as client:
                await asyncio.to_thread(platform.start)
                yield Stage(platform, doors, client)
        finally:
            await asyncio.to_thread(platform.stop)
            platform.postgres.remove()
            for door in doors.values():
                await door.close()
    lease.unlink()


def _platform(plan: Plan, lease: Path, doors: Mapping[str, int]) -> LocalPlatform:
    return LocalPlatform(
        ROOT, plan.var, own_ports=True, options=OPTIONS, programs=plan.programs, doors=doors, lease=lease
    )


def _port(plan: Plan, name: str) -> int:
    """Where a server of this run listens now."""
    ports: dict[str, int] = json.loads((plan.var / "ports.json").read_text())
    return ports[name]


def _figures(
    evidence: Evidence, history: History, mischief: faults.Mischief, violations: Sequence[Violation], waves: int
) -> dict[str, Any]:
    made = mischief.made()
    return {
        "seed": evidence.seed,
        "commit": evidence.commit,
        "faults": len(made),
        "accepted": history.acknowledged("submit"),
        **tally(violations),
        "acknowledged": history.acknowledged(),
        "waves": waves,
        "reports": len(evidence.reports),
        "decisions": len(evidence.decisions),
        "paid": sum(line.status == "paid" for line in evidence.bank_lines),
        "by_kind": faults.lines(made, history.acknowledged_between),
        "violations": [one._asdict() for one in violations],
    }


def _keep_for_study(plan: Plan, evidence: Evidence, mischief: faults.Mischief) -> None:
    """The history, and when which fault struck, beside the platform's logs. Ids and codes only."""
    events: list[tuple[float, dict[str, Any]]] = [
        (one.begun_s, {"fault": one.kind, "target": one.target, "ended_s": one.ended_s}) for one in mischief.struck
    ]
    events += [
        (
            one.invoked_s,
            {
                "act": one.kind,
                "outcome": one.outcome,
                "status": one.status,
                "ended_s": one.ended_s,
                "application_id": one.application_id,
                "case_id": one.case_id,
                "detail": dict(one.detail),
            },
        )
        for one in evidence.history
    ]
    with (plan.var / "history.jsonl").open("w") as out:
        for at_s, event in sorted(events, key=lambda pair: pair[0]):
            out.write(json.dumps({"at_s": round(at_s, 3), **event}) + "\n")


def commit_of_checkout() -> str:
    """The checkout's commit, with a plus where it was changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
