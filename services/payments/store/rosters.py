"""Rosters, the signatures under them, and who was left out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from contracts.values import Month
from services.payments.domain.roster import Head, LeftOut, RosterState

_OPEN = """
insert into rosters (roster_id, office, region, month, state, drawn_by, drawn_at, stands_before, pays_before, lines,
    total_fen, content_hash, leaves)
values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, 0, 0, sha256(''), '')
on conflict (office, month) do nothing returning roster_id
"""
_FINISH = (
    "update rosters set lines = $2, total_fen = $3, left_out = $4, content_hash = $5, leaves = $6 where roster_id = $1"
)
_SELECT = """
select roster_id, office, region, month, state, drawn_by, drawn_at, stands_before, pays_before, lines, total_fen,
    left_out, content_hash, locked_at, paying_since
from rosters
"""
_ONE = _SELECT + "where roster_id = $1 and office >= $2 and office < $3"
_LOCK = _ONE + " for no key update"
_OF_MONTH = _SELECT + "where office = $1 and month = $2"
_PAGE = _SELECT + "where office >= $1 and office < $2 and roster_id > $3 order by roster_id limit $4"
# With a limit of its own the question is asked roster by roster, not once of all lines that are due.
_TO_PAY = """
select roster_id, office, region, month, state, drawn_by, drawn_at, stands_before, pays_before, lines, total_fen,
    left_out, content_hash, locked_at, paying_since
from rosters
where state = 'paying'
    and (select true from lines where lines.roster_id = rosters.roster_id and lines.state = 'due' limit 1)
order by roster_id limit 1
"""
_LEAVES = "select leaves from rosters where roster_id = $1"
_MOVE = """
update rosters set state = $2, locked_at = case when $2 = 'locked' then $3 else locked_at end,
    paying_since = case when $2 = 'paying' then $3 else paying_since end
where roster_id = $1
"""
_SIGN = """
insert into signatures (roster_id, place, office, signer, role, signed_at, content_hash, seal)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_SIGNATURES = """
select place, signer, role, signed_at, content_hash, seal from signatures where roster_id = $1 order by place
"""
_LEAVE_OUT = """
insert into left_out (roster_id, entitlement_id, application_id, office, reason)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[])
"""
_LEFT_OUT = """
select entitlement_id, application_id, office, reason from left_out
where roster_id = $1 and office >= $2 and office < $3 and entitlement_id > $4 order by entitlement_id limit $5
"""


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster as a whole; its lines stand elsewhere."""

    roster_id: str
    office: str
    region: str
    month: Month
    state: RosterState
    drawn_by: str
    drawn_at: datetime
    stands_before: datetime
    pays_before: datetime
    lines: int
    total_fen: int
    left_out: int
    content_hash: bytes
    locked_at: datetime | None
    paying_since: datetime | None

    @property
    def head(self) -> Head:
        return Head(self.roster_id, self.office, self.month, self.lines, self.total_fen)


class Signature(NamedTuple):
    """One of two. `seal` is keyed: nobody who only speaks SQL can write one."""

    place: int
    signer: str
    role: str
    signed_at: datetime
    content_hash: bytes
    seal: bytes


class Omission(NamedTuple):
    """An entitlement in force that stands on no line of the roster, and why."""

    entitlement_id: str
    application_id: str
    office: str
    reason: LeftOut


async def open_roster(tx: Transaction, roster: Roster) -> bool:
    """Begin the roster of an office and month; False where there is one already."""
    return bool(
        await sql.fetchval(
            tx,
            _OPEN,
            roster.roster_id,
            roster.office,
            roster.region,
            str(roster.month),
            roster.drawn_by,
            roster.drawn_at,
            roster.stands_before,
            roster.pays_before,
        )
    )


async def finish(tx: Transaction, head: Head, left_out: int, content_hash: bytes, leaves: bytes) -> None:
    """All lines are written: from now on the roster keeps its content."""
    await sql.execute(tx, _FINISH, head.roster_id, head.lines, head.total_fen, left_out, content_hash, leaves)


async def get(tx: Transaction, roster_id: str) -> Roster | None:
    return _roster(await sql.fetchrow(tx, _ONE, roster_id, *tx.caller.reach))


async def lock(tx: Transaction, roster_id: str) -> Roster | None:
    return _roster(await sql.fetchrow(tx, _LOCK, roster_id, *tx.caller.reach))


async def of_month(tx: Transaction, office: str, month: Month) -> Roster | None:
    return _roster(await sql.fetchrow(tx, _OF_MONTH, office, str(month)))


async def page(tx: Transaction, *, after: str, limit: int) -> list[Roster]:
    rows = await sql.fetch(tx, _PAGE, *tx.caller.reach, after, limit)
    return [roster for row in rows if (roster := _roster(row))]


async def next_to_pay(tx: Transaction) -> Roster | None:
    """A roster being paid that has lines nobody has claimed."""
    return _roster(await sql.fetchrow(tx, _TO_PAY))


async def leaves(tx: Transaction, roster_id: str) -> bytes:
    found: bytes = await sql.fetchval(tx, _LEAVES, roster_id)
    return found


async def move(tx: Transaction, roster_id: str, state: RosterState, *, now: datetime) -> None:
    await sql.execute(tx, _MOVE, roster_id, state, now)


async def sign(tx: Transaction, roster: Roster, one: Signature) -> None:
    await sql.execute(
        tx, _SIGN, roster.roster_id, one.place, roster.office, one.signer, one.role, one.signed_at, *one[4:]
    )


async def signatures(tx: Transaction, roster_id: str) -> list[Signature]:
    return [Signature(*row) for row in await sql.fetch(tx, _SIGNATURES, roster_id)]


async def leave_out(tx: Transaction, roster_id: str, rows: Sequence[Omission]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    await sql.execute(tx, _LEAVE_OUT, roster_id, *columns)


async def left_out(tx: Transaction, roster_id: str, *, after: str, limit: int) -> list[Omission]:
    rows = await sql.fetch(tx, _LEFT_OUT, roster_id, *tx.caller.reach, after, limit)
    return [Omission(row[0], row[1], row[2], LeftOut(row[3])) for row in rows]


def _roster(row: Mapping[str, Any] | None) -> Roster | None:
    if row is None:
        return None
    return Roster(**{**row, "month": Month.parse(row["month"]), "state": RosterState(row["state"])})
