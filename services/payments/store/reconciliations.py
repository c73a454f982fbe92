"""Reconciliations of an office and month, their differences, and the months that are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from contracts.values import Month
from services.payments.domain.books import OURS, Book, bound
from services.payments.domain.reconciliation import Comparison, Difference, Kind, Known, Side
from services.payments.domain.roster import LineState

_ASK = """
insert into reconciliations (reconciliation_id, office, month, asked_by, asked_at, state, ask_at)
values ($1, $2, $3, $4, $5, 'asked', $5)
"""
_SELECT = """
select reconciliation_id, office, month, asked_by, asked_at, state, done_at, lines, system_fen, treasury_fen, bank_fen,
    differences, difference_fen, fence
from reconciliations
"""
_ONE = _SELECT + "where reconciliation_id = $1 and office >= $2 and office < $3"
_LATEST = _SELECT + "where office = $1 and month = $2 order by reconciliation_id desc limit 1"
_CLAIM = """
with asked as (
    select reconciliation_id from reconciliations where state = 'asked' and ask_at <= $1
        and lease_until < clock_timestamp() order by ask_at limit $2 for no key update skip locked
)
update reconciliations r set lease_until = $3, fence = fence + 1 from asked
where r.reconciliation_id = asked.reconciliation_id
returning r.reconciliation_id, office, month, asked_by, asked_at, state, done_at, lines, system_fen, treasury_fen,
    bank_fen, differences, difference_fen, fence
"""
_LATER = """
update reconciliations set lease_until = '-infinity', ask_at = $3
where reconciliation_id = $1 and fence = $2 and state = 'asked'
"""
_DONE = """
update reconciliations set state = 'done', lease_until = '-infinity', done_at = $3, lines = $4, system_fen = $5,
    treasury_fen = $6, bank_fen = $7, differences = $8, difference_fen = $9
where reconciliation_id = $1 and fence = $2 and state = 'asked' returning reconciliation_id
"""
_ADD = """
insert into differences (reconciliation_id, office, number, kind, side, line_id, reference, system_fen, treasury_fen,
    bank_fen)
select $1, $2, * from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
    $10::bigint[])
"""
_DIFFERENCES = """
select number, kind, side, line_id, reference, system_fen, treasury_fen, bank_fen from differences
where reconciliation_id = $1 and office >= $2 and office < $3 and number > $4 order by number limit $5
"""
_OURS = """
select coalesce(max(place), -1), array_agg(line_id), array_agg(instruction_id), array_agg(amount_fen),
    array_agg(account_key), array_agg(state), array_agg(is_allocated), array_agg(died_before)
from (
    select l.place, l.line_id, coalesce(a.instruction_id, l.line_id) as instruction_id, l.amount_fen,
        coalesce(a.account_key, l.account_key) as account_key, l.state, l.is_allocated,
        coalesce(e.end_reason = 'payee_dead' and to_char(e.ended_on, 'YYYY-MM') < l.month, false) as died_before
    from lines l join entitlements e using (entitlement_id)
        left join lateral (
            select instruction_id, account_key from attempts where attempts.line_id = l.line_id
            order by number desc limit 1
        ) a on true
    where l.roster_id = $1 and l.place >= $2 order by l.place limit $3
) as one
"""
_KNOWN = """
select a.instruction_id as reference, l.line_id, l.month, l.state = 'paid' as is_paid
from attempts a join lines l using (line_id) where a.instruction_id = any($1::text[])
union all
select line_id, line_id, month, state = 'paid' from lines where line_id = any($1::text[])
"""
_CLOSE = """
insert into closings (office, month, reconciliation_id, closed_by, closed_at, lines, total_fen)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning month
"""
_CLOSED = (
    "select closed_by, closed_at, reconciliation_id, lines, total_fen from closings where office = $1 and month = $2"
)
_NOW = """
select count(*) filter (where l.state in ('due', 'under_way', 'returned')) as open,
    count(*) filter (where l.state <> 'stopped') as lines,
    coalesce(sum(l.amount_fen) filter (where l.state = 'paid'), 0)::bigint as paid_fen
from lines l join rosters r using (roster_id) where r.office = $1 and r.month = $2
"""
_AT_ONCE = 20_000
"""Lines read at a time: a county of any size needs little more memory than its columns."""


class Reconciliation(NamedTuple):
    """One comparison of three books, asked for or done."""

    reconciliation_id: str
    office: str
    month: str
    asked_by: str
    asked_at: datetime
    state: str
    done_at: datetime | None
    lines: int | None
    system_fen: int | None
    treasury_fen: int | None
    bank_fen: int | None
    differences: int | None
    difference_fen: int | None
    fence: int


class Closing(NamedTuple):
    closed_by: str
    closed_at: datetime
    reconciliation_id: str
    lines: int
    total_fen: int


class Standing(NamedTuple):
    """The month's lines now: without an end, in all but the stopped, and fen paid."""

    open: int
    lines: int
    paid_fen: int


async def ask(tx: Transaction, reconciliation_id: str, office: str, month: Month, *, now: datetime) -> None:
    await sql.execute(tx, _ASK, reconciliation_id, office, str(month), tx.caller.subject, now)


async def get(tx: Transaction, reconciliation_id: str) -> Reconciliation | None:
    row = await sql.fetchrow(tx, _ONE, reconciliation_id, *tx.caller.reach)
    return Reconciliation(*row) if row else None


async def latest(tx: Transaction, office: str, month: Month) -> Reconciliation | None:
    """The one asked for last."""
    row = await sql.fetchrow(tx, _LATEST, office, str(month))
    return Reconciliation(*row) if row else None


async def claim(tx: Transaction, *, limit: int, now: datetime, lease_until: datetime) -> list[Reconciliation]:
    return [Reconciliation(*row) for row in await sql.fetch(tx, _CLAIM, now, limit, lease_until)]


async def put_off(tx: Transaction, one: Reconciliation, until: datetime) -> None:
    await sql.execute(tx, _LATER, one.reconciliation_id, one.fence, until)


async def finish(tx: Transaction, one: Reconciliation, found: Comparison, *, now: datetime) -> bool:
    """Keep a comparison with its differences, if this worker still holds it."""
    is_mine = await sql.fetchval(
        tx,
        _DONE,
        one.reconciliation_id,
        one.fence,
        now,
        found.lines,
        found.system_fen,
        found.treasury_fen,
        found.bank_fen,
        len(found.differences),
        found.difference_fen,
    )
    if is_mine and found.differences:
        columns = [list(column) for column in zip(*found.differences, strict=True)]
        numbers = list(range(1, len(found.differences) + 1))
        await sql.execute(tx, _ADD, one.reconciliation_id, one.office, numbers, *columns)
    return bool(is_mine)


async def differences(
    tx: Transaction, reconciliation_id: str, *, after: int, limit: int
) -> Sequence[tuple[int, Difference]]:
    rows = await sql.fetch(tx, _DIFFERENCES, reconciliation_id, *tx.caller.reach, after, limit)
    return [(row[0], Difference(Kind(row[1]), Side(row[2]), *row[3:])) for row in rows]


async def ours(tx: Transaction, roster_id: str) -> Book:
    """Every line of the roster that was not stopped, with its last attempt."""
    pages: list[Book] = []
    start = 0
    while True:
        [(last, *columns)] = await sql.fetch(tx, _OURS, roster_id, start, _AT_ONCE)
        if last < start:
            break
        page = Book(dict(zip(OURS, columns, strict=True)), schema=dict(OURS))
        pages.append(page.filter(page["state"] != LineState.STOPPED.value))
        start = last + 1
    return bound(pages, OURS)


async def known(tx: Transaction, references: Sequence[str]) -> Mapping[str, Known]:
    rows: list[Any] = list(await sql.fetch(tx, _KNOWN, list(references)))
    return {row[0]: Known(row[1], row[2], row[3]) for row in rows}


async def standing(tx: Transaction, office: str, month: Month) -> Standing:
    row = await sql.fetchrow(tx, _NOW, office, str(month))
    assert row is not None, "an aggregate has a row"
    return Standing(*row)


async def close(tx: Transaction, one: Reconciliation, closing: Closing) -> bool:
    """False where the month is closed already."""
    return bool(
        await sql.fetchval(
            tx,
            _CLOSE,
            one.office,
            one.month,
            one.reconciliation_id,
            closing.closed_by,
            closing.closed_at,
            closing.lines,
            closing.total_fen,
        )
    )


async def closing(tx: Transaction, office: str, month: str) -> Closing | None:
    row = await sql.fetchrow(tx, _CLOSED, office, month)
    return Closing(*row) if row else None
