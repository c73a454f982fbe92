"""Reviewing: a caseworker closes a flag; the last one closed issues the next version of the report (R-069 to R-071)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.callers import Caller
from chassis.transaction import Transaction
from contracts.audit import Act
from services.verification.domain.report import is_due
from services.verification.domain.review import Fault, Opinion, Unacceptable, resolve
from services.verification.store import checks, flags
from services.verification.store.flags import Row
from services.verification.store.reports import Issued
from services.verification.usecases import issuing
from services.verification.usecases.refusals import (
    FlagAbsent,
    FlagAlreadyResolved,
    FlagMoot,
    ResolutionUnacceptable,
)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The closed flag, and the report issued because it was the last one open."""

    row: Row
    issued: Issued | None


async def lock_flag(tx: Transaction, caller: Caller, flag_id: str) -> Row:
    """The flag, with its check held against every other change. Raises FlagAbsent."""
    row = await flags.get(tx, flag_id)
    if row is None:
        raise FlagAbsent
    await checks.lock(tx, [row.line.check_id])
    locked = await flags.get(tx, flag_id)
    assert locked is not None, "flags are never deleted"
    return locked


async def resolve_flag(tx: Transaction, caller: Caller, row: Row, opinion: Opinion, *, now: datetime) -> Reviewed:
    """Close a locked flag, for good. Agency's data wrong opens a correction ticket.

    Raises FlagAlreadyResolved, FlagMoot, ResolutionUnacceptable.
    """
    line = row.line
    if line.state == "moot":
        raise FlagMoot
    policy = issuing.policy_of(tx, (await issuing.household_of(tx, line.check_id)).household)
    try:
        closed = resolve(row.standing, opinion, policy, by=caller.subject, now=now)
    except Unacceptable as broken:
        if Fault.ALREADY_CLOSED in broken.faults:
            raise FlagAlreadyResolved from None
        raise ResolutionUnacceptable(broken.faults) from None
    resolution = closed.resolution
    assert resolution is not None
    await flags.close(tx, line.flag_id, resolution)
    if resolution.ticket is not None:
        await flags.open_ticket(tx, resolution.ticket, line.office, now=now)
    tx.audit(
        Act.FLAG_RESOLVED,
        subject=line.flag_id,
        office=line.office,
        details={"finding": str(opinion.finding), "code": line.code, "evidence": len(opinion.evidence)},
    )
    issued = await _after(tx, line.check_id, now)
    shown = line._replace(state="closed", finding=str(opinion.finding), closed_at=now, revision=line.revision + 1)
    return Reviewed(Row(shown, closed), issued)


async def _after(tx: Transaction, check_id: str, now: datetime) -> Issued | None:
    """Count the flag as closed; the last one issues the next version."""
    check = await checks.close_flag(tx, check_id)
    if not is_due(check.version, all_ended=check.all_ended, closed_last_flag=check.open_flags == 0):
        return None
    (issued,) = await issuing.issue(tx, [check], now=now)
    return issued
