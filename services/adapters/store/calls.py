"""Calls to agencies, written down before they are made, and the evidence of what was answered: sealed and hashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.store.codes import AGENCY_OF_NUMBER, NUMBER_OF_AGENCY, OUTCOME_OF_NUMBER, REASON_OF_NUMBER

_KEEP = """
insert into evidence (call_id, agency, answered_at, question_digest, answer_digest, leaves, root, answer)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (call_id) do nothing
"""

_FIND = (
    "select agency, answered_at, question_digest, answer_digest, leaves, root, answer from evidence where call_id = $1"
)

_OF_CHECK = """
select call.call_id, call.agency, call.asked_at, call.ended_at, call.purpose,
    cardinality(call.inquiry_ids) as households, call.persons, call.outcome, call.reason, evidence.root
from inquiry join call on inquiry.inquiry_id = any(call.inquiry_ids)
        and inquiry.inquiry_id <@ int8range(inquiry_ids[1], inquiry_ids[cardinality(inquiry_ids)], '[]')
    left join evidence using (call_id)
where inquiry.check_id = $1 and call.call_id > $2 order by call.call_id limit $3
"""

_OFFICE_OF_CHECK = "select office from inquiry where check_id = $1"

_LAST_GOOD = "select answered_at from evidence where agency = $1 order by call_id desc limit 1"

_FORGET = """
delete from evidence where call_id in (select call_id from evidence order by call_id limit $2) and answered_at < $1
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves an answer. `leaves` are the cells' hashes in the order in which the call names its households."""

    call_id: int
    agency: Agency
    answered_at: datetime
    question_digest: bytes
    answer_digest: bytes
    leaves: bytes
    root: bytes
    packed_answer: bytes
    """The raw answer, compressed; sealed only on its way to the table."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call in which a household took part, as auditors see it, in business time; `root` if an answer was kept."""

    call_id: int
    agency: Agency
    asked_at: datetime
    ended_at: datetime | None
    purpose: str
    households: int
    persons: int
    outcome: Outcome | None
    reason: Reason
    root: bytes | None


async def keep_evidence(tx: Transaction, evidence: Evidence) -> None:
    """Keep an answer for good measure: 90 days, sealed (R-240, INV-14)."""
    await sql.execute(
        tx,
        _KEEP,
        evidence.call_id,
        NUMBER_OF_AGENCY[evidence.agency],
        evidence.answered_at,
        *sealed_values(tx, evidence),
    )


def sealed_values(tx: Transaction, evidence: Evidence) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """The columns from `question_digest` to `answer`, the last one sealed."""
    sealed = tx.seal(evidence.packed_answer, _context(evidence.call_id))
    return evidence.question_digest, evidence.answer_digest, evidence.leaves, evidence.root, sealed


async def find_evidence(tx: Transaction, call_id: int) -> Evidence | None:
    """The evidence of a call with its answer opened; None when none was kept or it was forgotten."""
    row = await sql.fetchrow(tx, _FIND, call_id)
    if row is None:
        return None
    return Evidence(
        call_id,
        AGENCY_OF_NUMBER[row["agency"]],
        row["answered_at"],
        row["question_digest"],
        row["answer_digest"],
        row["leaves"],
        row["root"],
        tx.open(row["answer"], _context(call_id)),
    )


async def office_of_check(tx: Transaction, check_id: str) -> str | None:
    """The office of a check in the caller's reach; None when there is none."""
    office: str | None = await sql.fetchval(tx, _OFFICE_OF_CHECK, check_id)
    return office


async def calls_of_check(tx: Transaction, check_id: str, *, after: int, limit: int) -> Sequence[Call]:
    """The calls in which the check's household was asked about, in the order they were made."""
    return [
        Call(
            row["call_id"],
            AGENCY_OF_NUMBER[row["agency"]],
            row["asked_at"],
            row["ended_at"],
            row["purpose"],
            row["households"],
            row["persons"],
            OUTCOME_OF_NUMBER[row["outcome"]],
            REASON_OF_NUMBER[row["reason"]],
            row["root"],
        )
        for row in await sql.fetch(tx, _OF_CHECK, check_id, after, limit)
    ]


async def last_good_answer(tx: Transaction, agency: Agency) -> datetime | None:
    """When this agency last answered."""
    at: datetime | None = await sql.fetchval(tx, _LAST_GOOD, NUMBER_OF_AGENCY[agency])
    return at


async def forget_evidence(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete evidence older than `before`, oldest first; how many calls' worth."""
    return await sql.execute(tx, _FORGET, before, limit)


def _context(call_id: int) -> str:
    return f"evidence.answer:{call_id}"
