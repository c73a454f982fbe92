"""An append-only book, on disk before anybody is told: one JSON line per movement, numbered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

Row = dict[str, Any]


class Book:
    """All rows in memory, as they stand in the file. Whoever writes holds `turn`, and so does whoever must not miss."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.turn = asyncio.Lock()
        whole = _whole_lines(path)
        self.rows: list[Row] = [orjson.loads(line) for line in whole]
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        # A line torn by a kill was never answered: it did not happen.
        os.ftruncate(self._file, sum(len(line) for line in whole))
        os.lseek(self._file, 0, os.SEEK_END)

    async def write(self, rows: Iterable[Row]) -> list[Row]:
        """Number the rows, put them on disk, then count them as happened. The caller holds `turn`."""
        first = len(self.rows) + 1
        numbered = [{"no": first + place, **row} for place, row in enumerate(rows)]
        if numbered:
            lines = b"".join(orjson.dumps(row) + b"\n" for row in numbered)
            await asyncio.to_thread(self._put, lines)
            self.rows.extend(numbered)
        return numbered

    def _put(self, lines: bytes) -> None:
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]
        os.fdatasync(self._file)

    def after(self, number: int, limit: int) -> Sequence[Row]:
        """Rows numbered beyond `number`, in order."""
        return self.rows[number : number + limit]


def _whole_lines(path: Path) -> list[bytes]:
    """The file's lines up to the last that is whole."""
    if not path.exists():
        return []
    found: list[bytes] = []
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            orjson.loads(line)
        except orjson.JSONDecodeError:
            break
        if not line.endswith(b"\n"):
            break
        found.append(line)
    return found
