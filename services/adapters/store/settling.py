"""How claimed cells are settled: only where the fence is still the claimed one; a stale worker changes nothing."""

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
from services.adapters.store.numbers import array_of

# States in these statements: 0 open, 1 done, 2 stopped, 3 quarantined (CellState).
# `state + 0` keeps the planner from walking the index of all open cells where it should look up single ones.

_SETTLE = """
with settled as (
    update cell set
        state = case when cell.members & new.again = 0 then 1 else 0 end,
        members = case when cell.members & new.again = 0 then cell.members else cell.members & new.again end,
        planned = new.planned, due_at = new.due_at, attempts = new.attempts, outcome = new.outcome, reason = new.reason,
        lease_until = '-infinity'
    from unnest(
        $2::text::bigint[], $3::text::int[], $4::text::int[], $5::text::int[], $6::timestamptz[], $7::text::smallint[],
        $8::text::smallint[], $9::text::smallint[]
    ) as new (inquiry_id, fence, again, planned, due_at, attempts, outcome, reason)
    where cell.inquiry_id = new.inquiry_id and cell.agency = $1 and cell.fence = new.fence
        and cell.state + 0 = 0
    returning cell.inquiry_id, old.members as live
), ended as (
    update call set ended_at = $11, outcome = $12, reason = $13 where call_id = $10 and ended_at is null
)
select inquiry_id, live from settled
"""

_FINISH = """
with settled as (
    update cell set state = 1, outcome = $4, reason = 0, lease_until = '-infinity'
    from unnest($2::text::bigint[], $3::text::int[]) as new (inquiry_id, fence)
    where cell.inquiry_id = new.inquiry_id and cell.agency = $1 and cell.fence = new.fence
        and cell.state + 0 = 0
    returning cell.inquiry_id, old.members as live
), ended as (
    update call set ended_at = $6, outcome = $4, reason = 0 where call_id = $5 and ended_at is null
), kept as (
    insert into evidence (call_id, agency, answered_at, question_digest, answer_digest, leaves, root, answer)
    select $5, $1, $6, $7, $8, $9, $10, $11 where exists (select 1 from settled)
)
select inquiry_id, live from settled
"""

_QUARANTINE = """
update cell set state = 3
from unnest($2::text::bigint[], $3::text::int[]) as claimed (inquiry_id, fence)
where cell.inquiry_id = claimed.inquiry_id and cell.agency = $1 and cell.fence = claimed.fence
    and cell.state = 2
returning cell.inquiry_id
"""


Held = tuple[int, int]
"""A cell as its worker holds it: inquiry and fence."""


class Settlement(NamedTuple):
    """What one claimed cell becomes."""

    inquiry_id: int
    fence: int
    next: Next


class CallEnd(NamedTuple):
    """How a call ended as a whole."""

    call_id: int
    outcome: Outcome
    reason: Reason


async def settle(
    tx: Transaction, agency: Agency, settlements: Sequence[Settlement], end: CallEnd, *, now: datetime
) -> dict[int, int]:
    """Settle the cells that are still this worker's; per inquiry, the members whose consent is live at this instant."""
    steps = [settlement.next for settlement in settlements]
    rows = await sql.fetch(
        tx,
        _SETTLE,
        NUMBER_OF_AGENCY[agency],
        array_of([settlement.inquiry_id for settlement in settlements]),
        array_of([settlement.fence for settlement in settlements]),
        array_of([step.again for step in steps]),
        array_of([step.planned for step in steps]),
        [step.due_at for step in steps],
        array_of([step.attempts for step in steps]),
        array_of([NUMBER_OF_OUTCOME[step.outcome] for step in steps]),
        array_of([NUMBER_OF_REASON[step.reason] for step in steps]),
        end.call_id,
        now,
        NUMBER_OF_OUTCOME[end.outcome],
        NUMBER_OF_REASON[end.reason],
    )
    return dict(rows)


async def finish(tx: Transaction, claimed: Sequence[Held], evidence: Evidence) -> dict[int, int]:
    """Settle a call that answered about everybody and keep its evidence, as `settle` and `keep_evidence` would."""
    rows = await sql.fetch(
        tx,
        _FINISH,
        NUMBER_OF_AGENCY[evidence.agency],
        array_of([inquiry_id for inquiry_id, _ in claimed]),
        array_of([fence for _, fence in claimed]),
        NUMBER_OF_OUTCOME[Outcome.ANSWERED],
        evidence.call_id,
        evidence.answered_at,
        *sealed_values(tx, evidence),
    )
    return dict(rows)


async def quarantine(tx: Transaction, agency: Agency, claimed: Sequence[Held]) -> set[int]:
    """Of these cells, the inquiries whose cell was stopped while the agency was asked; now quarantined."""
    rows = await sql.fetch(
        tx,
        _QUARANTINE,
        NUMBER_OF_AGENCY[agency],
        array_of([inquiry_id for inquiry_id, _ in claimed]),
        array_of([fence for _, fence in claimed]),
    )
    return {row["inquiry_id"] for row in rows}
