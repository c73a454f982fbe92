"""What the stages of a demonstration share: a clock that may be moved, a bar to show, patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from rich.progress import Progress

from chassis.clock import Clock
from deploy.demo.desk import Desk
from deploy.demo.runs import Run
from deploy.local.platform import LocalPlatform

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 16
_PATIENCE_S = 120.0
_PAUSE_S = 0.2


@dataclass(frozen=True)
class Stage:
    """Where a stage plays."""

    platform: LocalPlatform
    desk: Desk
    run: Run
    clock: Clock
    progress: Progress

    async def move_to(self, day: date) -> None:
        """Let business time come to a day; nothing where it is that late already."""
        days = (day - self.clock.today()).days
        if days > 0:
            self.progress.console.print(f"  业务日期 business date {day:%Y-%m-%d}")
            await asyncio.to_thread(self.platform.clock_forward, days)
            await asyncio.sleep(_PAUSE_S)  # our own clock looks at its file ten times a second

    async def until(self, label: str, total: int, look: Callable[[], Awaitable[int]], see: str) -> None:
        """Wait until so many are there, with a bar; SystemExit names the service whose log tells more."""
        bar = self.progress.add_task(label, total=total)
        patience, best = time.monotonic() + _PATIENCE_S, -1
        while (there := await look()) < total:
            self.progress.update(bar, completed=there)
            if there > best:
                patience, best = time.monotonic() + _PATIENCE_S, there
            elif time.monotonic() > patience:
                raise SystemExit(f"{label}: {there} of {total} after {_PATIENCE_S:.0f} s; make logs SERVICE={see}")
            await asyncio.sleep(_PAUSE_S)
        self.progress.update(bar, completed=total)


async def together(do: Callable[[T], Awaitable[R]], things: Iterable[T]) -> AsyncIterator[R]:
    """Do it for each, some at once; results as they come. What one raises ends all."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(thing: T) -> R:
        async with gate:
            return await do(thing)

    tasks = [asyncio.create_task(one(thing)) for thing in things]
    try:
        for finished in asyncio.as_completed(tasks):
            yield await finished
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def day_after(text: str) -> date:
    """The day after an ISO date."""
    return date.fromisoformat(text) + timedelta(days=1)


def codes(rows: Iterable[dict[str, Any]]) -> set[str]:
    """The codes of labelled words."""
    return {row["code"] for row in rows}
