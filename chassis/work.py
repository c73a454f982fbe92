"""Claim -> call -> record: how a service works with the outside world without holding a lock while it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

import structlog

from chassis.away import TRANSIENT
from chassis.callers import System
from chassis.consumer import problem_of
from chassis.lease import NO_HANDS, Hands, Lease
from chassis.logs import where
from chassis.shelf import Shelf
from chassis.telemetry import count
from chassis.transaction import Database
from chassis.vocabulary import WORK_DONE

__all__ = ["Lease", "Work", "Workers"]

_log = structlog.get_logger(__name__)
_DRAIN_S = 5.0
_PAUSE_S = 0.3
_RECORDED_TOGETHER = 16


@dataclass(frozen=True)
class Work:
    """One queue.

    claim   `async (tx, *, limit, now, lease) -> list[T]`: takes rows as claimed until lease.until
    call    `async (shelf, claimed) -> R`: the outside call; no transaction, no lock
    record  `async (tx, ended, *, now) -> None`: writes the outcomes where the claims still hold; `ended` has what was
            claimed and the result of each call that ended meanwhile, of all queues that share this function

    What a transaction writes as claimed from the first, under `tx.hands`, it hands over itself (`tx.hand_over`).
    """

    claim: Callable[..., Awaitable[list[Any]]]
    call: Callable[[Shelf, list[Any]], Awaitable[Any]]
    record: Callable[..., Awaitable[None]]
    batch: int = 66
    in_flight: int = 4
    lease_s: float = 60.0
    linger_s: float = 0.02
    poll_s: float = 1.0


@dataclass
class _Queue:
    """Where one queue stands in this process."""

    name: str
    work: Work
    under_way: int = 0
    is_woken: bool = True
    next_look: float = 0.0
    not_before: float = 0.0

    def is_due(self, at: float) -> bool:
        if self.under_way >= self.work.in_flight or at < self.not_before:
            return False
        return self.is_woken or at >= self.next_look

    def sleeps_until(self) -> float:
        """When it has to be looked at again if nobody wakes it."""
        if self.under_way >= self.work.in_flight:
            return inf
        return self.not_before if self.is_woken else max(self.not_before, self.next_look)


@dataclass(frozen=True, eq=False)
class _Ended:
    """A call that ended and waits to be recorded."""

    queue: _Queue
    claimed: list[Any]
    result: Any
    patience: float


class Workers:
    """Runs all queues of one process.

    Queues that are due are claimed together, in one transaction; each claim then has a call of its own, so that a slow
    agency delays no other. Calls that ended while the last transaction was being committed are recorded together in the
    next one. Together they cost a transaction per round instead of two per call.
    """

    def __init__(self, service: str, works: Mapping[str, Work], database: Database) -> None:
        self._caller = System(service)
        self._database = database
        self._queues = {name: _Queue(name, work) for name, work in works.items()}
        self._changed = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._ended: list[_Ended] = []
        self._arrived = asyncio.Event()
        self._is_running = False
        self._is_stopping = False

    def hands(self, queue: str) -> Hands:
        """What of this queue could be taken over now; none while this process works nothing off."""
        of_queue = self._queues.get(queue)
        if of_queue is None or not self._is_running:
            return NO_HANDS
        return Hands(max(of_queue.work.in_flight - of_queue.under_way, 0), Lease.of(of_queue.work.lease_s))

    def take_over(self, queue: str, claimed: list[Any]) -> None:
        """Call about what the transaction that has just committed wrote as claimed."""
        if self._is_running:
            self._begin_call(self._queues[queue], claimed)

    def wake(self, queue: str) -> None:
        """Look at the queue as soon as it has a free hand; unknown names are other processes' affair."""
        if queue in self._queues:
            self._queues[queue].is_woken = True
            self._changed.set()

    async def run(self) -> None:
        """Until cancelled; then drain what is under way."""
        recorder = asyncio.create_task(self._record_ended())
        self._is_running = True
        try:
            while True:
                self._changed.clear()
                at = asyncio.get_running_loop().time()
                due = [queue for queue in self._queues.values() if queue.is_due(at)]
                if due:
                    await self._claim(due)
                    continue
                sleeps_until = min(queue.sleeps_until() for queue in self._queues.values())
                # Not wait_for: up to Python 3.11 it may swallow a cancellation that comes together with a wake-up.
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if sleeps_until == inf else max(sleeps_until - at, 0.001)):
                        await self._changed.wait()
        finally:
            self._is_running = False
            await self._drain(recorder)

    async def _drain(self, recorder: asyncio.Task[None]) -> None:
        """Let calls under way end and be recorded, within a bound; what is cut off is claimed again after its lease."""
        if self._calls:
            _, late = await asyncio.wait(self._calls, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
        self._is_stopping = True
        self._arrived.set()
        await asyncio.wait([recorder], timeout=_DRAIN_S)
        recorder.cancel()

    async def _claim(self, due: list[_Queue]) -> None:
        """Claim for these queues in one transaction; where that fails for what one of them does, for each alone."""
        for queue in due:
            queue.is_woken = False
        claims: list[tuple[_Queue, list[Any]]] = []
        try:
            async with self._database.transaction(self._caller) as tx:
                for queue in due:
                    lease = Lease.of(queue.work.lease_s)
                    now = self._database.clock.now()
                    claims.append((queue, await queue.work.claim(tx, limit=queue.work.batch, now=now, lease=lease)))
        except TRANSIENT as away:
            _log.warning("queues wait", queues=len(due), reason=type(away).__name__)
            self._put_off(due)
        except Exception as failed:
            if len(due) > 1:
                for queue in due:
                    await self._claim([queue])
                return
            _log.error("claim failed", queue=due[0].name, problem=problem_of(failed), where=where(failed))
            self._put_off(due)
        else:
            for queue, claimed in claims:
                self._start(queue, claimed)

    def _put_off(self, queues: list[_Queue]) -> None:
        later = asyncio.get_running_loop().time() + _PAUSE_S
        for queue in queues:
            queue.is_woken, queue.not_before = True, later

    def _start(self, queue: _Queue, claimed: list[Any]) -> None:
        at = asyncio.get_running_loop().time()
        queue.next_look = at + queue.work.poll_s
        if not claimed:
            return
        if len(claimed) >= queue.work.batch:
            queue.is_woken = True
        elif queue.under_way:
            # More is on its way in: while calls are out anyway, a short wait makes fuller batches.
            queue.not_before = at + queue.work.linger_s
        self._begin_call(queue, claimed)

    def _begin_call(self, queue: _Queue, claimed: list[Any]) -> None:
        queue.under_way += 1
        task = asyncio.create_task(self._call(queue, claimed))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _call(self, queue: _Queue, claimed: list[Any]) -> None:
        """One call outside. What fails here is claimed again when its lease has run out."""
        patience = asyncio.get_running_loop().time() + queue.work.lease_s
        try:
            result = await queue.work.call(self._database.shelf, claimed)
        except asyncio.CancelledError:  # ours while draining; else a client's own, which must not cost the queue a hand
            self._free(queue)
            raise
        except Exception as failed:
            self._failed(queue, claimed, failed)
        else:
            self._ended.append(_Ended(queue, claimed, result, patience))
            self._arrived.set()

    def _free(self, queue: _Queue) -> None:
        queue.under_way -= 1
        self._changed.set()

    def _failed(self, queue: _Queue, claimed: list[Any], failed: Exception) -> None:
        count(WORK_DONE, len(claimed), queue=queue.name, outcome="failed")
        told = {"problem": problem_of(failed), "where": where(failed)}
        _log.error("work failed", queue=queue.name, rows=len(claimed), **told)
        self._free(queue)

    def _ended_so_far(self) -> list[_Ended]:
        taken = self._ended[:_RECORDED_TOGETHER]
        del self._ended[:_RECORDED_TOGETHER]
        return taken

    async def _record_ended(self) -> None:
        while self._ended or not self._is_stopping:
            await self._arrived.wait()
            self._arrived.clear()
            while self._ended:
                await self._record(self._ended_so_far())

    async def _record(self, ended: list[_Ended]) -> None:
        """Record these calls in one transaction; where that fails for what one of them brought, each alone.

        The answers are in hand: a database that is away is waited for within the lease rather than asking again.
        """
        try:
            async with self._database.transaction(self._caller) as tx:
                for record in dict.fromkeys([one.queue.work.record for one in ended]):
                    of_record = [(one.claimed, one.result) for one in ended if one.queue.work.record is record]
                    await record(tx, of_record, now=self._database.clock.now())
        except TRANSIENT as away:
            at = asyncio.get_running_loop().time()
            for one in [one for one in ended if at > one.patience]:
                self._failed(one.queue, one.claimed, away)
            self._ended[:0] = [one for one in ended if at <= one.patience]
            await asyncio.sleep(_PAUSE_S)
        except Exception as failed:
            if len(ended) > 1:
                for one in ended:
                    await self._record([one])
            else:
                self._failed(ended[0].queue, ended[0].claimed, failed)
        else:
            for one in ended:
                count(WORK_DONE, len(one.claimed), queue=one.queue.name, outcome="recorded")
                self._free(one.queue)
