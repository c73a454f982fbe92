"""Checks in the database: one narrow row each, the household sealed beside it.

Rows are locked in the order of check ids.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import Agency
from services.verification.store.codes import agencies_of

_ADD = """
with told as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::timestamptz[],
        $8::bytea[]) as t (check_id, application_id, office, planned, ended, trace, due_at, content)
), added as (
    insert into checks (check_id, application_id, office, state, planned, ended, trace, opened_at, due_at)
    select check_id, application_id, office, 'open', planned, ended, trace, $9, due_at from told
    on conflict (application_id) do nothing
    returning check_id
), kept as (
    insert into households (check_id, office, content)
    select told.check_id, told.office, told.content from told join added using (check_id)
)
select check_id from added
"""

_NOTE = """
with told as (
    select * from unnest($2::text[], $3::int[], $4::int[]) as t (check_id, ended, silent)
), met as materialized (
    select c.check_id as met_id, told.ended as met_ended, told.silent as met_silent
    from checks c join told using (check_id) order by c.check_id for no key update of c
)
update checks
set ended = ended | (met_ended & planned), silent = silent | (met_silent & planned), last_batch = $1::uuid
from met where check_id = met_id
returning check_id, application_id, office, state, planned, ended, old.silent, version, report_id, open_flags, trace,
    opened_at, due_at, old.last_batch
"""

_SELECT = """
select check_id, application_id, office, state, planned, ended, silent, version, report_id, open_flags, trace,
    opened_at, due_at, last_batch
from checks
"""

_LOCK = _SELECT + "where check_id = any($1::text[]) order by check_id for no key update"
_LOCK_APPLICATIONS = _SELECT + "where application_id = any($1::text[]) order by check_id for no key update"
_ONE = _SELECT + "where check_id = $1 and office >= $2 and office < $3"
_OF_APPLICATION = _SELECT + "where application_id = $1 and office >= $2 and office < $3"

_OVERDUE = """
select check_id, application_id, office, state, planned, ended, silent, version, report_id, open_flags, trace,
    opened_at, due_at, last_batch
from checks
where check_id in (
    select check_id from checks where state = 'open' and due_at <= $1 order by due_at limit $2
)
order by check_id for no key update skip locked
"""

_STOP = """
with stopped as (
    update checks set state = 'stopped', open_flags = 0 where check_id = any($1::text[])
), moot as (
    update flags set state = 'moot', revision = revision + 1 where check_id = any($1::text[]) and state = 'open'
)
select 1
"""

_CLOSE_FLAG = """
update checks set open_flags = open_flags - 1 where check_id = $1
returning check_id, application_id, office, state, planned, ended, silent, version, report_id, open_flags, trace,
    opened_at, due_at, last_batch
"""

_CONTENT = "select check_id, content from households where check_id = any($1::text[])"


class NewCheck(NamedTuple):
    """A check to be opened, its household sealed."""

    check_id: str
    application_id: str
    office: str
    planned: int
    """Agencies of the plan, as bits (store/codes.py)."""
    ended: int
    """Those of them with nobody left to ask about."""
    trace: str
    due_at: datetime
    household: bytes


class Check(NamedTuple):
    """A check as its row says."""

    check_id: str
    application_id: str
    office: str
    state: str
    planned_bits: int
    ended_bits: int
    silent_bits: int
    """Agencies whose silence was noted, before the statement that returned this row."""
    version: int
    report_id: str | None
    open_flags: int
    trace: str
    opened_at: datetime
    due_at: datetime
    last_batch: UUID | None
    """The batch that last brought anything about it, before the statement that returned this row."""

    @property
    def all_ended(self) -> bool:
        return self.ended_bits & self.planned_bits == self.planned_bits

    @property
    def planned(self) -> frozenset[Agency]:
        return agencies_of(self.planned_bits)

    @property
    def ended(self) -> frozenset[Agency]:
        return agencies_of(self.ended_bits)

    @property
    def silent(self) -> frozenset[Agency]:
        return agencies_of(self.silent_bits)


async def add(tx: Transaction, new: Sequence[NewCheck], *, now: datetime) -> set[str]:
    """Keep new checks with their households; the ids kept. A second check of an application is left out."""
    rows = await sql.fetch(
        tx,
        _ADD,
        [one.check_id for one in new],
        [one.application_id for one in new],
        [one.office for one in new],
        [one.planned for one in new],
        [one.ended for one in new],
        [one.trace for one in new],
        [one.due_at for one in new],
        [one.household for one in new],
        now,
    )
    return {row[0] for row in rows}


async def note(
    tx: Transaction, batch: UUID, ended: dict[str, int], silent: dict[str, int] | None = None
) -> list[Check]:
    """Lock checks and add the agencies, as bits, that ended or were silent by a batch.

    Unknown ids are missing from the answer.
    """
    ids = list(ended)
    quiet = silent or {}
    rows = await sql.fetch(tx, _NOTE, batch, ids, [ended[one] for one in ids], [quiet.get(one, 0) for one in ids])
    return [_check(row) for row in rows]


async def lock(tx: Transaction, check_ids: Collection[str]) -> list[Check]:
    return [_check(row) for row in await sql.fetch(tx, _LOCK, list(check_ids))]


async def lock_applications(tx: Transaction, application_ids: Collection[str]) -> list[Check]:
    return [_check(row) for row in await sql.fetch(tx, _LOCK_APPLICATIONS, list(application_ids))]


async def lock_overdue(tx: Transaction, *, now: datetime, limit: int) -> list[Check]:
    """Open checks whose deadline has passed, the oldest first; those that somebody holds are left for the next time."""
    return [_check(row) for row in await sql.fetch(tx, _OVERDUE, now, limit)]


async def stop(tx: Transaction, check_ids: Collection[str]) -> None:
    """Nothing more comes of these locked checks; their open flags become moot."""
    await sql.execute(tx, _STOP, list(check_ids))


async def close_flag(tx: Transaction, check_id: str) -> Check:
    """One flag less is open on this locked check."""
    row = await sql.fetchrow(tx, _CLOSE_FLAG, check_id)
    assert row is not None, "the check is locked"
    return _check(row)


async def households(tx: Transaction, check_ids: Collection[str]) -> dict[str, bytes]:
    """The sealed households of these checks."""
    return {row[0]: row[1] for row in await sql.fetch(tx, _CONTENT, list(check_ids))}


async def get(tx: Transaction, check_id: str) -> Check | None:
    """The check, if the caller's range holds it."""
    row = await sql.fetchrow(tx, _ONE, check_id, *tx.caller.reach)
    return _check(row) if row else None


async def of_application(tx: Transaction, application_id: str) -> Check | None:
    row = await sql.fetchrow(tx, _OF_APPLICATION, application_id, *tx.caller.reach)
    return _check(row) if row else None


def _check(row: sql.Record) -> Check:
    return Check(*row)
