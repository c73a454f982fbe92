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
    select pg_advisory_xact_lock_shared($10::bigint)
), settled as (
    delete from asking using ordered where call_id = $2 returning inquiry_ids, members
), ended as (
    update call set ended_at = $3, outcome = $4, reason = 0 where call_id = $2 and exists (select from settled)
), kept as (
    insert into evidence (call_id, agency, answered_at, question_digest, answer_digest, leaves, root, answer)
    select $2, $1, $3, $5, $6, $7, $8, $9 from settled
)
select inquiry_ids, members from settled
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


async def finish(tx: Transaction, evidence: Evidence) -> dict[int, int]:
    """End a call that answered about everybody and keep its evidence, as `settle` and `keep_evidence` would."""
    row = await sql.fetchrow(
        tx,
        _FINISH,
        NUMBER_OF_AGENCY[evidence.agency],
        evidence.call_id,
        evidence.answered_at,
        NUMBER_OF_OUTCOME[Outcome.ANSWERED],
        *sealed_values(tx, evidence),
        ORDER_LOCK,
    )
    return dict(zip(row["inquiry_ids"], row["members"], strict=True)) if row is not None else {}
