"""Hearing: a batch in one transaction, a failing batch event by event, the one event that cannot succeed parked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import structlog

from chassis import parking
from chassis.away import TRANSIENT
from chassis.callers import System
from chassis.listener import Listener
from chassis.logs import where
from chassis.refusal import Refusal
from chassis.telemetry import BatchSpans, count
from chassis.transaction import Database, Transaction
from chassis.vocabulary import EVENTS_PARKED, EVENTS_TAKEN
from chassis.wire import Codec, Event, Malformed, Record

_log = structlog.get_logger(__name__)
_ATTEMPTS = 3
_COMMIT_EVERY_S = 1.0

Handler = Callable[..., Awaitable[None]]
"""`async def on_x(tx, facts: list[X], *, now: datetime) -> None`"""


@dataclass(frozen=True)
class Heard:
    """A record and the event in it."""

    record: Record
    event: Event


class Consumer:
    """Takes what the service hears. What it took is noted in the transaction in which it takes effect."""

    def __init__(self, service: str, database: Database, codec: Codec, hears: Mapping[type[Any], Handler]) -> None:
        self._caller = System(service)
        self._database = database
        self._codec = codec
        self._hears = hears
        self._listener: Listener | None = None

    @property
    def is_joined(self) -> bool:
        """Whether its group has given it its share of the topics."""
        return self._listener is not None and self._listener.is_joined

    async def run(self, listener: Listener) -> None:
        """Until cancelled. A fault of the database is waited out; the batch is done again from where it stood.

        Offsets are committed once a second, not per batch: what a restart brings again, the inbox absorbs.
        """
        await listener.start()
        self._listener = listener
        offsets: dict[Any, int] = {}
        committed_at = 0.0
        while True:
            records, taken = await listener.next()
            if records:
                await self.take(records)
                offsets |= taken
            if offsets and (not records or time.monotonic() - committed_at > _COMMIT_EVERY_S):
                await listener.commit(offsets)
                offsets, committed_at = {}, time.monotonic()

    async def take(self, records: Sequence[Record]) -> None:
        """Let the records take effect, each once; returns when all have, or are parked."""
        pause_s = 0.1
        while True:
            try:
                await self._take_once(records)
                return
            except TRANSIENT as away:
                _log.warning("batch waits", reason=type(away).__name__, events=len(records))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)

    async def _take_once(self, records: Sequence[Record]) -> None:
        """In order also around what cannot be read: what came before it takes effect before its key is held."""
        heard: list[Heard] = []
        for record in records:
            try:
                event = self._codec.decode(record)
            except Malformed as problem:
                await self._take_heard(heard)
                heard = []
                await self._park_unreadable(record, str(problem))
                continue
            if event is not None and type(event) in self._hears:
                heard.append(Heard(record, event))
        await self._take_heard(heard)

    async def _take_heard(self, heard: list[Heard]) -> None:
        if not heard:
            return
        try:
            for one in await self._take_batch(heard):
                await self._take_alone(one)
        except TRANSIENT:
            raise
        except Exception as failed:
            if len(heard) > 1:
                _log.warning("batch taken one by one", events=len(heard), **_told(failed))
            for one in heard:
                await self._take_alone(one)

    async def _take_batch(self, heard: list[Heard]) -> list[Heard]:
        """All in one transaction; returns those that must be taken part by part."""
        spans = BatchSpans(
            [f"hear {one.record.topic}" for one in heard], [(one.event.key, one.record.trace) for one in heard]
        )
        try:
            async with self._database.transaction(self._caller) as tx:
                fresh, mixed = await self._fresh(tx, heard)
                tx.traces = spans.traces
                now = self._database.clock.now()
                grouped = segments(fresh)
                for kind, facts in grouped:
                    await self._hears[kind](tx, facts, now=now)
        finally:
            spans.end()
        for kind, facts in grouped:
            count(EVENTS_TAKEN, len(facts), type=kind.name)
        return mixed

    async def _fresh(self, tx: Transaction, heard: list[Heard]) -> tuple[list[Heard], list[Heard]]:
        """Those that are new and of no held key, whose events queue behind the parked one; and those set apart."""
        held = await parking.held_keys(tx, (case for one in heard for case in one.event.cases))
        many = [one for one in heard if one.event.carries_many]
        begun = await parking.taken(tx, [_part_id(one.record, 0) for one in many]) if many else set()
        together, apart = _set_apart(heard, held, begun)
        new_ids = await parking.take(tx, [one.record.event_id for one in together])
        fresh: list[Heard] = []
        for one in together:
            if one.record.event_id not in new_ids:
                continue
            new_ids.discard(one.record.event_id)
            if one.event.key in held:
                await parking.park(tx, one.record, one.event.key, "behind", attempts=0)
            else:
                fresh.append(one)
        return fresh, apart

    async def _take_alone(self, one: Heard) -> None:
        """Event by event, and part by part where an event carries many cases; each part has its own inbox row."""
        try:
            parts = one.event.split()
        except (LookupError, ValueError):
            await self._park_unreadable(one.record, "parts")
            return
        if len(parts) == 1:
            await self._try(one.record, one.event, one.record.event_id, None)
            return
        async with self._database.transaction(self._caller) as tx:
            if await parking.taken(tx, [one.record.event_id]):
                return
        for number, part in enumerate(parts):
            await self._try(one.record, part, _part_id(one.record, number), number)
        async with self._database.transaction(self._caller) as tx:
            await parking.take(tx, [one.record.event_id])

    async def _try(self, record: Record, event: Event, inbox_id: str, part: int | None) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._database.transaction(self._caller) as tx:
                    if not await parking.take(tx, [inbox_id]):
                        return
                    if await parking.held_keys(tx, [event.key]):
                        await parking.park(tx, _as_part(record, inbox_id), event.key, "behind", 0, part=part)
                        return
                    tx.traces = {event.key: record.trace}
                    await self._hears[type(event)](tx, [event], now=self._database.clock.now())
                return
            except TRANSIENT:
                raise
            except Exception as failed:
                _log.warning(
                    "event failed", type=record.type, event_id=record.event_id, attempt=attempt, **_told(failed)
                )
                problem = problem_of(failed)
        await self._park(_as_part(record, inbox_id), event.key, problem, _ATTEMPTS, part=part)

    async def _park_unreadable(self, record: Record, problem: str) -> None:
        """An id that its content denies may be another event's: the record is then known by its content alone."""
        if problem == "event-id":
            record = _as_part(record, str(uuid5(UUID(record.event_id), record.value.hex())))
        holds = not self._codec.carries_many(record)
        await self._park(record, record.key, f"malformed:{problem}", attempts=1, holds=holds)

    async def _park(
        self, record: Record, key: str, problem: str, attempts: int, *, part: int | None = None, holds: bool = True
    ) -> None:
        async with self._database.transaction(self._caller) as tx:
            if not await parking.take(tx, [record.event_id]):
                return
            await parking.park(tx, record, key, problem, attempts, part=part, holds=holds)
        count(EVENTS_PARKED, type=record.type or "unreadable")
        _log.error("event parked", type=record.type, event_id=record.event_id, problem=problem)

    async def redrive(self, tx: Transaction, key: str) -> int:
        """Let a key's parked events take effect in order, within `tx`; raises what the first failing one raises."""
        rows = await parking.waiting(tx, key)
        now: datetime = self._database.clock.now()
        for _, record, part in rows:
            original = record if part is None else _whole(record)
            event = self._codec.decode(original)
            if event is None:
                continue
            one = event if part is None else event.split()[part]
            tx.traces = {one.key: record.trace}
            await self._hears[type(one)](tx, [one], now=now)
        await parking.release(tx, key, [parked_id for parked_id, _, _ in rows])
        return len(rows)


def _set_apart(heard: list[Heard], held: set[str], begun: set[str]) -> tuple[list[Heard], list[Heard]]:
    """What is taken together; and apart from it events of many cases, with what follows them on one of these cases.

    Those of which one case is held or which were begun part by part: almost always there is none.
    """
    if not held and not begun:
        return heard, []
    together: list[Heard] = []
    apart: list[Heard] = []
    touched: set[str] = set()
    for one in heard:
        cases = {one.event.key, *one.event.cases}
        parted = one.event.carries_many and (not held.isdisjoint(cases) or _part_id(one.record, 0) in begun)
        if parted or not touched.isdisjoint(cases - held):
            apart.append(one)
            touched |= cases
        else:
            together.append(one)
    return together, apart


def segments(heard: Sequence[Heard]) -> list[tuple[type[Any], list[Event]]]:
    """Group events of one kind into few calls without ever letting a key's events overtake each other."""
    grouped: list[tuple[type[Any], list[Event]]] = []
    last_of_key: dict[str, int] = {}
    for one in heard:
        kind, earliest = type(one.event), last_of_key.get(one.event.key, 0)
        place = next((i for i in range(earliest, len(grouped)) if grouped[i][0] is kind), len(grouped))
        if place == len(grouped):
            grouped.append((kind, []))
        grouped[place][1].append(one.event)
        last_of_key[one.event.key] = place
    return grouped


def problem_of(failed: BaseException) -> str:
    """A code for people: a refusal's own, else the class. Texts are left out, they may hold personal data."""
    if isinstance(failed, Refusal):
        return f"refused:{failed.code}"
    if isinstance(failed, asyncpg.PostgresError):
        return f"database:{failed.sqlstate}"
    return type(failed).__name__


def _told(failed: BaseException) -> dict[str, Any]:
    return {"problem": problem_of(failed), "where": where(failed)}


def _part_id(record: Record, number: int) -> str:
    """The inbox id of one part of an event of many cases."""
    return str(uuid5(UUID(record.event_id), str(number)))


def _as_part(record: Record, inbox_id: str) -> Record:
    return Record(
        record.topic, record.key, record.partition, inbox_id, record.type, record.version, record.trace, record.value
    )


def _whole(record: Record) -> Record:
    """The record a part came from: its own id stands in its content."""
    event_id = str(orjson.loads(record.value)["event_id"])
    return Record(
        record.topic, record.key, record.partition, event_id, record.type, record.version, record.trace, record.value
    )
