"""One wave of households, and what all who act on it share."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.business import BusinessTime
from tests.chaos.desk import RetryingDesk
from tests.chaos.handed_in import HandedIn

LOOK_S = 0.6
"""Between two looks at something that is waited for."""
_PATIENCE_S = 150.0
"""For one step of a whole wave, whatever befalls it."""
_AT_ONCE = 8


@dataclass
class Wave:
    """The households of one wave and what they have come to."""

    number: int
    handed_in: list[HandedIn]
    truth: Mapping[int, list[dict[str, Any]]]
    """By household: the flags that were planted."""
    stuck: dict[str, str] = field(default_factory=dict)
    """Application -> what keeps it from going on, in codes."""
    draws: int = 0
    """Of the county, for its spot checks."""

    @property
    def run(self) -> str:
        """Names the wave's idempotency keys."""
        return f"wave{self.number}"

    def under_way(self) -> dict[str, HandedIn]:
        """Applications that were accepted and not withdrawn."""
        return {
            one.application_id: one
            for one in self.handed_in
            if one.application_id and one.state == "accepted" and not one.is_withdrawn
        }


@dataclass(frozen=True)
class Scene:
    """Where everybody acts: through which desk, by which clock, and with what luck."""

    desk: RetryingDesk
    clock: BusinessTime
    dice: random.Random


class Patience:
    """Begins when it is made."""

    def __init__(self, seconds: float = _PATIENCE_S) -> None:
        self._until = asyncio.get_running_loop().time() + seconds

    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() > self._until


async def some_at_a_time(names: Iterable[str], act: Callable[[str], Awaitable[None]]) -> None:
    """Act on all of them, a few at once."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> None:
        async with gate:
            await act(name)

    await asyncio.gather(*map(one, names))
