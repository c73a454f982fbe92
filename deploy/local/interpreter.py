"""Which Python to run on: one machine's builds of it differ by half in speed, and the services are mostly Python.

Only the standard library: it runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
"""The pinned packages hold for these versions and what lies between."""
WORTH_WHILE = 0.85
"""Another interpreter than the one that was asked must need at most this part of its time."""
_NAMES = ("python3", "python3.13", "python3.12", "python3.11")
_TURNS = 4
_ROUNDS = 12
_ANSWER_S = 20.0


@dataclass(frozen=True)
class Interpreter:
    """A Python that could carry the services, and how long it takes for a round of their kind of work."""

    path: str
    version: str
    has_venv: bool
    round_ms: float


def this_python() -> Interpreter:
    """The interpreter that runs this."""
    has_venv = all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))
    return Interpreter(sys.executable, ".".join(str(part) for part in sys.version_info[:3]), has_venv, _round_ms())


def quickest(folders: Iterable[str] | None = None) -> Interpreter:
    """The quickest of the interpreters in these folders (by default those of the search path and the system's own).

    The one that runs this is kept unless it has no venv module or another is clearly quicker. They are timed in turns,
    each at its best: a shared machine may be half as fast as it was a moment ago.
    """
    mine, paths, others = this_python(), _paths(folders), dict[str, Interpreter]()
    for _ in range(_TURNS):
        answers = {path: one for path in paths if (one := _asked(path)) is not None}
        others = {path: min(one, others.get(path, one), key=_time) for path, one in answers.items()}
        paths = list(answers)
        mine = min(mine, this_python(), key=_time)
    best = min(others.values(), key=_time, default=mine)
    return best if not mine.has_venv or best.round_ms < mine.round_ms * WORTH_WHILE else mine


def _time(one: Interpreter) -> float:
    return one.round_ms


def _paths(folders: Iterable[str] | None) -> list[str]:
    """Every other interpreter once, however many names it has."""
    searched = [*os.get_exec_path(), "/usr/local/bin", "/usr/bin"] if folders is None else folders
    found: dict[str, str] = {}
    for path in (Path(folder, name) for folder in searched for name in _NAMES):
        if os.access(path, os.X_OK):
            found.setdefault(os.path.realpath(path), str(path))
    found.pop(os.path.realpath(sys.executable), None)
    return list(found.values())


def _asked(path: str) -> Interpreter | None:
    """What that interpreter says of itself; None if it cannot be used."""
    try:
        done = subprocess.run(
            [path, __file__], capture_output=True, text=True, timeout=_ANSWER_S, check=False, stdin=subprocess.DEVNULL
        )
        return Interpreter(*json.loads(done.stdout)) if done.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, TypeError, ValueError):
        return None


class _Item:
    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name


def _round_ms() -> float:
    """The best of a few rounds of small objects, mappings, calls and strings."""
    times = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        kept: dict[str, list[int]] = {}
        for number in range(6_000):
            item = _Item(number, f"item-{number & 255}")
            kept.setdefault(item.name, []).append(item.number)
        sum(len(name) + max(numbers) for name, numbers in sorted(kept.items()))
        times.append((time.process_time() - begun) * 1000)
    return min(times)


def _answer() -> int:
    """Prints this interpreter for the one that asked; 1 where it cannot carry the services."""
    fits = sys.implementation.name == "cpython" and OLDEST <= sys.version_info[:2] <= NEWEST
    if not fits or sys.prefix != sys.base_prefix or not (mine := this_python()).has_venv:
        return 1
    print(json.dumps(astuple(mine)))
    return 0


if __name__ == "__main__":
    sys.exit(_answer())
