"""Business time and real time of one run: who moved the clock, and when."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import date, datetime

from chassis.clock import Clock
from deploy.local.platform import LocalPlatform

_DAY_S = 86_400


class BusinessTime:
    """The platform's business clock as the conductor moves it, and back to real time by what it remembers."""

    def __init__(self, platform: LocalPlatform) -> None:
        self._platform = platform
        self._moves: list[tuple[float, int]] = [(0.0, _offset(platform))]
        """Since which real instant business time was ahead by how much."""

    def now(self) -> datetime:
        return Clock(self._platform.var / "clock.json").now()

    def today(self) -> date:
        return Clock(self._platform.var / "clock.json").today()

    async def forward(self, days: int) -> None:
        """Moves the clock by whole days; returns once every service that lives has seen it."""
        self._moves.append((time.time(), self._moves[-1][1] + days * _DAY_S))
        try:
            await asyncio.to_thread(self._platform.clock_forward, days)
        except TimeoutError:
            # Moved it is; a service that is down or held reads it when it comes back.
            return

    def real_s(self, business: datetime | None) -> float | None:
        """The real instant, in seconds since 1970, of what was written down in business time."""
        if business is None:
            return None
        told = business.timestamp()
        for (since, ahead_s), (until, _) in zip(self._moves, [*self._moves[1:], (float("inf"), 0)], strict=True):
            if told - ahead_s < until:
                return max(told - ahead_s, since)
        raise AssertionError("unreachable")


def _offset(platform: LocalPlatform) -> int:
    try:
        return int(json.loads((platform.var / "clock.json").read_bytes())["offset_s"])
    except FileNotFoundError:
        return 0
