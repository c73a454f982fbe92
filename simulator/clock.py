"""The simulator's calendar: real time plus the offset of the platform's clock file, where the site names one."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

BEIJING = timezone(timedelta(hours=8))
_READ_AGAIN_AFTER_S = 1.0


class Clock:
    def __init__(self, clock_file: Path | None) -> None:
        self._file = clock_file
        self._offset = timedelta(0)
        self._read_at = float("-inf")

    def now(self) -> datetime:
        """Business time in UTC; agencies stamp it on their answers as the instant their data hold."""
        if self._file is not None and time.monotonic() - self._read_at > _READ_AGAIN_AFTER_S:
            self._read_at = time.monotonic()
            try:
                self._offset = timedelta(seconds=json.loads(self._file.read_text())["offset_s"])
            except (OSError, ValueError, KeyError):
                self._offset = timedelta(0)
        return datetime.now(UTC) + self._offset

    def today(self) -> date:
        """The local business date."""
        return self.now().astimezone(BEIJING).date()
