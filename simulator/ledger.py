"""The agencies' own record of what they were asked: on disk before the answer leaves; person numbers, never ids."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import orjson

from contracts.vocabulary import Agency

_TAIL_BYTES = 1_000_000
"""More than a question may be long, so that the last whole line is always within."""


class Ledger:
    """One append-only file, one line per call: `{"call", "agency", "at", "asked": {case: [person numbers]}}`.

    The number -1 stands for an id that is nobody's in this population.

    Lines of calls that come together share one fsync; `written` waits for it. `at` is real UTC, whatever the business
    clock says.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "asked.jsonl"
        self._calls = self._last_call()
        self._file = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        if not self._ends_cleanly():
            os.write(self._file, b"\n")
        self._waiting: SimpleQueue[tuple[bytes, asyncio.Future[None]]] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def written(self, agency: Agency, asked: dict[str, list[int]]) -> asyncio.Future[None]:
        """Hand in one call's line; the future ends when the line is on disk."""
        assert self._loop is not None
        self._calls += 1
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = orjson.dumps({"call": self._calls, "agency": agency, "at": at, "asked": asked}) + b"\n"
        flushed = self._loop.create_future()
        self._waiting.put((line, flushed))
        return flushed

    def _write(self) -> None:
        assert self._loop is not None
        while True:
            lines, flushed = zip(*self._come_together(), strict=True)
            view = memoryview(b"".join(lines))
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
            self._loop.call_soon_threadsafe(_end, flushed)

    def _come_together(self) -> list[tuple[bytes, asyncio.Future[None]]]:
        """Wait for a line; it and what came with it."""
        found = [self._waiting.get()]
        with suppress(Empty):
            while True:
                found.append(self._waiting.get_nowait())
        return found

    def calls(self, agency: Agency | None, after: int, limit: int) -> list[dict[str, Any]]:
        """Calls numbered beyond `after`, of one agency or of all, oldest first."""
        found: list[dict[str, Any]] = []
        for line in self._lines():
            if line["call"] > after and (agency is None or line["agency"] == agency):
                found.append(line)
                if len(found) == limit:
                    break
        return found

    def summary(self) -> dict[str, dict[str, int]]:
        """Per agency: calls, persons asked about (with repetitions), and distinct persons."""
        calls: Counter[str] = Counter()
        asked: Counter[str] = Counter()
        persons: dict[str, set[int]] = {}
        for line in self._lines():
            agency = line["agency"]
            numbers = [number for group in line["asked"].values() for number in group]
            calls[agency] += 1
            asked[agency] += len(numbers)
            persons.setdefault(agency, set()).update(numbers)
        return {
            agency: {"calls": calls[agency], "asked": asked[agency], "persons": len(persons[agency])}
            for agency in sorted(calls)
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        """All whole lines; one torn by a kill was never answered and is passed over."""
        if not self.path.exists():
            return
        with self.path.open("rb") as lines:
            for line in lines:
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue

    def _last_call(self) -> int:
        """The number of the last whole line, found at the end of a file that may be long."""
        if not self.path.exists():
            return 0
        with self.path.open("rb") as lines:
            lines.seek(max(self.path.stat().st_size - _TAIL_BYTES, 0))
            for line in reversed(lines.read().split(b"\n")):
                try:
                    return int(orjson.loads(line)["call"])
                except orjson.JSONDecodeError:
                    continue
        return 0

    def _ends_cleanly(self) -> bool:
        size = self.path.stat().st_size
        if size == 0:
            return True
        with self.path.open("rb") as lines:
            lines.seek(size - 1)
            return lines.read() == b"\n"


def _end(flushed: Sequence[asyncio.Future[None]]) -> None:
    for one in flushed:
        if not one.done():
            one.set_result(None)
