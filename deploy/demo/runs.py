"""Which demonstration this is: an unfinished run is taken up again, a finished one makes room for the next."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

_STRIDE = 20_000
"""Household numbers set aside for each run."""


@dataclass(frozen=True)
class Run:
    """A run's number names its idempotency keys and its stretch of the simulated population."""

    number: int
    households: int
    signed_on: str
    """The day that stands on its papers, kept so that a resumed run repeats itself to the letter."""
    begun: int = 1
    """How often it was taken up: more than once where it was interrupted."""
    finished: bool = False

    @property
    def name(self) -> str:
        return f"run{self.number:04d}"

    @property
    def first_household(self) -> int:
        return self.number * _STRIDE


class RunBook:
    """The file under var/ that remembers the current run."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def take_up(self, households: int, today: date) -> Run:
        """The unfinished run, or a new one that begins today."""
        run = self._read()
        if run is None or run.finished:
            run = Run(run.number + 1 if run else 1, households, today.isoformat())
        else:
            run = replace(run, begun=run.begun + 1)
        self._write(run)
        return run

    def finish(self, run: Run) -> None:
        self._write(replace(run, finished=True))

    def _read(self) -> Run | None:
        try:
            return Run(**json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None

    def _write(self, run: Run) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(asdict(run)))
        os.replace(part, self._file)
