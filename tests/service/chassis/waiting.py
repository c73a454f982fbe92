"""Waiting for what must become true in another task, process or server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[object]], *, within_s: float = 20.0) -> None:
    """Returns as soon as the condition holds; TimeoutError when it never does."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 (what is waited for lies in another process and tells nobody)
            await asyncio.sleep(0.01)
