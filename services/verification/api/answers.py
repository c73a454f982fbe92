"""What verification answers: flags, checks, reports, signatures.

Codes with labels, money in fen, instants with offset.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from chassis.clock import CHINA
from chassis.etags import etag_of
from chassis.paging import PageOf
from contracts.vocabulary import Agency, Conclusion, Finding, FlagCode, Severity
from services.verification.domain import page
from services.verification.queries import Check, FlagLine, FlagRow, Read, ReportLine
from services.verification.usecases.reviewing import Reviewed


class LabelOut(BaseModel):
    code: str
    zh: str
    en: str


class FlagLineOut(BaseModel):
    """A flag in a list; nobody is named. `etag` is what `If-Match` wants."""

    flag_id: str
    etag: str
    check_id: str
    application_id: str
    office: str
    code: LabelOut
    severity: LabelOut
    agency: LabelOut
    member_id: str | None
    declared_fen: int | None
    found_fen: int | None
    difference_fen: int | None
    tolerance_fen: int | None
    raised_at: datetime
    state: str
    finding: LabelOut | None
    closed_at: datetime | None


class FlagsOut(BaseModel):
    data: list[FlagLineOut]
    page: PageOf


class FlagOut(FlagLineOut):
    """A flag whole: declared against found with its arithmetic, the answers behind it, and how it was closed."""

    detail: dict[str, Any]
    resolution: dict[str, Any] | None


class ResolvedOut(BaseModel):
    """The closed flag; the report issued with it when it was the last one open."""

    flag: FlagOut
    report: dict[str, Any] | None


class AgencyOut(LabelOut):
    state: str
    """`ended`, `silent` so far, or `waiting`."""


class CheckOut(BaseModel):
    """How a check stands, agency by agency. Nobody is named."""

    check_id: str
    application_id: str
    office: str
    state: str
    agencies: list[AgencyOut]
    version: int
    report_id: str | None
    open_flags: int
    opened_at: datetime
    due_at: datetime


class ChecksOut(BaseModel):
    data: list[CheckOut]


class ReportLineOut(BaseModel):
    """One version of a report; nobody is named."""

    report_id: str
    number: str
    check_id: str
    application_id: str
    office: str
    version: int
    supersedes: str | None
    issued_at: datetime
    is_partial: bool
    conclusion: LabelOut
    coverage: dict[str, int]
    open_flags: int
    income_per_head_month_fen: int
    household_income_month_fen: int
    income_qualifies: bool
    property_qualifies: bool
    policy_pack: str
    content_hash: str


class ReportsOut(BaseModel):
    data: list[ReportLineOut]


class ReportOut(ReportLineOut):
    """A version as issued. `content_hash` is the sha256 of the canonical spelling of `content`.

    The signature is over it.
    """

    content: dict[str, Any]
    signature: dict[str, Any]


def flag_etag(line: FlagLine) -> str:
    return etag_of(line.flag_id, line.revision)


def flag_line(line: FlagLine) -> dict[str, Any]:
    """The shape of FlagLineOut."""
    return {
        "flag_id": line.flag_id,
        "etag": flag_etag(line),
        "check_id": line.check_id,
        "application_id": line.application_id,
        "office": line.office,
        "code": page.word(FlagCode(line.code)),
        "severity": page.word(Severity(line.severity)),
        "agency": page.word(Agency(line.agency)),
        "member_id": line.member_id,
        "declared_fen": line.declared_fen,
        "found_fen": line.found_fen,
        "difference_fen": line.difference_fen,
        "tolerance_fen": line.tolerance_fen,
        "raised_at": instant(line.raised_at),
        "state": line.state,
        "finding": page.word(Finding(line.finding)) if line.finding else None,
        "closed_at": instant(line.closed_at) if line.closed_at else None,
    }


def flag(row: FlagRow) -> dict[str, Any]:
    """The shape of FlagOut."""
    resolution = row.standing.resolution
    return flag_line(row.line) | {
        "detail": page.flag(row.standing.flag),
        "resolution": page.resolution(resolution) if resolution else None,
    }


def resolved(reviewed: Reviewed) -> dict[str, Any]:
    """The shape of ResolvedOut."""
    issued = reviewed.issued
    return {
        "flag": flag(reviewed.row),
        "report": None
        if issued is None
        else {
            "report_id": issued.report_id,
            "number": issued.report.number,
            "version": issued.report.version,
            "conclusion": page.word(issued.report.conclusion),
            "content_hash": issued.report.content_hash,
        },
    }


def check(one: Check) -> dict[str, Any]:
    """The shape of CheckOut."""
    ended, silent = one.ended, one.silent
    return {
        "check_id": one.check_id,
        "application_id": one.application_id,
        "office": one.office,
        "state": one.state,
        "agencies": [
            page.word(agency) | {"state": "ended" if agency in ended else "silent" if agency in silent else "waiting"}
            for agency in Agency
            if agency in one.planned
        ],
        "version": one.version,
        "report_id": one.report_id,
        "open_flags": one.open_flags,
        "opened_at": instant(one.opened_at),
        "due_at": instant(one.due_at),
    }


def report_line(line: ReportLine) -> dict[str, Any]:
    """The shape of ReportLineOut."""
    return {
        "report_id": line.report_id,
        "number": line.number,
        "check_id": line.check_id,
        "application_id": line.application_id,
        "office": line.office,
        "version": line.version,
        "supersedes": line.supersedes,
        "issued_at": instant(line.issued_at),
        "is_partial": line.is_partial,
        "conclusion": page.word(Conclusion(line.conclusion)),
        "coverage": {
            "asked": line.asked,
            "answered": line.answered,
            "silent": line.silent,
            "invalid": line.invalid,
        },
        "open_flags": line.open_flags,
        "income_per_head_month_fen": line.income_per_head_month_fen,
        "household_income_month_fen": line.household_income_month_fen,
        "income_qualifies": line.income_qualifies,
        "property_qualifies": line.property_qualifies,
        "policy_pack": line.policy_pack,
        "content_hash": line.content_hash.hex(),
    }


def report(read: Read) -> dict[str, Any]:
    """The shape of ReportOut."""
    signature = read.signature
    return report_line(read.line) | {
        "content": read.content,
        "signature": {
            "signature_id": signature.signature_id,
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(read.public_key).decode(),
            "signed_at": instant(signature.signed_at),
            "place": read.line.place,
            "hashes": base64.b64encode(signature.hashes).decode(),
            "signature": base64.b64encode(signature.signature).decode(),
        },
    }


def instant(at: datetime) -> str:
    """With the offset of China, where all offices are."""
    return at.astimezone(CHINA).isoformat(timespec="milliseconds")
