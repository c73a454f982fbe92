"""Cells that wait to be asked. A claim takes them out of the queue and into a call; see `asking` for what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.store.codes import AGENCY_OF_NUMBER, NUMBER_OF_AGENCY, OUTCOME_OF_NUMBER, REASON_OF_NUMBER
from services.adapters.store.numbers import array_of

HOUSEHOLDS_MAX = 80
"""Cells looked at in one claim. Written into the statement, so that the planner sees how few they are."""

_CLAIM = """
with candidates as (
    select inquiry_id, due_at, members, attempts from cell
    where agency = $1::smallint and due_at <= $2
    order by due_at limit 80 for update skip locked
), numbered as (
    select inquiry_id, members, attempts > 0 as is_retried, first_value(attempts > 0) over line as first_is_retried,
        row_number() over line as place, sum(bit_count(members::bit(32))) over line as persons
    from candidates window line as (order by due_at, inquiry_id rows unbounded preceding)
), picked as (
    select inquiry_id from numbered
    where is_retried = first_is_retried and place <= case when is_retried then $4::int else $3::int end
        and (persons <= $5::int or place = 1)
), taken as (
    delete from cell using picked where cell.inquiry_id = picked.inquiry_id and cell.agency = $1
    returning cell.inquiry_id, cell.planned, cell.members, cell.attempts, cell.outcome, cell.reason
), called as (
    insert into call (agency, asked_at, purpose, inquiry_ids, persons)
    select $1::smallint, $2, $7::text, array_agg(inquiry_id order by inquiry_id), sum(bit_count(members::bit(32)))
    from taken having count(*) > 0
    returning call_id
), asked as (
    insert into asking (call_id, agency, lease_until, inquiry_ids, planned, members, attempts, outcomes, reasons)
    select call_id, $1, $6, array_agg(inquiry_id order by inquiry_id), array_agg(planned order by inquiry_id),
        array_agg(members order by inquiry_id), array_agg(attempts order by inquiry_id),
        array_agg(outcome order by inquiry_id), array_agg(reason order by inquiry_id)
    from called cross join taken group by call_id
)
select taken.inquiry_id, call_id, planned, members, attempts, outcome, reason,
    (select count(*) from candidates) as candidates
from taken cross join called order by taken.inquiry_id
"""

_PUT = """
insert into cell (inquiry_id, agency, due_at, planned, members, attempts, outcome, reason)
select inquiry_id, agency, $1, planned, members, 0, 0, 0
from unnest($2::text::bigint[], $3::text::smallint[], $4::text::int[], $5::text::int[])
    as new (inquiry_id, agency, planned, members)
"""

_STOP = """
with met as (
    select inquiry_id, agency, members from cell where inquiry_id = any($1::bigint[])
    order by inquiry_id, agency for update
), less as (
    select inquiry_id, agency, met.members & ~gone.members as members
    from met join unnest($1::bigint[], $2::int[]) as gone (inquiry_id, members) using (inquiry_id)
), ended as (
    delete from cell using less
    where cell.inquiry_id = less.inquiry_id and cell.agency = less.agency and less.members = 0
), lessened as (
    update cell set members = less.members from less
    where cell.inquiry_id = less.inquiry_id and cell.agency = less.agency and less.members <> 0
)
select inquiry_id, agency from less where members = 0
"""

_OPEN = """
select (select count(*) from (select from cell where agency = $1 limit 10000) first_ones)
    + coalesce((select sum(cardinality(inquiry_ids)) from asking where agency = $1), 0) as waiting,
    (select min(due_at) from cell where agency = $1) as oldest
"""


@dataclass(slots=True)
class NewCell:
    """A question of the plan. `members` lacks those who withdrew before the check was heard of; it is not empty."""

    inquiry_id: int
    agency: Agency
    planned: int
    members: int


class ClaimedRow(NamedTuple):
    """A claimed cell as its row said; the inquiry's people are had elsewhere."""

    inquiry_id: int
    call_id: int
    planned: int
    members: int
    attempts: int
    outcome: Outcome | None
    reason: Reason


async def claim(
    tx: Transaction,
    agency: Agency,
    *,
    purpose: str,
    households: int,
    retried: int,
    persons: int,
    until: datetime,
    now: datetime,
) -> tuple[list[ClaimedRow], bool]:
    """Claim what is due for one call and write that call down, before it is made; and whether more may be due.

    Cells never asked before and cells asked again are not mixed; at most `households` of the former or `retried` of the
    latter, and about at most `persons` members (or one household).
    """
    rows = await sql.fetch(tx, _CLAIM, NUMBER_OF_AGENCY[agency], now, households, retried, persons, until, purpose)
    claimed = [
        ClaimedRow(
            inquiry_id, call_id, planned, members, attempts, OUTCOME_OF_NUMBER[outcome], REASON_OF_NUMBER[reason]
        )
        for inquiry_id, call_id, planned, members, attempts, outcome, reason, _ in rows
    ]
    return claimed, bool(rows) and rows[0]["candidates"] > min(len(rows), HOUSEHOLDS_MAX - 1)


async def put(tx: Transaction, cells: Sequence[NewCell], *, now: datetime) -> None:
    """Let new cells wait; they are due at once."""
    if cells:
        await sql.execute(
            tx,
            _PUT,
            now,
            array_of([cell.inquiry_id for cell in cells]),
            array_of([NUMBER_OF_AGENCY[cell.agency] for cell in cells]),
            array_of([cell.planned for cell in cells]),
            array_of([cell.members for cell in cells]),
        )


async def stop(tx: Transaction, gone: Sequence[tuple[int, int]]) -> list[tuple[int, Agency]]:
    """Take members out of waiting cells, per (inquiry, set of members); the cells nobody is left in wait no more."""
    rows = await sql.fetch(tx, _STOP, [each[0] for each in gone], [each[1] for each in gone])
    return [(inquiry_id, AGENCY_OF_NUMBER[agency]) for inquiry_id, agency in rows]


async def open_cells(tx: Transaction, agency: Agency) -> tuple[int, datetime | None]:
    """How many cells of this agency wait (counted up to 10,000) or are being asked; since when the first is due."""
    row = await sql.fetchrow(tx, _OPEN, NUMBER_OF_AGENCY[agency])
    assert row is not None
    return row["waiting"], row["oldest"]
