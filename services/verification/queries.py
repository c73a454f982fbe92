"""What verification can be asked, within the caller's range. Reading what speaks of persons leaves an audit line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.callers import Caller
from chassis.transaction import Transaction
from contracts.audit import Act
from services.verification.domain.signing import Signer
from services.verification.store import checks, flags, reports
from services.verification.store.checks import Check
from services.verification.store.filing import plain
from services.verification.store.flags import Line as FlagLine
from services.verification.store.flags import Row as FlagRow
from services.verification.store.reports import Line as ReportLine
from services.verification.store.reports import Signature

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


async def read_flag(tx: Transaction, caller: Caller, flag_id: str) -> FlagRow | None:
    """One flag with its arithmetic and evidence; None where the caller's range holds none of that id."""
    row = await flags.get(tx, flag_id)
    if row is not None:
        tx.audit(Act.FLAG_READ, subject=flag_id, office=row.line.office)
    return row


async def read_check(tx: Transaction, caller: Caller, check_id: str) -> Check | None:
    """How a check stands."""
    return await checks.get(tx, check_id)


async def check_of_application(tx: Transaction, caller: Caller, application_id: str) -> Check | None:
    """The check of an application."""
    return await checks.of_application(tx, application_id)


async def versions_of_report(tx: Transaction, caller: Caller, application_id: str) -> Sequence[ReportLine] | None:
    """Every version issued for an application, the first first; None where there is no check in the caller's range."""
    check = await checks.of_application(tx, application_id)
    return None if check is None else await reports.of_check(tx, check.check_id, limit=VERSIONS_MAX)


async def read_report(tx: Transaction, caller: Caller, report_id: str) -> Read | None:
    """One version as issued, with its signature."""
    found = await reports.get(tx, report_id)
    if found is None:
        return None
    line, content = found
    signature = await reports.signature(tx, line.signature_id)
    assert signature is not None, "a report is never kept without its signature"
    tx.audit(Act.REPORT_READ, subject=report_id, office=line.office)
    return Read(line, plain(content), signature, tx.of(Signer).public_key)
