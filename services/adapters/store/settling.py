"""How calls end: only while they are under way; a worker whose call was given up changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.domain.settling import Next
from services.adapters.store.calls import Evidence, sealed_values
from services.adapters.store.codes import NUMBER_OF_AGENCY, NUMBER_OF_OUTCOME, NUMBER_OF_REASON
from services.adapters.store.inquiries import ORDER_LOCK, hold_order
from services.adapters.store.numbers import array_of

_SETTLE = """
with settled as (
    delete from asking where call_id = $10 returning inquiry_ids, members
), live as (
    select inquiry_id, asked.members
    from settled cross join unnest(inquiry_ids, settled.members) as asked (inquiry_id, members)
), again as (
    insert into cell (inquiry_id, agency, due_at, planned, members, attempts, outcome, reason)
    select inquiry_id, $1, due_at, planned, live.members & new.again, attempts, outcome, reason
    from unnest(
        $2::text::bigint[], $3::text::int[], $4::text::int[], $5::timestamptz[], $6::text::smallint[],
        $7::text::smallint[], $8::text::smallint[]
    ) as new (inquiry_id, again, planned, due_at, attempts, outcome, reason) join live using (inquiry_id)
    where live.members & new.again <> 0
), ended as (
    update call set ended_at = $9, outcome = $11, reason = $12 where call_id = $10 and exists (select from settled)
)
select inquiry_id, members from live
"""

_FINISH = """
with ordered as materialized (
    select pg_advisory_xact_lock_shared($1::bigint)
), read as (
    select * from unnest($2::bigint[], $3::smallint[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[])
        as each (call_id, agency, question_digest, answer_digest, leaves, root, answer)
), settled as (
    delete from asking using ordered, read where asking.call_id = read.call_id
    returning asking.call_id, inquiry_ids, members
), ended as (
    update call set ended_at = $9, outcome = $10, reason = 0 from settled where call.call_id = settled.call_id
), kept as (
    insert into evidence (call_id, agency, answered_at, question_digest, answer_digest, leaves, root, answer)
    select call_id, agency, $9, question_digest, answer_digest, leaves, root, answer
    from read join settled using (call_id)
)
select call_id, inquiry_ids, members from settled
"""


class Settlement(NamedTuple):
    """What one cell of a call becomes."""

    inquiry_id: int
    next: Next


class CallEnd(NamedTuple):
    """How a call ended as a whole."""

    call_id: int
    outcome: Outcome
    reason: Reason


async def settle(
    tx: Transaction, agency: Agency, settlements: Sequence[Settlement], end: CallEnd, *, now: datetime
) -> dict[int, int]:
    """End a call and let wait again what has to be asked again; per inquiry, whose consent is live at this instant.

    Empty when the call was given up meanwhile.
    """
    await hold_order(tx, alone=False)
    steps = [settlement.next for settlement in settlements]
    rows = await sql.fetch(
        tx,
        _SETTLE,
        NUMBER_OF_AGENCY[agency],
        array_of([settlement.inquiry_id for settlement in settlements]),
        array_of([step.again for step in steps]),
        array_of([step.planned for step in steps]),
        [step.due_at for step in steps],
        array_of([step.attempts for step in steps]),
        array_of([NUMBER_OF_OUTCOME[step.outcome] for step in steps]),
        array_of([NUMBER_OF_REASON[step.reason] for step in steps]),
        now,
        end.call_id,
        NUMBER_OF_OUTCOME[end.outcome],
        NUMBER_OF_REASON[end.reason],
    )
    return dict(rows)


async def finish(tx: Transaction, evidence: Sequence[Evidence], *, now: datetime) -> dict[int, dict[int, int]]:
    """End calls that answered about everybody and keep their evidence, as `settle` and `keep_evidence` would.

    Per call, as `settle` says it; calls that were given up meanwhile are left out.
    """
    if not evidence:
        return {}
    rows = await sql.fetch(
        tx,
        _FINISH,
        ORDER_LOCK,
        [each.call_id for each in evidence],
        [NUMBER_OF_AGENCY[each.agency] for each in evidence],
        *zip(*[sealed_values(tx, each) for each in evidence], strict=True),
        now,
        NUMBER_OF_OUTCOME[Outcome.ANSWERED],
    )
    return {call_id: dict(zip(inquiry_ids, members, strict=True)) for call_id, inquiry_ids, members in rows}
