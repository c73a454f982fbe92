"""Attempts to pay: the intent before the bank hears of it, leases with fences while it is spoken to, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis import sql
from chassis.sealing import SealBroken
from chassis.transaction import Transaction
from contracts.values import AccountNumber, Office
from contracts.vocabulary import Aid
from services.payments.domain.entitlement import Payee
from services.payments.domain.payment import Claimed
from services.payments.store import payees

_INTENDED = "intended"

_INTEND = """
insert into attempts (instruction_id, line_id, roster_id, office, month, number, amount_fen, account_key, payee, seal,
    state, sendings, valid_until, ask_at, lease_until, fence)
select instruction_id, line_id, roster_id, office, month, 1, amount_fen, account_key, payee, seal, 'intended', 1, $1,
    $2, $3, 1
from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bytea[], $11::bytea[],
    $12::bytea[]) as t (instruction_id, line_id, roster_id, office, month, amount_fen, account_key, payee, seal)
"""

_AGAIN = """
insert into attempts (instruction_id, line_id, roster_id, office, month, number, amount_fen, account_key, payee, seal,
    state, valid_until, ask_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'due', $11, $11)
"""

_CLAIM = """
with open as (
    select a.instruction_id, a.state as was from attempts a join rosters r using (roster_id)
    where a.state in ('due', 'intended') and a.ask_at <= $1 and a.lease_until < clock_timestamp()
        and (a.state = 'intended' or r.state = 'paying')
    order by a.ask_at limit $2 for no key update of a skip locked
)
update attempts a set state = 'intended', lease_until = $3, fence = fence + 1,
    sendings = sendings + (open.was = 'due')::int,
    valid_until = case when open.was = 'due' then $4 else valid_until end
from open, lines l, rosters r
where a.instruction_id = open.instruction_id and l.line_id = a.line_id and r.roster_id = a.roster_id
returning a.instruction_id, a.line_id, a.roster_id, l.application_id, a.office, a.month, r.office as county, l.aid,
    a.number, a.amount_fen, a.payee, a.seal, a.fence, open.was, a.sendings, l.is_allocated,
    a.valid_until, old.valid_until as previous_until, a.unanswered, l.trace
"""

# The state stands as a value of its own: the index of open attempts would otherwise be read whole for every row.
_SETTLE = """
update attempts a set state = told.state, lease_until = '-infinity', ask_at = told.ask_at, unanswered = told.unanswered,
    bank_ref = told.bank_ref, reason = told.reason, settled_at = told.settled_at
from unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::int[], $6::text[], $7::text[],
    $8::timestamptz[]) as told (instruction_id, fence, state, ask_at, unanswered, bank_ref, reason, settled_at)
where a.instruction_id = told.instruction_id and a.fence = told.fence and a.state = $9
returning a.instruction_id
"""

_OF_LINE = """
select instruction_id, number, amount_fen, state, sendings, reason, settled_at, payee
from attempts where line_id = $1 order by number limit 100
"""


class Settlement(NamedTuple):
    """What becomes of an attempt whose fence is still the claimed one."""

    instruction_id: str
    fence: int
    state: str
    ask_at: datetime
    unanswered: int
    bank_ref: str | None
    reason: str | None
    settled_at: datetime | None


class Past(NamedTuple):
    """One attempt of a line, as people see it."""

    instruction_id: str
    number: int
    amount_fen: int
    state: str
    sendings: int
    reason: str | None
    settled_at: datetime | None
    account: AccountNumber


async def intend(
    tx: Transaction, items: Sequence[Claimed], *, valid_until: datetime, now: datetime, lease_until: datetime
) -> None:
    """Write first attempts as intended, already leased to this worker."""
    await sql.execute(
        tx,
        _INTEND,
        valid_until,
        now,
        lease_until,
        [one.instruction_id for one in items],
        [one.line_id for one in items],
        [one.roster_id for one in items],
        [one.office for one in items],
        [one.month for one in items],
        [one.amount_fen for one in items],
        [payees.account_key(tx, one.payee.account.reveal()) for one in items],
        [payees.seal(tx, one.payee, _place(one.instruction_id)) for one in items],
        [_seal(tx, one.instruction_id, one.line_id, one.amount_fen, one.payee) for one in items],
    )


async def again(
    tx: Transaction, instruction_id: str, line_id: str, roster_id: str, office: str, month: str, number: int,
    amount_fen: int, payee: Payee, *, now: datetime,
) -> None:  # fmt: skip
    """Write a further attempt, to be sent when a worker claims it."""
    await sql.execute(
        tx,
        _AGAIN,
        instruction_id,
        line_id,
        roster_id,
        office,
        month,
        number,
        amount_fen,
        payees.account_key(tx, payee.account.reveal()),
        payees.seal(tx, payee, _place(instruction_id)),
        _seal(tx, instruction_id, line_id, amount_fen, payee),
        now,
    )


async def claim_open(
    tx: Transaction, *, limit: int, now: datetime, lease_until: datetime, valid_until: datetime
) -> tuple[list[Claimed], set[str]]:
    """Attempts to work on now, leased; and the rosters of those that somebody has changed since they were intended."""
    sound: list[Claimed] = []
    forged: set[str] = set()
    for row in await sql.fetch(tx, _CLAIM, now, limit, lease_until, valid_until):
        one = _claimed(tx, row)
        if one is None:
            forged.add(row["roster_id"])
        else:
            sound.append(one)
    return sound, forged


def _claimed(tx: Transaction, row: Mapping[str, Any]) -> Claimed | None:
    """The attempt, if its payee and its own seal are as they were written."""
    try:
        payee = payees.unseal(tx, row["payee"], _place(row["instruction_id"]))
    except SealBroken:
        return None
    if row["seal"] != _seal(tx, row["instruction_id"], row["line_id"], row["amount_fen"], payee):
        return None
    return Claimed(
        instruction_id=row["instruction_id"],
        line_id=row["line_id"],
        roster_id=row["roster_id"],
        application_id=row["application_id"],
        office=row["office"],
        month=row["month"],
        payer=Office(row["county"]).code,
        purpose=Aid(row["aid"]),
        number=row["number"],
        amount_fen=row["amount_fen"],
        payee=payee,
        fence=row["fence"],
        must_ask=row["was"] == "intended",
        sendings=row["sendings"],
        is_allocated=row["is_allocated"],
        valid_until=row["valid_until"],
        previous_until=row["previous_until"],
        unanswered=row["unanswered"],
        trace=row["trace"],
    )


async def settle(tx: Transaction, rows: Sequence[Settlement]) -> set[str]:
    """Write how calls ended; the attempts that were still this worker's. Others are left as they are."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {row[0] for row in await sql.fetch(tx, _SETTLE, *columns, _INTENDED)}


async def of_line(tx: Transaction, line_id: str) -> list[Past]:
    """Every attempt, the first first."""
    rows = await sql.fetch(tx, _OF_LINE, line_id)
    return [
        Past(
            row["instruction_id"],
            row["number"],
            row["amount_fen"],
            row["state"],
            row["sendings"],
            row["reason"],
            row["settled_at"],
            payees.unseal(tx, row["payee"], _place(row["instruction_id"])).account,
        )
        for row in rows
    ]


def _seal(tx: Transaction, instruction_id: str, line_id: str, amount_fen: int, payee: Payee) -> bytes:
    """Keyed: an attempt written or changed by SQL alone does not carry it."""
    return tx.blind(f"attempt:{instruction_id}\n{line_id}\n{amount_fen}\n{payees.payee_key(tx, payee).hex()}")


def _place(instruction_id: str) -> str:
    return f"attempts:{instruction_id}"
