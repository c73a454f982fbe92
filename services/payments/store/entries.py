"""The ledger in the database: entries are added, never touched again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.payments.domain.ledger import Account, Entry

_ADD = """
insert into entries (movement, reference, line_id, office, month, purpose, debit, credit, amount_fen, at)
select *, $10 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::bigint[])
on conflict (movement, reference) do nothing
"""
_BALANCES = """
select account, coalesce(sum(amount_fen), 0)::bigint as fen from ledger
where office >= $1 and office < $2 and ($3::text is null or month = $3) group by account
"""
_PAGE = """
select entry_id, movement, reference, line_id, office, month, purpose, debit, credit, amount_fen, at from entries
where office >= $1 and office < $2 and ($3::text is null or month = $3) and entry_id > $4 order by entry_id limit $5
"""


class Row(NamedTuple):
    """An entry as kept."""

    entry_id: int
    movement: str
    reference: str
    line_id: str
    office: str
    month: str
    purpose: str
    debit: str
    credit: str
    amount_fen: int
    at: datetime


async def add(tx: Transaction, entries: Sequence[Entry], *, now: datetime) -> None:
    """Book movements; one already booked is not booked again."""
    await sql.execute(
        tx,
        _ADD,
        [one.movement for one in entries],
        [one.reference for one in entries],
        [one.line_id for one in entries],
        [one.office for one in entries],
        [one.month for one in entries],
        [one.purpose for one in entries],
        [one.movement.debit for one in entries],
        [one.movement.credit for one in entries],
        [one.amount_fen for one in entries],
        now,
    )


async def balances(tx: Transaction, month: str | None) -> dict[Account, int]:
    """What each account holds, within the caller's range."""
    found = {Account(row[0]): row[1] for row in await sql.fetch(tx, _BALANCES, *tx.caller.reach, month)}
    return {account: found.get(account, 0) for account in Account}


async def page(tx: Transaction, month: str | None, *, after: int, limit: int) -> list[Row]:
    return [Row(*row) for row in await sql.fetch(tx, _PAGE, *tx.caller.reach, month, after, limit)]
