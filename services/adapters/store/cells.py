"""Cells as a queue: claimed under a lease, stopped by withdrawals.

A claim and a withdrawal meet on the cell's row: whichever commits first is seen by the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.domain.cells import CellState
from services.adapters.store.codes import (
    AGENCY_OF_NUMBER,
    NUMBER_OF_AGENCY,
    NUMBER_OF_OUTCOME,
    NUMBER_OF_REASON,
    OUTCOME_OF_NUMBER,
    REASON_OF_NUMBER,
)

HOUSEHOLDS_MAX = 80
"""Cells looked at in one claim. Written into the statement, so that the planner sees how few they are."""

# States in these statements: 0 open, 1 done, 2 stopped, 3 quarantined (CellState).
# `state + 0` keeps the planner from walking the index of all open cells where it should look up single ones.

_CLAIM = """
with candidates as (
    select inquiry_id, due_at, members, attempts from cell
    where agency = $1::smallint and state = 0 and due_at <= $2 and lease_until < clock_timestamp()
    order by due_at limit 80 for update skip locked
), numbered as (
    select inquiry_id, members, attempts > 0 as is_retried, first_value(attempts > 0) over line as first_is_retried,
        row_number() over line as place, sum(bit_count(members::bit(32))) over line as persons
    from candidates window line as (order by due_at, inquiry_id rows unbounded preceding)
), picked as (
    select inquiry_id, members from numbered
    where is_retried = first_is_retried and place <= case when is_retried then $4::int else $3::int end
        and (persons <= $5::int or place = 1)
), asked as (
    insert into call (agency, asked_at, purpose, inquiry_ids, persons)
    select $1::smallint, $2, $7::text, array_agg(inquiry_id), sum(bit_count(members::bit(32)))
    from picked having count(*) > 0
    returning call_id
)
update cell set lease_until = $6, fence = fence + 1, call_id = asked.call_id
from picked, asked where cell.inquiry_id = picked.inquiry_id and cell.agency = $1
returning cell.inquiry_id, cell.call_id, cell.fence, cell.planned, cell.members, cell.attempts, cell.outcome,
    cell.reason, (select count(*) from candidates) as candidates
"""

_STOP = """
with met as (
    select inquiry_id, agency from cell where inquiry_id = any($1::bigint[]) and state + 0 = 0
    order by inquiry_id, agency for update
)
update cell set
    members = cell.members & ~gone.members,
    state = case when cell.members & ~gone.members = 0 then 2 else 0 end,
    outcome = case when cell.members & ~gone.members = 0 then $3 else cell.outcome end,
    reason = case when cell.members & ~gone.members = 0 then $4 else cell.reason end
from met, unnest($1::bigint[], $2::int[]) as gone (inquiry_id, members)
where cell.inquiry_id = met.inquiry_id and cell.agency = met.agency and gone.inquiry_id = cell.inquiry_id
returning cell.inquiry_id, cell.agency, cell.state
"""

_WAITING = """
select count(*) as waiting, min(due_at) as oldest from (
    select due_at from cell where agency = $1 and state = 0 order by due_at limit 10000
) first_ones
"""


class ClaimedRow(NamedTuple):
    """A claimed cell as its row says; the inquiry's people are had elsewhere."""

    inquiry_id: int
    call_id: int
    fence: int
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
            inquiry_id,
            call_id,
            fence,
            planned,
            members,
            attempts,
            OUTCOME_OF_NUMBER[outcome],
            REASON_OF_NUMBER[reason],
        )
        for inquiry_id, call_id, fence, planned, members, attempts, outcome, reason, _ in rows
    ]
    return claimed, bool(rows) and rows[0]["candidates"] > min(len(rows), HOUSEHOLDS_MAX - 1)


async def stop(tx: Transaction, gone: Sequence[tuple[int, int]]) -> list[tuple[int, Agency]]:
    """Take members out of open cells, per (inquiry, set of members); the cells nobody is left in."""
    rows = await sql.fetch(
        tx,
        _STOP,
        [each[0] for each in gone],
        [each[1] for each in gone],
        NUMBER_OF_OUTCOME[Outcome.SILENT],
        NUMBER_OF_REASON[Reason.CONSENT_WITHDRAWN],
    )
    return [(row["inquiry_id"], AGENCY_OF_NUMBER[row["agency"]]) for row in rows if row["state"] == CellState.STOPPED]


async def waiting(tx: Transaction, agency: Agency) -> tuple[int, datetime | None]:
    """How many cells wait for this agency (counted up to 10,000), and since when the first has been due."""
    row = await sql.fetchrow(tx, _WAITING, NUMBER_OF_AGENCY[agency])
    assert row is not None
    return row["waiting"], row["oldest"]
