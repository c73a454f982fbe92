"""Events that cannot take effect wait here, seen and re-driven by people; their key is held, all others flow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import sql
from chassis.transaction import Transaction
from chassis.wire import Record

_LIST = """
select id, event_id, topic, key, type, version, part, problem, attempts, parked_at
from parked where id > $1 order by id limit $2
"""
_FIND = """
select id, event_id, topic, key, type, version, part, problem, attempts, parked_at from parked where id = $1
"""
_OF_KEY = """
select id, event_id, topic, key, type, version, trace, value, part from parked where key = $1 order by id for update
"""


@dataclass(frozen=True)
class Parked:
    """A parked event as operators see it: where it came from and why it waits, never its content."""

    id: int
    event_id: str
    topic: str
    key: str
    type: str
    version: int
    part: int | None
    problem: str
    attempts: int
    parked_at: datetime


async def take(tx: Transaction, event_ids: Sequence[str]) -> set[str]:
    """Note the events as taken; those among them that had not been taken before."""
    rows = await sql.fetch(
        tx,
        "insert into inbox (event_id) select unnest($1::uuid[]) on conflict do nothing returning event_id",
        event_ids,
    )
    return {str(row["event_id"]) for row in rows}


async def taken(tx: Transaction, event_ids: Sequence[str]) -> set[str]:
    """Those among the events that were taken before."""
    rows = await sql.fetch(tx, "select event_id from inbox where event_id = any($1::uuid[])", event_ids)
    return {str(row["event_id"]) for row in rows}


async def held_keys(tx: Transaction, keys: Iterable[str]) -> set[str]:
    """Which of these keys wait behind a parked event; they are not even gathered while none at all waits, as usual.

    The rows stay locked against a re-drive until this transaction ends: else the re-drive could let a key go while an
    event of it is being parked here, and later events would pass that one.
    """
    if not await sql.fetchval(tx, "select exists (select from held)"):
        return set()
    rows = await sql.fetch(
        tx, "select key from held where key = any($1::text[]) order by key for share", list(set(keys))
    )
    return {row["key"] for row in rows}


async def park(
    tx: Transaction,
    record: Record,
    key: str,
    problem: str,
    attempts: int,
    *,
    part: int | None = None,
    holds: bool = True,
) -> None:
    """Put the event aside and hold its key, unless it speaks of many cases.

    `problem` is a code or a class name; texts may hold personal data.
    """
    await sql.execute(
        tx,
        "insert into parked (event_id, topic, key, type, version, trace, value, part, problem, attempts)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (event_id) do nothing",
        record.event_id,
        record.topic,
        key,
        record.type,
        record.version,
        record.trace,
        record.value,
        part,
        problem,
        attempts,
    )
    if holds:
        await sql.execute(tx, "insert into held (key) values ($1) on conflict do nothing", key)


async def list_parked(tx: Transaction, after: int, limit: int) -> list[Parked]:
    """Parked events in the order they came."""
    rows = await sql.fetch(tx, _LIST, after, limit)
    return [_parked(row) for row in rows]


async def find_parked(tx: Transaction, parked_id: int) -> Parked | None:
    row = await sql.fetchrow(tx, _FIND, parked_id)
    return _parked(row) if row else None


async def waiting(tx: Transaction, key: str) -> list[tuple[int, Record, int | None]]:
    """All parked events of a key in order, locked for re-driving; first waits for those who are parking one."""
    await sql.execute(tx, "select from held where key = $1 for update", key)
    rows = await sql.fetch(tx, _OF_KEY, key)
    return [
        (
            row["id"],
            Record(
                row["topic"],
                row["key"],
                None,
                str(row["event_id"]),
                row["type"],
                row["version"],
                row["trace"],
                row["value"],
            ),
            row["part"],
        )
        for row in rows
    ]


async def release(tx: Transaction, key: str, parked_ids: Sequence[int]) -> None:
    """The events took effect: forget them and let the key flow once none is left."""
    await sql.execute(tx, "delete from parked where id = any($1::bigint[])", list(parked_ids))
    await sql.execute(
        tx, "delete from held where key = $1 and not exists (select 1 from parked where parked.key = $1)", key
    )


def _parked(row: sql.Record) -> Parked:
    return Parked(
        id=row["id"],
        event_id=str(row["event_id"]),
        topic=row["topic"],
        key=row["key"],
        type=row["type"],
        version=row["version"],
        part=row["part"],
        problem=row["problem"],
        attempts=row["attempts"],
        parked_at=row["parked_at"],
    )
