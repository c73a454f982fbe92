"""`make chaos-controls`: each protection taken out must be found, and the product come through the same unharmed."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.demo.desk import OutOfPatience, Refused
from deploy.demo.world import World
from tests.chaos.business import BusinessTime
from tests.chaos.checkers import judge, tally
from tests.chaos.collect import collect
from tests.chaos.conductor import Plan, commit_of_checkout, staged
from tests.chaos.controls import CONTROLS, programs_of
from tests.chaos.controls.aims import AIMS, Aim, People
from tests.chaos.desk import GivenUp, RetryingDesk
from tests.chaos.history import History
from tests.chaos.quiet import WITHIN_S, come_to_rest
from tests.chaos.wave import Scene
from tests.chaos.waves import Waves

ROOT = Path(__file__).resolve().parents[3]
_HOUSEHOLDS = 12
_SEEDS = 900_000
"""Seeds of aimed runs begin here, so that their folders are nobody else's."""
_SHOWN = 5
_LOST_S = 20.0
"""Where a protection is missing, what has not come to rest by then will not."""


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.chaos.controls", description=__doc__)
    options.add_argument("controls", nargs="*", default=[], help=f"of {', '.join(CONTROLS)}; all where none is named")
    options.add_argument("--without-product", action="store_true", help="leave out the runs of the product itself")
    chosen = options.parse_args()
    aims = [aim for aim in AIMS if not chosen.controls or aim.control in chosen.controls]
    rows: list[dict[str, Any]] = []
    for number, aim in enumerate(aims):
        for is_control in (True,) if chosen.without_product else (False, True):
            row = asyncio.run(_run(aim, _SEEDS + 2 * number + is_control, is_control=is_control))
            rows.append(row)
            print("\n".join(_told(row)), flush=True)
    (ROOT / "var" / "chaos-controls.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1))
    return 0 if all(row["as_it_should"] for row in rows) else 1


async def _run(aim: Aim, seed: int, *, is_control: bool) -> dict[str, Any]:
    """One aimed run, judged by the same checkers as any other."""
    begun = time.monotonic()
    plan = Plan(seed, 0.0, programs=programs_of(aim.control) if is_control else {})
    dice = random.Random(seed)
    restless: list[str] = []
    async with staged(plan) as stage:
        history, clock = History(), BusinessTime(stage.platform)
        desk = RetryingDesk(stage.platform, stage.client, history, dice)
        world = World(stage.client, stage.platform.url("simulator"), stage.admin_headers()["X-Simulator-Admin"])
        waves = Waves(Scene(desk, clock, dice), world, clients=6, households=_HOUSEHOLDS)
        people = People(stage, desk, world, clock, waves)
        try:
            async with asyncio.timeout(aim.patience_s):
                await aim.strike(people)
        except (GivenUp, TimeoutError) as silent:
            restless.append(f"not finished: {silent}")
        except (Refused, OutOfPatience) as unexpected:
            restless.append(f"broke off: {unexpected}")
        await stage.mend_outside()
        restless += await come_to_rest(stage.platform, clock.now(), _LOST_S if is_control else WITHIN_S)
        evidence = await collect(
            stage, clock, history, people.handed_in, (), seed=seed, commit=commit_of_checkout(), restless=restless
        )
    violations = judge(evidence)
    counts = tally(violations)
    as_it_should = counts[aim.count] > 0 if is_control else not violations
    if as_it_should:
        shutil.rmtree(plan.var)
    return {
        "run": aim.control if is_control else f"the product, faults as for {aim.control}",
        "count": aim.count,
        "faults": people.faults,
        "accepted": history.acknowledged("submit"),
        **counts,
        "violations": [one._asdict() for one in violations],
        "seconds": round(time.monotonic() - begun),
        "is_red": bool(violations),
        "as_it_should": as_it_should,
    }


def _told(row: dict[str, Any]) -> Sequence[str]:
    counts = "  ".join(f"{name} {row[name]}" for name in ("lost", "doubled", "paid_twice", "unpaid"))
    colour = "RED" if row["is_red"] else "GREEN"
    verdict = "as it should be" if row["as_it_should"] else "WRONG"
    lines = [
        f"{row['run']}: {colour}, {verdict}  ({row['seconds']} s, {row['faults']} faults, {row['accepted']} accepted)",
        f"    {counts}",
    ]
    for one in row["violations"][:_SHOWN]:
        lines.append(f"    {one['invariant']}: {one['subject']}: {one['says']}")
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
