"""Timers: run when due, on one replica at a time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from chassis import sql
from chassis.away import TRANSIENT
from chassis.callers import System
from chassis.consumer import problem_of
from chassis.logs import where
from chassis.telemetry import count
from chassis.transaction import Database
from chassis.vocabulary import TIMER_RAN

_log = structlog.get_logger(__name__)
_LOCK_CLASS = 7_002

Timed = Callable[..., Awaitable[None]]
"""`async def close_overdue_checks(tx, *, now: datetime) -> None`"""


@dataclass(frozen=True, eq=False)
class Every:
    """An interval of real time. Compared by identity: two timers of one service may share a length."""

    seconds: float


def every(*, seconds: float = 0, minutes: float = 0, hours: float = 0) -> Every:
    return Every(seconds + 60 * minutes + 3600 * hours)


class Timer:
    """Runs one handler in a transaction of its own; a second replica finds the lock taken and skips."""

    def __init__(self, service: str, name: str, interval: Every, handler: Timed, database: Database) -> None:
        self._caller = System(service)
        self._name = name
        self._interval = interval
        self._handler = handler
        self._database = database
        self._lock = zlib.crc32(name.encode()) & 0x7FFFFFFF

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._interval.seconds)
            await self.ring()

    async def ring(self) -> None:
        """One run now. A failing run is logged and counted; the next one tries again."""
        outcome = "elsewhere"
        try:
            async with self._database.transaction(self._caller) as tx:
                if await sql.fetchval(
                    tx, "select pg_try_advisory_xact_lock($1::int, $2::int)", _LOCK_CLASS, self._lock
                ):
                    await self._handler(tx, now=self._database.clock.now())
                    outcome = "ran"
            count(TIMER_RAN, timer=self._name, outcome=outcome)
        except TRANSIENT as away:
            _log.warning("timer waits", timer=self._name, reason=type(away).__name__)
        except Exception as failed:
            count(TIMER_RAN, timer=self._name, outcome="failed")
            _log.error("timer failed", timer=self._name, problem=problem_of(failed), where=where(failed))
