"""Calls under way: the cells each asks about, place by place in arrays, until it ends, is stopped or is given up.

A cell is in one place at a time. Withdrawals look first among the cells that wait, then here; whatever moves cells back
from here to there holds the order lock, so that no withdrawal can miss one on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import Agency
from services.adapters.store.cells import NewCell
from services.adapters.store.codes import AGENCY_OF_NUMBER, NUMBER_OF_AGENCY
from services.adapters.store.inquiries import hold_order
from services.adapters.store.numbers import array_of

_BEGIN = """
with new as (
    select agency, ids::bigint[] as ids, planned::int[] as planned, members::int[] as members, lease_until
    from unnest($3::smallint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        as new (agency, ids, planned, members, lease_until)
), called as (
    insert into call (agency, asked_at, purpose, inquiry_ids, persons)
    select agency, $1, $2, ids, (select sum(bit_count(each::bit(32))) from unnest(members) as each) from new
    returning call_id, agency, inquiry_ids
), asked as (
    insert into asking (call_id, agency, lease_until, inquiry_ids, planned, members, attempts, outcomes, reasons)
    select call_id, agency, lease_until, ids, planned, members, none, none, none
    from called join new using (agency)
        cross join lateral (select array_fill(0::smallint, array[cardinality(ids)])) as zeros (none)
    where inquiry_ids[1] = ids[1]
)
select call_id, agency, inquiry_ids[1] as first from called
"""

_STOP = """
with met as (
    select call_id, agency, inquiry_ids, members from asking where inquiry_ids && $1::bigint[]
    order by call_id for update
), each as (
    select call_id, agency, place, inquiry_id, asked.members, asked.members & ~coalesce(gone.members, 0) as left_over
    from met cross join unnest(inquiry_ids, met.members) with ordinality as asked (inquiry_id, members, place)
        left join unnest($1::bigint[], $2::int[]) as gone (inquiry_id, members) using (inquiry_id)
), lessened as (
    update asking set members = less.members
    from (select call_id, array_agg(left_over order by place) as members from each group by call_id) as less
    where asking.call_id = less.call_id
)
select inquiry_id, agency from each where left_over = 0 and members <> 0
"""

_GIVE_UP = """
with late as materialized (
    select call_id from asking where lease_until < clock_timestamp() order by call_id limit 100 for update skip locked
), lost as (
    delete from asking using late where asking.call_id = late.call_id
    returning agency, inquiry_ids, planned, members, attempts, outcomes, reasons
), again as (
    insert into cell (inquiry_id, agency, due_at, planned, members, attempts, outcome, reason)
    select inquiry_id, agency, $1, of.planned, of.members, of.attempts, outcome, reason
    from lost cross join unnest(inquiry_ids, lost.planned, lost.members, lost.attempts, outcomes, reasons)
        as of (inquiry_id, planned, members, attempts, outcome, reason)
    where of.members <> 0
)
select distinct agency from lost
"""


async def begin(
    tx: Transaction, calls: Sequence[Sequence[NewCell]], leases: Sequence[datetime], *, purpose: str, now: datetime
) -> list[int]:
    """Write down calls about cells that never waited, each held for its lease; their ids in the order given.

    The cells of a call are of one agency, by inquiry; no two calls have a cell in common.
    """
    if not calls:
        return []
    rows = await sql.fetch(
        tx,
        _BEGIN,
        now,
        purpose,
        [NUMBER_OF_AGENCY[call[0].agency] for call in calls],
        [array_of([cell.inquiry_id for cell in call]) for call in calls],
        [array_of([cell.planned for cell in call]) for call in calls],
        [array_of([cell.members for cell in call]) for call in calls],
        leases,
    )
    ids = {(agency, first): call_id for call_id, agency, first in rows}
    return [ids[NUMBER_OF_AGENCY[call[0].agency], call[0].inquiry_id] for call in calls]


async def stop(tx: Transaction, gone: Sequence[tuple[int, int]]) -> list[tuple[int, Agency]]:
    """Take members out of what is being asked, per (inquiry, set of members); the cells nobody is left in.

    The question has left; its answer about them will be told to nobody.
    """
    rows = await sql.fetch(tx, _STOP, [each[0] for each in gone], [each[1] for each in gone])
    return [(inquiry_id, AGENCY_OF_NUMBER[agency]) for inquiry_id, agency in rows]


async def give_up_lost(tx: Transaction, *, now: datetime) -> list[Agency]:
    """End calls whose lease has run out, some at a time: their cells wait again, due now; the agencies concerned."""
    await hold_order(tx, alone=False)
    return [AGENCY_OF_NUMBER[row["agency"]] for row in await sql.fetch(tx, _GIVE_UP, now)]
