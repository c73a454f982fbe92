"""How fast this machine is while it is measured: a fixed piece of work in C, timed beside the work all along."""

from __future__ import annotations

import asyncio
import statistics
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

USUAL_MS = 55.0
"""What ten pieces take on the machine for which the floors were set."""
_EVERY_S = 0.5
_PIECE = b"".join(str(number * number % 9_973).encode() for number in range(23_000))


class Speed:
    """CPU milliseconds of ten pieces, by the median of those timed so far. No interpreter changes them."""

    def __init__(self) -> None:
        self._pieces = [_piece_ms()]

    @property
    def reference_ms(self) -> float:
        return statistics.median(self._pieces) * 10

    @property
    def slowness(self) -> float:
        """How many times as long as usual everything takes here."""
        return self.reference_ms / USUAL_MS

    async def watch(self) -> None:
        """A piece every half second, a hundredth of one core, until cancelled: a shared machine changes in seconds."""
        while True:
            self._pieces.append(_piece_ms())
            await asyncio.sleep(_EVERY_S)


@asynccontextmanager
async def watched_speed() -> AsyncIterator[Speed]:
    """The machine's speed within the block."""
    speed = Speed()
    watching = asyncio.create_task(speed.watch())
    try:
        yield speed
    finally:
        watching.cancel()


def _piece_ms() -> float:
    begun = time.thread_time()
    zlib.compress(_PIECE, 6)
    return (time.thread_time() - begun) * 1000
