"""The outbox relay: claimed rows, ordered per key, woken on commit, swept every second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from chassis.kafka import Outcome, Speaker
from chassis.transaction import BUCKETS, CHANNEL, Database
from chassis.wire import Record

_log = structlog.get_logger(__name__)
_BATCH = 500
_SWEEP_S = 1.0
_AGAIN_S = 5.0
_LOCK_CLASS = 7_001
_TIDY_AFTER = 1_000

_OWN = """
select bucket from generate_series(0, $2::int - 1) as bucket where pg_try_advisory_lock($1::int, bucket)
"""
_NEXT = """
select id, topic, key, partition, event_id, type, version, trace, value
from outbox where bucket = any($1::smallint[]) and key <> all($3::text[]) order by id limit $2
"""
_OF_KEY = """
select id, topic, key, partition, event_id, type, version, trace, value
from outbox where bucket = any($1::smallint[]) and key = $3 order by id limit $2
"""
_DONE = "delete from outbox where id = any($1::bigint[])"
_TIDY = "vacuum (skip_locked, truncate false, parallel 0) outbox"


class Relay:
    """Publishes what this service said.

    A dedicated connection holds the advisory locks of the buckets it owns and reads their rows; when it breaks the
    locks fall, and whoever takes them over sends again what was not acknowledged. Within a bucket rows go out by id,
    so that a key's events keep the order in which its aggregate's lock was held; a row behind an unsent one of its key
    is never sent before it. A key whose row the broker refuses is set aside and tried again alone: all others flow.

    Every thousand rows sent it vacuums: their few pages are then written again and again. Waiting for autovacuum, the
    table grows by every event of a minute, and pages never used before are what an insert costs most.
    """

    def __init__(self, database: Database, speaker: Speaker, heard: Callable[[frozenset[str]], None]) -> None:
        self._database = database
        self._speaker = speaker
        self._heard = heard
        self._work = asyncio.Event()
        self._set_aside: dict[str, float] = {}
        """Keys with a refused row, and when to try each again (loop time)."""
        self._deleted = 0
        """Rows whose space lies idle."""
        self.owns_all = False
        """Whether this process alone publishes, so that nobody else need be woken."""
        self.is_caught_up = asyncio.Event()
        """Set while nothing that this process owns is unsent."""

    def wake(self) -> None:
        self.is_caught_up.clear()
        self._work.set()

    async def run(self) -> None:
        """Until cancelled. Connection faults of either side are waited out."""
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await asyncpg.connect(**self._database.site.address())
                await connection.add_listener(CHANNEL, lambda *heard: self._heard(frozenset(str(heard[3]).split(","))))
                await self._publish(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as broken:
                _log.warning("relay waits", reason=type(broken).__name__)
                await asyncio.sleep(0.5)
            finally:
                self.owns_all = False
                if connection is not None:
                    connection.terminate()

    async def _publish(self, connection: asyncpg.Connection[Any]) -> None:
        owned: list[int] = []
        while True:
            if len(owned) < BUCKETS:
                taken = await connection.fetch(_OWN, _LOCK_CLASS, BUCKETS)
                owned = sorted({*owned, *(row["bucket"] for row in taken)})
                self.owns_all = len(owned) == BUCKETS
            self._work.clear()
            await self._try_set_aside(connection, owned)
            rows = await connection.fetch(_NEXT, owned, _BATCH, list(self._set_aside))
            all_sent = await self._send(connection, rows)
            if self._deleted >= _TIDY_AFTER:
                await connection.execute(_TIDY)
                self._deleted = 0
            if len(rows) == _BATCH or not all_sent or self._work.is_set():
                continue
            if not self._set_aside:
                self.is_caught_up.set()
            # Not wait_for: up to Python 3.11 it may swallow a cancellation that comes together with a wake-up.
            with suppress(TimeoutError):
                async with asyncio.timeout(_SWEEP_S):
                    await self._work.wait()

    async def _try_set_aside(self, connection: asyncpg.Connection[Any], owned: list[int]) -> None:
        now = asyncio.get_running_loop().time()
        for key in [key for key, due in self._set_aside.items() if due <= now]:
            del self._set_aside[key]
            await self._send(connection, await connection.fetch(_OF_KEY, owned, _BATCH, key), again_s=_AGAIN_S)

    async def _send(
        self, connection: asyncpg.Connection[Any], rows: Sequence[asyncpg.Record], again_s: float = 0.0
    ) -> bool:
        """Send the rows in order and delete those that are on their topic; whether all are."""
        if not rows:
            return True
        try:
            outcomes = await self._speaker.send([_record(row) for row in rows])
        except Exception as away:
            _log.warning("broker away", reason=type(away).__name__)
            outcomes = [Outcome.UNSURE] * len(rows)
        sent = [row["id"] for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.SENT]
        if sent:
            await connection.execute(_DONE, sent)
            self._deleted += len(sent)
        refused = {row["key"]: row for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.REFUSED}
        for key, row in refused.items():
            # Its neighbours in the producer's batch share the refusal: each key is first tried again alone, at once.
            self._set_aside[key] = asyncio.get_running_loop().time() + again_s
            if again_s:
                _log.error("event refused by the broker", type=row["type"], event_id=str(row["event_id"]))
        if len(sent) < len(rows) and not refused:
            await asyncio.sleep(0.5)
        return len(sent) == len(rows)


def _record(row: asyncpg.Record) -> Record:
    return Record(
        topic=row["topic"],
        key=row["key"],
        partition=row["partition"],
        event_id=str(row["event_id"]),
        type=row["type"],
        version=row["version"],
        trace=row["trace"],
        value=row["value"],
    )
