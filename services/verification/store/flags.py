"""Flags in the database: codes and amounts in clear, texts and evidence sealed. None is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.verification.domain.flags import Flag
from services.verification.domain.review import Resolution, Standing, Ticket
from services.verification.store.checks import Check
from services.verification.store.filing import file_flag, file_resolution, unfile_flag, unfile_resolution

_ADD = """
insert into flags (
    flag_id, check_id, application_id, office, code, severity, member_id, agency,
    declared_fen, found_fen, difference_fen, tolerance_fen, detail, raised_at, state)
select *, $14::timestamptz, 'open' from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[])
"""

_RESTATE = """
update flags set declared_fen = t.declared_fen, found_fen = t.found_fen, difference_fen = t.difference_fen,
    tolerance_fen = t.tolerance_fen, detail = t.detail, revision = revision + 1
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])
    as t (flag_id, declared_fen, found_fen, difference_fen, tolerance_fen, detail)
where flags.flag_id = t.flag_id and flags.state = 'open'
"""

_OF_CHECKS = "select check_id, flag_id, raised_at, detail, resolution from flags where check_id = any($1::text[])"

_ONE = """
select flag_id, check_id, application_id, office, code, severity, member_id, agency, declared_fen, found_fen,
    difference_fen, tolerance_fen, raised_at, state, revision, finding, closed_at, detail, resolution
from flags where flag_id = $1 and office >= $2 and office < $3
"""

_PAGE = """
select flag_id, check_id, application_id, office, code, severity, member_id, agency, declared_fen, found_fen,
    difference_fen, tolerance_fen, raised_at, state, revision, finding, closed_at
from flags
where office >= $1 and office < $2 and ($3::timestamptz is null or (raised_at, flag_id) > ($3, $4))
"""
_OPEN_PAGE = _PAGE + "and state = 'open' order by raised_at, flag_id limit $5"
_CLOSED_PAGE = _PAGE + "and state = 'closed' order by raised_at, flag_id limit $5"

_CLOSE = """
update flags set state = 'closed', finding = $2, closed_at = $3, resolution = $4, revision = revision + 1
where flag_id = $1 and state = 'open'
"""

_TICKET = """
insert into tickets (ticket_id, flag_id, office, agency, state, opened_at) values ($1, $2, $3, $4, 'open', $5)
"""


class Line(NamedTuple):
    """A flag in a list: nothing that names a person."""

    flag_id: str
    check_id: str
    application_id: str
    office: str
    code: str
    severity: str
    member_id: str | None
    agency: str
    declared_fen: int | None
    found_fen: int | None
    difference_fen: int | None
    tolerance_fen: int | None
    raised_at: datetime
    state: str
    revision: int
    finding: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A flag whole: its line and how it stands."""

    line: Line
    standing: Standing


async def add(tx: Transaction, raised: Sequence[tuple[Check, Flag]], *, now: datetime) -> None:
    """Keep newly raised flags."""
    if raised:
        await sql.execute(
            tx,
            _ADD,
            [flag.flag_id for _, flag in raised],
            [check.check_id for check, _ in raised],
            [check.application_id for check, _ in raised],
            [check.office for check, _ in raised],
            [str(flag.code) for _, flag in raised],
            [str(flag.severity) for _, flag in raised],
            [flag.member_id for _, flag in raised],
            [str(flag.agency) for _, flag in raised],
            [flag.declared_fen for _, flag in raised],
            [flag.found_fen for _, flag in raised],
            [flag.difference_fen for _, flag in raised],
            [flag.tolerance_fen for _, flag in raised],
            [tx.seal(file_flag(flag), _detail(flag.flag_id)) for _, flag in raised],
            now,
        )


async def restate(tx: Transaction, flags: Sequence[Flag]) -> None:
    """Write changed evidence into open flags."""
    if flags:
        await sql.execute(
            tx,
            _RESTATE,
            [flag.flag_id for flag in flags],
            [flag.declared_fen for flag in flags],
            [flag.found_fen for flag in flags],
            [flag.difference_fen for flag in flags],
            [flag.tolerance_fen for flag in flags],
            [tx.seal(file_flag(flag), _detail(flag.flag_id)) for flag in flags],
        )


async def of_checks(tx: Transaction, check_ids: Collection[str]) -> dict[str, list[Standing]]:
    """How every flag of each check stands."""
    standings: dict[str, list[Standing]] = {check_id: [] for check_id in check_ids}
    for check_id, flag_id, raised_at, detail, resolution in await sql.fetch(tx, _OF_CHECKS, list(check_ids)):
        standings[check_id].append(_standing(tx, flag_id, raised_at, detail, resolution))
    return standings


async def get(tx: Transaction, flag_id: str) -> Row | None:
    """The flag, if the caller's range holds it. Lock its check first where it is to be changed."""
    row = await sql.fetchrow(tx, _ONE, flag_id, *tx.caller.reach)
    if row is None:
        return None
    *line, detail, resolution = row
    shown = Line(*line)
    return Row(shown, _standing(tx, flag_id, shown.raised_at, detail, resolution))


async def page(tx: Transaction, *, closed: bool, after: tuple[datetime, str] | None, limit: int) -> list[Line]:
    """Flags within the caller's range, the oldest first, beyond `after`."""
    raised_at, flag_id = after or (None, None)
    query = _CLOSED_PAGE if closed else _OPEN_PAGE
    return [Line(*row) for row in await sql.fetch(tx, query, *tx.caller.reach, raised_at, flag_id, limit)]


async def close(tx: Transaction, flag_id: str, resolution: Resolution) -> None:
    """Close an open flag of a locked check, for good."""
    sealed = tx.seal(file_resolution(resolution), _resolution(flag_id))
    await sql.execute(tx, _CLOSE, flag_id, str(resolution.opinion.finding), resolution.at, sealed)


async def open_ticket(tx: Transaction, ticket: Ticket, office: str, *, now: datetime) -> None:
    await sql.execute(tx, _TICKET, ticket.ticket_id, ticket.flag_id, office, str(ticket.agency), now)


def _standing(tx: Transaction, flag_id: str, raised_at: datetime, detail: bytes, resolution: bytes | None) -> Standing:
    return Standing(
        unfile_flag(tx.open(detail, _detail(flag_id))),
        raised_at,
        unfile_resolution(tx.open(resolution, _resolution(flag_id))) if resolution is not None else None,
    )


def _detail(flag_id: str) -> str:
    return f"flags.detail:{flag_id}"


def _resolution(flag_id: str) -> str:
    return f"flags.resolution:{flag_id}"
