"""Waiting for facts: looked for again and again until they hold, within a bound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

WITHIN_S = 60.0


async def until(fact: Callable[[], Awaitable[T]], what: str, within_s: float = WITHIN_S) -> T:
    """The first true value of `fact`. AssertionError naming `what` when there is none within the bound."""
    limit = time.monotonic() + within_s
    while not (found := await fact()):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {within_s:g} s: {what}; last seen: {found!r}")
        await asyncio.sleep(0.05)
    return found
