"""`make chaos MINUTES=… SEED=…`: the whole way under faults; writes var/chaos.json, ends 0 only when all held."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.conductor import Plan, Verdict, conduct
from tests.chaos.controls import CONTROLS, FAVOURS, programs_of

ROOT = Path(__file__).resolve().parents[2]
_SHOWN = 40


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--households", type=int, default=60, help="of one wave")
    options.add_argument("--pace", type=float, default=1.6, help="seconds between two faults, on average")
    options.add_argument(
        "--favour",
        action="append",
        default=[],
        metavar="NAME=FACTOR",
        help="more, or less, of a kind or target of fault",
    )
    options.add_argument("--control", choices=sorted(CONTROLS), help="take one protection out of the product")
    options.add_argument("--keep", action="store_true", help="leave the platform's folder behind")
    chosen = options.parse_args()
    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    plan = Plan(
        seed,
        chosen.minutes * 60,
        households=chosen.households,
        pace_s=chosen.pace,
        favour={**FAVOURS.get(chosen.control, {}), **_factors(chosen.favour)},
        programs=programs_of(chosen.control) if chosen.control else {},
        keep=chosen.keep,
    )
    try:
        verdict = asyncio.run(conduct(plan, lambda text: print(text, flush=True)))
    except BlockingIOError:
        print(f"A run with the seed {seed} is under way in this checkout; take another one.")
        return 2
    name = f"chaos-{chosen.control}.json" if chosen.control else "chaos.json"
    (ROOT / "var" / name).write_text(json.dumps(verdict.figures, ensure_ascii=False, indent=1))
    print("\n".join(told(verdict)))
    return 0 if verdict.is_good else 1


def _factors(told: Sequence[str]) -> dict[str, float]:
    """`name=factor` each."""
    return {name: float(factor) for name, _, factor in (one.rpartition("=") for one in told)}


def told(verdict: Verdict) -> list[str]:
    """A line per kind of fault, then what was wrong, then the sum."""
    figures: dict[str, Any] = verdict.figures
    lines = [f"{'fault':36} {'times':>5} {'meanwhile accepted':>19}"]
    for one in figures["by_kind"]:
        lines.append(f"{one['kind']:36} {one['times']:5} {one['meanwhile_accepted']:19}")
        lines.append("    " + ", ".join(f"{target} {times}" for target, times in one["targets"].items()))
    for violation in verdict.violations[:_SHOWN]:
        lines.append(f"VIOLATED {violation.invariant}: {violation.subject}: {violation.says}")
    if len(verdict.violations) > _SHOWN:
        lines.append(f"… and {len(verdict.violations) - _SHOWN} more in var/chaos.json")
    named = ("faults", "accepted", "lost", "doubled", "paid_twice", "unpaid", "reports", "decisions", "paid")
    lines.append("  ".join(f"{name} {figures[name]}" for name in named))
    lines.append(f"seed {figures['seed']}  commit {figures['commit']}  {'GREEN' if verdict.is_good else 'RED'}")
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
