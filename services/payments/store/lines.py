"""Lines of rosters with the arithmetic of their months. Their content is written once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from chassis import sql
from chassis.sealing import SealBroken
from chassis.transaction import Transaction
from contracts.values import Month
from contracts.vocabulary import Aid
from services.payments.domain.benefit import Reckoning
from services.payments.domain.entitlement import EntitlementState, Payee
from services.payments.domain.roster import Line, LineState
from services.payments.store import payees

_ADD = """
insert into lines (line_id, roster_id, place, entitlement_id, application_id, office, month, aid, decision_hash,
    amount_fen, account_key, payee_key, payee, trace)
select line_id, $1, place, entitlement_id, application_id, office, $2, aid, decision_hash, amount_fen, account_key,
    payee_key, payee, trace
from unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[],
    $11::bytea[], $12::bytea[], $13::bytea[], $14::text[]) as t (line_id, place, entitlement_id, application_id,
    office, aid, decision_hash, amount_fen, account_key, payee_key, payee, trace)
"""

_ADD_MONTHS = """
insert into line_months (line_id, entitlement_id, office, month, standard_fen, members, income_fen, shortfall_fen,
    supplement_each_fen, supplements, supplement_fen, amount_fen, policy_pack, policy_hash)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::int[], $11::bigint[], $12::bigint[], $13::text[], $14::text[])
"""

_MONTHS = """
select line_id, month, standard_fen, members, income_fen, shortfall_fen, supplement_each_fen, supplements,
    supplement_fen, amount_fen, policy_pack, policy_hash
from line_months where line_id = any($1::text[]) order by line_id, month
"""

_SELECT = """
select l.line_id, l.roster_id, l.place, l.entitlement_id, l.application_id, l.office, l.decision_hash, l.amount_fen,
    l.account_key, l.payee_key, l.payee, l.month, l.aid, l.state, l.reason, l.is_allocated, l.trace,
    e.state as entitlement_state, e.decision_hash as decided_hash, e.region, e.area
from lines l join entitlements e using (entitlement_id)
"""
_ONE = _SELECT + "where l.line_id = $1 and l.office >= $2 and l.office < $3"
_LOCK = _ONE + " for no key update of l"
_CONTENT = """
select line_id, roster_id, place, entitlement_id, application_id, office, decision_hash, amount_fen, account_key,
    payee_key
from lines where roster_id = $1 and place >= $2 and place <= $3 order by place
"""
_PAGE = (
    _SELECT
    + """
where l.roster_id = $1 and l.office >= $2 and l.office < $3 and l.place > $4 order by l.place limit $5
"""
)
_OF_APPLICATION = (
    _SELECT
    + """
where l.application_id = $1 and l.office >= $2 and l.office < $3 and l.line_id > $4 order by l.line_id limit $5
"""
)
_CLAIM = (
    _SELECT
    + """
where l.roster_id = $1 and l.state = 'due' order by l.line_id limit $2 for no key update of l skip locked
"""
)
_UNDER_WAY = "update lines set state = 'under_way', reason = null where line_id = any($1::text[])"
_STOP = """
with stopped as (
    update lines set state = 'stopped', reason = $2 where line_id = any($1::text[]) and state = 'due' returning line_id
)
update line_months set is_void = true where line_id in (select line_id from stopped)
"""
_DUE_OF = """
select line_id from lines where entitlement_id = any($1::text[]) and state = $2 order by line_id for no key update
"""
_SETTLE = """
update lines set state = told.state, reason = told.reason, is_allocated = lines.is_allocated or told.is_allocated
from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) as told (line_id, state, reason, is_allocated)
where lines.line_id = told.line_id
"""
_COUNTS = """
select state, count(*) as lines, coalesce(sum(amount_fen), 0)::bigint as fen from lines
where roster_id = $1 group by state
"""
_month = lru_cache(maxsize=1_000)(Month.parse)


class Row(NamedTuple):
    """A line as kept: its content, and what is known of its money and of the entitlement behind it now."""

    line: Line
    sealed_payee: bytes
    month: str
    aid: Aid
    state: LineState
    reason: str | None
    is_allocated: bool
    trace: str
    entitlement_state: EntitlementState
    decided_hash: str
    region: str
    area: str


class New(NamedTuple):
    """A line to be written."""

    line: Line
    payee: Payee
    aid: Aid
    trace: str


async def add(tx: Transaction, roster_id: str, month: Month, rows: Sequence[New]) -> None:
    lines = [row.line for row in rows]
    await sql.execute(
        tx,
        _ADD,
        roster_id,
        str(month),
        [one.line_id for one in lines],
        [one.place for one in lines],
        [one.entitlement_id for one in lines],
        [one.application_id for one in lines],
        [one.office for one in lines],
        [row.aid for row in rows],
        [one.decision_hash for one in lines],
        [one.amount_fen for one in lines],
        [one.account_key for one in lines],
        [one.payee_key for one in lines],
        [payees.seal(tx, row.payee, _place(row.line.line_id)) for row in rows],
        [row.trace for row in rows],
    )
    months = [(one, month) for one in lines for month in one.months]
    await sql.execute(
        tx,
        _ADD_MONTHS,
        [one.line_id for one, _ in months],
        [one.entitlement_id for one, _ in months],
        [one.office for one, _ in months],
        [str(each.month) for _, each in months],
        [each.standard_fen for _, each in months],
        [each.members for _, each in months],
        [each.income_fen for _, each in months],
        [each.shortfall_fen for _, each in months],
        [each.supplement_each_fen for _, each in months],
        [each.supplements for _, each in months],
        [each.supplement_fen for _, each in months],
        [each.amount_fen for _, each in months],
        [each.policy_pack for _, each in months],
        [each.policy_hash for _, each in months],
    )


async def get(tx: Transaction, line_id: str) -> Row | None:
    rows = await _whole(tx, await sql.fetch(tx, _ONE, line_id, *tx.caller.reach))
    return rows[0] if rows else None


async def lock(tx: Transaction, line_id: str) -> Row | None:
    rows = await _whole(tx, await sql.fetch(tx, _LOCK, line_id, *tx.caller.reach))
    return rows[0] if rows else None


async def content(tx: Transaction, roster_id: str, places: range) -> list[Line]:
    """What the lines at these places say, whoever's they are: what signatures and hash speak of."""
    rows = await sql.fetch(tx, _CONTENT, roster_id, places.start, places.stop - 1)
    months = await _months_of(tx, rows)
    return [_line(row, months) for row in rows]


async def page(tx: Transaction, roster_id: str, *, after: int, limit: int) -> list[Row]:
    """The lines of a roster within the caller's range."""
    return await _whole(tx, await sql.fetch(tx, _PAGE, roster_id, *tx.caller.reach, after, limit))


async def of_application(tx: Transaction, application_id: str, *, after: str, limit: int) -> list[Row]:
    return await _whole(tx, await sql.fetch(tx, _OF_APPLICATION, application_id, *tx.caller.reach, after, limit))


async def claim_due(tx: Transaction, roster_id: str, limit: int) -> list[Row]:
    """Lines nobody has claimed, locked."""
    return await _whole(tx, await sql.fetch(tx, _CLAIM, roster_id, limit))


async def send_off(tx: Transaction, line_ids: Sequence[str]) -> None:
    """Their money is on its way."""
    await sql.execute(tx, _UNDER_WAY, list(line_ids))


async def stop(tx: Transaction, line_ids: Sequence[str], reason: str) -> int:
    """Lines nobody has claimed are not paid, and their months are free for a later roster. How many."""
    return await sql.execute(tx, _STOP, list(line_ids), reason)


async def due_of(tx: Transaction, entitlement_ids: Sequence[str]) -> list[str]:
    """Lines of these entitlements that nobody has claimed, locked."""
    return [row[0] for row in await sql.fetch(tx, _DUE_OF, list(entitlement_ids), LineState.DUE)]


async def settle(tx: Transaction, rows: Sequence[tuple[str, LineState, str | None, bool]]) -> None:
    """What became of lines under way: (line, state, reason, allocated)."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await sql.execute(tx, _SETTLE, *columns)


async def counts(tx: Transaction, roster_id: str) -> dict[LineState, tuple[int, int]]:
    """Lines and fen by state."""
    return {LineState(row[0]): (row[1], row[2]) for row in await sql.fetch(tx, _COUNTS, roster_id)}


def payee_of(tx: Transaction, row: Row) -> Payee:
    """Raises SealBroken where somebody has put another's in its place."""
    return payees.unseal(tx, row.sealed_payee, _place(row.line.line_id))


def signed_payees(tx: Transaction, rows: Sequence[Row]) -> dict[str, Payee] | None:
    """The payees by line; None unless every one is whom its line was signed with."""
    found: dict[str, Payee] = {}
    for row in rows:
        try:
            payee = payee_of(tx, row)
        except SealBroken:
            return None
        if payees.payee_key(tx, payee) != row.line.payee_key:
            return None
        found[row.line.line_id] = payee
    return found


def _place(line_id: str) -> str:
    return f"lines:{line_id}"


async def _whole(tx: Transaction, found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The lines with the arithmetic of their months."""
    months = await _months_of(tx, found)
    return [
        Row(
            _line(row, months),
            row["payee"],
            row["month"],
            Aid(row["aid"]),
            LineState(row["state"]),
            row["reason"],
            row["is_allocated"],
            row["trace"],
            EntitlementState(row["entitlement_state"]),
            row["decided_hash"],
            row["region"],
            row["area"],
        )
        for row in found
    ]


async def _months_of(tx: Transaction, found: Sequence[Mapping[str, Any]]) -> dict[str, list[Reckoning]]:
    """By line, oldest first."""
    months: dict[str, list[Reckoning]] = {}
    for each in await sql.fetch(tx, _MONTHS, [row["line_id"] for row in found]) if found else ():
        line_id, month, *figures = each
        months.setdefault(line_id, []).append(Reckoning(_month(month), *figures))
    return months


def _line(row: Mapping[str, Any], months: Mapping[str, Sequence[Reckoning]]) -> Line:
    return Line(
        row["line_id"],
        row["roster_id"],
        row["place"],
        row["entitlement_id"],
        row["application_id"],
        row["office"],
        row["decision_hash"],
        row["amount_fen"],
        row["account_key"],
        row["payee_key"],
        tuple(months.get(row["line_id"], ())),
    )
