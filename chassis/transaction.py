"""The transaction: rows, what was said and what was audited become true together, or not at all."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import asyncpg
import orjson
from asyncpg.connection import Connection
from asyncpg.pool import PoolConnectionProxy

from chassis.away import BROKEN_OFF, DatabaseAway
from chassis.callers import Caller
from chassis.clock import Clock
from chassis.lease import NO_HANDS, Hands
from chassis.sealing import Keys
from chassis.shelf import Shelf
from chassis.site import DatabaseSite
from chassis.telemetry import child_trace, current_trace
from chassis.wire import Codec, Event, Record

T = TypeVar("T")

BUCKETS = 16
"""Outbox rows are dealt into this many buckets by key; one process at a time publishes a bucket."""
CHANNEL = "hedui"
OUTBOX_WAKE = "outbox"
_SAFE_PATH = re.compile(r"[a-z0-9/~]*\Z", re.ASCII)

_FLUSH = """
with said as (
    insert into outbox (bucket, topic, key, partition, event_id, type, version, trace, value)
    select * from unnest(
        $1::smallint[], $2::text[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::int[], $8::text[], $9::bytea[])
), acted as (
    insert into audit (at, actor, role, act, subject, office, trace, details)
    select $10::timestamptz, $11::text, $12::text, *
    from unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
)
select pg_notify('hedui', $18::text) where $18::text <> ''
"""


class RolledBack(Exception):
    """A statement had failed and its error was swallowed, so that the commit undid everything: nothing was stored."""


@dataclass
class _Acted:
    acts: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)


class Transaction:
    """One unit of truth. Doors open it; use cases say and audit in it; stores speak SQL through `chassis.sql`."""

    def __init__(
        self, database: Database, connection: Connection[Any] | PoolConnectionProxy[Any], caller: Caller
    ) -> None:
        self.connection = connection
        self.caller = caller
        self.traces: Mapping[str, str] = {}
        """Trace of the fact being handled, by its key; set by the consumer."""
        self._database = database
        self._said: list[Record] = []
        self._acted = _Acted()
        self._wakes: set[str] = set()
        self.handed: list[tuple[str, list[Any]]] = []

    def of(self, kind: type[T]) -> T:
        """The equipment of that type."""
        return self._database.shelf.of(kind)

    def say(self, event: Event, *, trace: str | None = None) -> None:
        """Tell Kafka, if and when this transaction commits: per speaker and key in commit order, at least once.

        The caller holds the row lock of the aggregate behind `event.key`. `trace` continues a trace kept with the
        aggregate; without it the trace of the fact being handled, or of the request, goes on. Raises EventTooLarge, and
        ValueError for an event that the service's table does not name.
        """
        if not self._database.codec.may_say(event):
            raise ValueError(f"{event.name} is not among what this service says")
        parent = trace or self.traces.get(event.key) or current_trace()
        self._said.append(self._database.codec.encode(event, child_trace(f"say {event.name}", parent)))

    def audit(self, act: StrEnum, subject: str, office: str, details: Mapping[str, str | int] | None = None) -> None:
        """Record who did what to which subject. `details` hold codes, counts and amounts; never anything personal."""
        acted = self._acted
        acted.acts.append(act.value)
        acted.subjects.append(subject)
        acted.offices.append(office)
        acted.traces.append(self.traces.get(subject) or current_trace())
        acted.details.append(orjson.dumps(details or {}, option=orjson.OPT_SORT_KEYS).decode())

    def seal(self, clear: bytes, context: str) -> bytes:
        """Seal under the service's own key for the place `context` names (`table.column:row id`)."""
        return self._database.keys.rest.seal(clear, context)

    def open(self, sealed: bytes, context: str) -> bytes:
        return self._database.keys.rest.open(sealed, context)

    def blind(self, value: str) -> bytes:
        """The keyed index value under which equal values are found."""
        return self._database.keys.index.of(value)

    def wake(self, queue: str) -> None:
        """Wake the workers of a queue once this commits."""
        self._wakes.add(queue)

    def hands(self, queue: str) -> Hands:
        """How many calls of a queue this process would make at once if they were handed over."""
        return self._database.hands(queue)

    def hand_over(self, queue: str, claimed: list[Any]) -> None:
        """Let this process make a call, written here as claimed under `hands(queue).lease`, once this commits."""
        self.handed.append((queue, claimed))

    async def flush(self, at: datetime) -> frozenset[str]:
        """Write what was said and audited, in one statement. Returns whom to wake after the commit."""
        said, acted = self._said, self._acted
        if said:
            self._wakes.add(OUTBOX_WAKE)
        notified = [wake for wake in sorted(self._wakes) if self._database.is_for_others(wake)]
        if said or acted.acts or notified:
            await self.connection.fetch(
                _FLUSH,
                [zlib.crc32(record.key.encode()) % BUCKETS for record in said],
                [record.topic for record in said],
                [record.key for record in said],
                [record.partition for record in said],
                [record.event_id for record in said],
                [record.type for record in said],
                [record.version for record in said],
                [record.trace for record in said],
                [record.value for record in said],
                at,
                self.caller.subject,
                self.caller.role,
                acted.acts,
                acted.subjects,
                acted.offices,
                acted.traces,
                acted.details,
                ",".join(notified),
            )
        return frozenset(self._wakes)


class Database:
    """A bounded pool of connections as the service's own role, which no table grants more than it needs."""

    def __init__(
        self, site: DatabaseSite, *, keys: Keys, codec: Codec, clock: Clock, shelf: Shelf, connections: int = 10
    ) -> None:
        self.site = site
        self._size = connections
        self._pool: asyncpg.Pool[Any] | None = None
        self._undoings: set[asyncio.Task[None]] = set()
        self.keys = keys
        self.codec = codec
        self.clock = clock
        self.shelf = shelf
        self.on_commit: Callable[[frozenset[str]], None] = lambda wakes: None
        self.is_for_others: Callable[[str], bool] = lambda wake: True
        """Whether a wake must reach other processes. NOTIFY makes commits queue: never for nothing."""
        self.hands: Callable[[str], Hands] = lambda queue: NO_HANDS
        self.take_over: Callable[[str, list[Any]], None] = lambda queue, claimed: None
        """Work handed over by a transaction that has committed."""

    async def open(self) -> None:
        """Connect; raises what asyncpg or the socket raises when that cannot be."""
        self._pool = await asyncpg.create_pool(
            **self.site.address(), min_size=1, max_size=self._size, reset=_leave_as_is
        )

    async def close(self) -> None:
        if self._pool is not None:
            try:
                async with asyncio.timeout(5.0):
                    await self._pool.close()
            except TimeoutError:
                self._pool.terminate()

    @asynccontextmanager
    async def transaction(self, caller: Caller) -> AsyncIterator[Transaction]:
        """Begin with the caller's range set locally, commit with outbox and audit, wake whom it concerns.

        Raises DatabaseAway when there is no database to talk to; any error rolls everything back.
        """
        if self._pool is None:
            raise DatabaseAway
        connection = await self._begin(self._pool, caller)
        committed = False
        try:
            tx = Transaction(self, connection, caller)
            yield tx
            wakes = await tx.flush(self.clock.now())
            # PostgreSQL answers the commit of a failed transaction with ROLLBACK, not with an error.
            if await connection.execute("commit") != "COMMIT":
                raise RolledBack
            committed = True
        except BROKEN_OFF as broken:
            raise DatabaseAway from broken
        except asyncpg.InterfaceError as broken:
            if _is_lost(connection):
                raise DatabaseAway from broken
            raise
        finally:
            await (self._pool.release(connection) if committed else self._undo(self._pool, connection))
        if wakes:
            self.on_commit(wakes)
        for queue, claimed in tx.handed:
            self.take_over(queue, claimed)

    async def _begin(self, pool: asyncpg.Pool[Any], caller: Caller) -> PoolConnectionProxy[Any]:
        """A connection in which the transaction has begun. Idle ones that died unnoticed are passed over."""
        low, high = caller.reach
        if not (_SAFE_PATH.match(low) and _SAFE_PATH.match(high)):
            raise ValueError("office path")
        for _ in range(self._size + 1):
            try:
                connection = await pool.acquire(timeout=5.0)
            except (OSError, asyncpg.InterfaceError, *BROKEN_OFF):
                raise DatabaseAway from None
            try:
                await connection.execute(f"begin; set local hedui.low = '{low}'; set local hedui.high = '{high}'")
                return connection
            except (asyncpg.InterfaceError, *BROKEN_OFF):
                await self._undo(pool, connection)
            except BaseException:
                await self._undo(pool, connection)
                raise
        raise DatabaseAway

    async def _undo(self, pool: asyncpg.Pool[Any], connection: PoolConnectionProxy[Any]) -> None:
        """In a task of its own: whoever is cancelled twice must not leave it open, nor the connection lost."""
        undoing = asyncio.create_task(_roll_back(pool, connection))
        self._undoings.add(undoing)
        undoing.add_done_callback(self._undoings.discard)
        await asyncio.shield(undoing)


def _is_lost(connection: PoolConnectionProxy[Any]) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # so far gone that the pool has taken it back
        return True


async def _roll_back(pool: asyncpg.Pool[Any], connection: PoolConnectionProxy[Any]) -> None:
    """Roll back and give the connection back; one that cannot even do that is thrown away."""
    try:
        async with asyncio.timeout(2.0):
            await connection.execute("rollback")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, *BROKEN_OFF):
        if not _is_lost(connection):
            connection.terminate()
    finally:
        await pool.release(connection)


async def _leave_as_is(connection: Connection[Any]) -> None:
    """Nothing to reset between uses: all state is local to a transaction, which has ended."""
