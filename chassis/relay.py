"""The outbox relay: claimed rows, ordered per key, woken on commit, swept every second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from chassis.kafka import Speaker
from chassis.transaction import BUCKETS, CHANNEL, Database
from chassis.wire import Record

_log = structlog.get_logger(__name__)
_BATCH = 500
_SWEEP_S = 1.0
_LOCK_CLASS = 7_001

_OWN = """
select bucket from generate_series(0, $2::int - 1) as bucket where pg_try_advisory_lock($1::int, bucket)
"""
_NEXT = """
select id, topic, key, partition, event_id, type, version, trace, value
from outbox where bucket = any($1::smallint[]) order by id limit $2
"""
_DONE = "delete from outbox where id = any($1::bigint[])"


class Relay:
    """Publishes what this service said.

    A dedicated connection holds the advisory locks of the buckets it owns and reads their rows; when it breaks the locks fall, and
    whoever takes them over sends again what was not acknowledged. Within a bucket rows go out by id, so that a key's events keep
    the order in which its aggregate's lock was held; a row behind an unsent one of its key is never sent before it.
    """

    def __init__(self, database: Database, speaker: Speaker, heard: Callable[[frozenset[str]], None]) -> None:
        self._database = database
        self._speaker = speaker
        self._heard = heard
        self._work = asyncio.Event()
        self.is_caught_up = asyncio.Event()

    def wake(self) -> None:
        self.is_caught_up.clear()
        self._work.set()

    async def run(self) -> None:
        """Until cancelled. Connection faults of either side are waited out."""
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await asyncpg.connect(**self._database.address())
                await connection.add_listener(CHANNEL, lambda *heard: self._heard(frozenset(str(heard[3]).split(","))))
                await self._publish(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as broken:
                _log.warning("relay waits", reason=type(broken).__name__)
                await asyncio.sleep(0.5)
            finally:
                if connection is not None:
                    connection.terminate()

    async def _publish(self, connection: asyncpg.Connection[Any]) -> None:
        owned: list[int] = []
        while True:
            if len(owned) < BUCKETS:
                taken = await connection.fetch(_OWN, _LOCK_CLASS, BUCKETS)
                owned = sorted({*owned, *(row["bucket"] for row in taken)})
            self._work.clear()
            if await self._send_batch(connection, owned) < _BATCH and not self._work.is_set():
                self.is_caught_up.set()
                try:
                    await asyncio.wait_for(self._work.wait(), _SWEEP_S)
                except TimeoutError:
                    pass

    async def _send_batch(self, connection: asyncpg.Connection[Any], owned: list[int]) -> int:
        rows = await connection.fetch(_NEXT, owned, _BATCH)
        if not rows:
            return 0
        records = [
            Record(
                topic=row["topic"],
                key=row["key"],
                partition=row["partition"],
                event_id=str(row["event_id"]),
                type=row["type"],
                version=row["version"],
                trace=row["trace"],
                value=row["value"],
            )
            for row in rows
        ]
        try:
            acknowledged = await self._speaker.send(records)
        except Exception as away:
            _log.warning("broker away", reason=type(away).__name__)
            await asyncio.sleep(0.5)
            return 0
        sent = [row["id"] for row, done in zip(rows, acknowledged, strict=True) if done]
        await connection.execute(_DONE, sent)
        if len(sent) < len(rows):
            await asyncio.sleep(0.5)
        return len(sent)
