"""Business time: real time plus an offset that only a local platform may set, forward only.

Tokens, leases, retries and Kafka stay on real time; only what the law counts uses this clock.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_LOOK_AGAIN_S = 0.1


class Clock:
    """Reads `{"offset_s": N}` from its file, at most ten times a second. A site that is not local never looks."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._offset = timedelta()
        self._looked_at = -_LOOK_AGAIN_S

    def now(self) -> datetime:
        """The business instant, aware, in UTC."""
        return datetime.now(UTC) + self._read()

    def today(self) -> date:
        """The business day in China."""
        return local_day(self.now())

    def _read(self) -> timedelta:
        if self._file is None or time.monotonic() - self._looked_at < _LOOK_AGAIN_S:
            return self._offset
        self._looked_at = time.monotonic()
        try:
            offset = timedelta(seconds=int(json.loads(self._file.read_bytes())["offset_s"]))
        except (FileNotFoundError, ValueError):
            return self._offset  # nobody has moved the clock, or somebody is about to: the time does not jump back
        self._offset = max(offset, self._offset)
        return self._offset


def local_day(instant: datetime) -> date:
    """The calendar day in China on which the instant falls."""
    return instant.astimezone(CHINA).date()
