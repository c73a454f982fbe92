"""What verification refuses, in its own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from chassis.refusal import Absent, FieldError, Kind, Refusal
from services.verification.domain.review import FAULTS, Fault

T = TypeVar("T")


class CheckUnknown(Refusal):
    """An answer about a check that was never opened here; it can only be an error, and is parked."""

    kind = Kind.CONFLICT
    code = "check-unknown"
    zh = "没有该核对任务。"
    en = "There is no such check."


class CheckAbsent(Absent):
    code = "check-unknown"
    zh = "没有找到该核对任务。"
    en = "There is no such check."


class FlagAbsent(Absent):
    code = "flag-unknown"
    zh = "没有找到该疑点。"
    en = "There is no such flag."


class ReportAbsent(Absent):
    code = "report-unknown"
    zh = "没有找到该核对报告。"
    en = "There is no such report."


class FlagAlreadyResolved(Refusal):
    kind = Kind.CONFLICT
    code = "flag-already-resolved"
    zh = "该疑点已处置，不能再次处置。"
    en = "This flag is already resolved; a resolution is final."


class FlagMoot(Refusal):
    """The application was withdrawn; nothing is decided on its flags any more."""

    kind = Kind.CONFLICT
    code = "flag-moot"
    zh = "申请已撤回，该疑点无需处置。"
    en = "The application was withdrawn; the flag needs no resolution."


def known(found: T | None, absent: type[Absent]) -> T:
    """What was found; raises the refusal where nothing was."""
    if found is None:
        raise absent
    return found


class ResolutionUnacceptable(Refusal):
    """The resolution breaks rules of review; every one is named (R-069, R-071)."""

    kind = Kind.INVALID
    code = "resolution-unacceptable"
    zh = "处置意见不符合要求，请逐项更正。"
    en = "The resolution is not acceptable; correct each item."

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__(
            [FieldError(_POINTERS[fault], fault.value, FAULTS[fault].zh, FAULTS[fault].en) for fault in faults]
        )


_POINTERS = {
    Fault.ALREADY_CLOSED: "",
    Fault.EVIDENCE_MISSING: "/evidence",
    Fault.EVIDENCE_INVALID: "/evidence",
    Fault.FOUND_MISSING: "/found_fen",
    Fault.FOUND_OUT_OF_RANGE: "/found_fen",
    Fault.FOUND_NOT_ASKED: "/found_fen",
    Fault.CONTACT_IN_FUTURE: "/contact/at",
    Fault.CONTACT_BEFORE_FLAG: "/contact/at",
    Fault.NOTE_TOO_LONG: "/note",
}
