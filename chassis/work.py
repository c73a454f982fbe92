"""Claim -> call -> record: how a service works with the outside world without holding a lock while it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from chassis.callers import System
from chassis.consumer import problem_of
from chassis.logs import where
from chassis.shelf import Shelf
from chassis.telemetry import count
from chassis.transaction import TRANSIENT, Database, DatabaseAway
from chassis.vocabulary import WORK_DONE

_log = structlog.get_logger(__name__)
_DRAIN_S = 5.0


@dataclass(frozen=True)
class Lease:
    """How long a claim holds, in real time. After it another worker may claim the row with a higher fencing number."""

    until: datetime


@dataclass(frozen=True)
class Work:
    """One queue.

    claim   `async (tx, *, limit, now, lease) -> list[T]`: marks rows as claimed until lease.until, raises their fence
    call    `async (shelf, claimed) -> R`: the outside call; no transaction, no lock
    record  `async (tx, claimed, result, *, now) -> None`: writes the outcome where the fence is still the claimed one
    """

    claim: Callable[..., Awaitable[list[Any]]]
    call: Callable[[Shelf, list[Any]], Awaitable[Any]]
    record: Callable[..., Awaitable[None]]
    batch: int = 66
    in_flight: int = 4
    lease_s: float = 60.0
    linger_s: float = 0.02
    poll_s: float = 1.0


class Worker:
    """Runs one queue in one process: claims what is there while fewer than `in_flight` calls are under way."""

    def __init__(self, service: str, queue: str, work: Work, database: Database) -> None:
        self._caller = System(service)
        self._queue = queue
        self._work = work
        self._database = database
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(work.in_flight)
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; then drain what is under way."""
        try:
            while True:
                await self._slots.acquire()
                self._woken.clear()
                claimed = await self._claim()
                if not claimed:
                    self._slots.release()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), self._work.poll_s)
                    continue
                task = asyncio.create_task(self._carry_out(claimed))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                if len(claimed) < self._work.batch:
                    # Others are on their way in: while calls are out anyway, a short wait makes fuller batches.
                    await asyncio.sleep(self._work.linger_s if len(self._under_way) > 1 else 0)
        finally:
            await self._drain()

    async def _drain(self) -> None:
        """Let calls under way end and be recorded, within a bound; what is cut off is claimed again after its lease."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=_DRAIN_S)
            for task in late:
                task.cancel()

    async def _claim(self) -> list[Any]:
        lease = Lease(datetime.now(UTC) + timedelta(seconds=self._work.lease_s))
        try:
            async with self._database.transaction(self._caller) as tx:
                return await self._work.claim(tx, limit=self._work.batch, now=self._database.clock.now(), lease=lease)
        except TRANSIENT as away:
            _log.warning("queue waits", queue=self._queue, reason=type(away).__name__)
        except Exception as failed:
            _log.error("claim failed", queue=self._queue, problem=problem_of(failed), where=where(failed))
        await asyncio.sleep(0.5)
        return []

    async def _carry_out(self, claimed: list[Any]) -> None:
        """Call and record. What fails here is claimed again when its lease has run out."""
        try:
            result = await self._work.call(self._database.shelf, claimed)
            await self._record(claimed, result)
            count(WORK_DONE, len(claimed), queue=self._queue, outcome="recorded")
        except Exception as failed:
            count(WORK_DONE, len(claimed), queue=self._queue, outcome="failed")
            _log.error(
                "work failed", queue=self._queue, rows=len(claimed), problem=problem_of(failed), where=where(failed)
            )
        finally:
            self._slots.release()

    async def _record(self, claimed: list[Any], result: Any) -> None:
        """The answer is in hand: a database that is away is waited for within the lease rather than asking again."""
        patience = asyncio.get_running_loop().time() + self._work.lease_s
        while True:
            try:
                async with self._database.transaction(self._caller) as tx:
                    await self._work.record(tx, claimed, result, now=self._database.clock.now())
                return
            except TRANSIENT as away:
                if asyncio.get_running_loop().time() > patience:
                    raise DatabaseAway from away
                await asyncio.sleep(0.2)
