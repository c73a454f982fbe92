"""What verification can be asked, within the caller's range. Reading what speaks of persons leaves an audit line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.callers import Caller
from chassis.transaction import Transaction
from contracts.audit import Act
from services.verification.store import checks, flags, reports
from services.verification.store.checks import Check
from services.verification.store.filing import plain
from services.verification.store.flags import Line as FlagLine
from services.verification.store.flags import Row as FlagRow
from services.verification.store.reports import Line as ReportLine
from services.verification.store.reports import Signature
from services.verification.usecases.refusals import CheckAbsent, FlagAbsent, ReportAbsent
from services.verification.usecases.signing import Signer

__all__ = ["Check", "FlagLine", "FlagRow", "Read", "ReportLine", "Signature"]

VERSIONS_MAX = 200
"""Versions of one report that are listed."""


@dataclass(frozen=True, slots=True)
class Read:
    """A report as issued: its line, its canonical content, and the signature it stands under."""

    line: ReportLine
    content: dict[str, Any]
    signature: Signature
    public_key: bytes


async def page_of_flags(
    tx: Transaction, caller: Caller, *, closed: bool, after: tuple[datetime, str] | None, limit: int
) -> Sequence[FlagLine]:
    """The flags within the caller's range, the oldest first, nobody named. At most `limit`."""
    return await flags.page(tx, closed=closed, after=after, limit=limit)


async def read_flag(tx: Transaction, caller: Caller, flag_id: str) -> FlagRow:
    """One flag with its arithmetic and evidence. Raises FlagAbsent."""
    row = await flags.get(tx, flag_id)
    if row is None:
        raise FlagAbsent
    tx.audit(Act.FLAG_READ, subject=flag_id, office=row.line.office)
    return row


async def read_check(tx: Transaction, caller: Caller, check_id: str) -> Check:
    """How a check stands. Raises CheckAbsent."""
    check = await checks.get(tx, check_id)
    if check is None:
        raise CheckAbsent
    return check


async def check_of_application(tx: Transaction, caller: Caller, application_id: str) -> Check:
    """The check of an application. Raises CheckAbsent."""
    check = await checks.of_application(tx, application_id)
    if check is None:
        raise CheckAbsent
    return check


async def versions_of_report(tx: Transaction, caller: Caller, application_id: str) -> Sequence[ReportLine]:
    """Every version issued for an application, the first first. Raises CheckAbsent where there is no check."""
    check = await check_of_application(tx, caller, application_id)
    return await reports.of_check(tx, check.check_id, limit=VERSIONS_MAX)


async def read_report(tx: Transaction, caller: Caller, report_id: str) -> Read:
    """One version as issued. Raises ReportAbsent."""
    found = await reports.get(tx, report_id)
    if found is None:
        raise ReportAbsent
    line, content = found
    signature = await reports.signature(tx, line.signature_id)
    assert signature is not None, "a report is never kept without its signature"
    tx.audit(Act.REPORT_READ, subject=report_id, office=line.office)
    return Read(line, plain(content), signature, tx.of(Signer).public_key)
