"""Inquiries: the households under check, their people sealed, and the withdrawals that come before or after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from chassis import sql
from chassis.transaction import Transaction
from services.adapters.domain.cells import Household, Inquiry, Person, inquiry_of

ORDER_LOCK = 8_101
"""Openings and ends of calls hold it together, a withdrawal alone: whoever comes second sees what the first wrote."""

_OPEN = """
insert into inquiry (check_id, application_id, office, trace, opened_at, people)
select check_id, application_id, office, trace, $6, people
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[])
    as new (check_id, application_id, office, trace, people)
on conflict (check_id) do nothing
returning inquiry_id, check_id
"""

_LOAD = """
select inquiry_id, check_id, application_id, office, trace, opened_at, people
from inquiry where inquiry_id = any($1::bigint[])
"""

_OF_APPLICATIONS = """
select inquiry_id, check_id, application_id, office, trace, opened_at, people
from inquiry where application_id = any($1::text[]) and length(people) > 0 order by inquiry_id
"""

_TOMBSTONES = "select application_id, member_id from consent_withdrawn where application_id = any($1::text[])"

_BURY = """
insert into consent_withdrawn (application_id, member_id, withdrawn_at)
select application_id, member_id, $3 from unnest($1::text[], $2::text[]) as new (application_id, member_id)
on conflict do nothing
"""

_FORGET = """
update inquiry set people = ''
where inquiry_id in (
    select inquiry_id from inquiry
    where opened_at < $1 and length(people) > 0
      and not exists (select from cell where cell.inquiry_id = inquiry.inquiry_id)
      and not exists (select from asking where inquiry.inquiry_id = any(asking.inquiry_ids))
    order by opened_at limit $2
)
"""


async def hold_order(tx: Transaction, *, alone: bool) -> None:
    """Let openings, ends of calls and withdrawals see each other: none may overlook another's uncommitted work."""
    if alone:
        await sql.execute(tx, "select pg_advisory_xact_lock($1::bigint)", ORDER_LOCK)
    else:
        await sql.execute(tx, "select pg_advisory_xact_lock_shared($1::bigint)", ORDER_LOCK)


async def add(tx: Transaction, households: Sequence[Household], *, now: datetime) -> list[Inquiry]:
    """Write households under check (no check twice); the inquiries about those that were new, by number."""
    rows = await sql.fetch(
        tx,
        _OPEN,
        [household.check_id for household in households],
        [household.application_id for household in households],
        [household.office for household in households],
        [household.trace for household in households],
        [_seal(tx, household) for household in households],
        now,
    )
    by_check = {household.check_id: household for household in households}
    return [inquiry_of(inquiry_id, by_check[check_id]) for inquiry_id, check_id in sorted(map(tuple, rows))]


async def load(tx: Transaction, inquiry_ids: Sequence[int]) -> list[Inquiry]:
    """The inquiries with their people opened."""
    return [_inquiry(tx, row) for row in await sql.fetch(tx, _LOAD, inquiry_ids)]


async def of_applications(tx: Transaction, application_ids: Iterable[str]) -> list[Inquiry]:
    """The inquiries about these applications whose people are still kept."""
    return [_inquiry(tx, row) for row in await sql.fetch(tx, _OF_APPLICATIONS, list(application_ids))]


async def withdrawn_members(tx: Transaction, application_ids: Sequence[str]) -> dict[str, set[str]]:
    """Per application, the members whose consent was withdrawn; EVERYBODY among them when the application was."""
    found: dict[str, set[str]] = {}
    for row in await sql.fetch(tx, _TOMBSTONES, application_ids):
        found.setdefault(row["application_id"], set()).add(row["member_id"])
    return found


async def add_withdrawals(tx: Transaction, withdrawals: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Note (application, member or EVERYBODY) for good; once is enough."""
    await sql.execute(tx, _BURY, [each[0] for each in withdrawals], [each[1] for each in withdrawals], now)


async def forget_people(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Erase who the people of old inquiries are, once nothing is asked about them any more; how many inquiries."""
    return await sql.execute(tx, _FORGET, before, limit)


def _context(check_id: str) -> str:
    return f"inquiry.people:{check_id}"


def _seal(tx: Transaction, household: Household) -> bytes:
    return tx.seal(orjson.dumps([tuple(person) for person in household.people]), _context(household.check_id))


def _inquiry(tx: Transaction, row: sql.Record) -> Inquiry:
    inquiry_id, check_id, application_id, office, trace, opened_at, sealed = row
    people = orjson.loads(tx.open(sealed, _context(check_id))) if sealed else []
    household = Household(
        check_id, application_id, office, trace, opened_at, tuple(Person(*person) for person in people)
    )
    return inquiry_of(inquiry_id, household)
