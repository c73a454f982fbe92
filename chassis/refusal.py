"""Refusals: what a request or event cannot have, in the field's words. Carries no status code and never what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What sort of refusal it is; the doors know which status each one has."""

    MALFORMED = "malformed"
    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    CONFLICT = "conflict"
    STALE = "stale"
    UNCONDITIONAL = "unconditional"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    TOO_MANY = "too_many"
    BUSY = "busy"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: where (JSON pointer), a stable code, and what to do, in Chinese and English."""

    pointer: str
    code: str
    zh: str
    en: str


class Refusal(Exception):
    """Base of all refusals. Subclasses name the reason: `class ConsentMissing(Refusal): kind = …; code = "consent-missing"`."""

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str] = "invalid"
    zh: ClassVar[str] = "请求无法受理。"
    en: ClassVar[str] = "The request cannot be taken."
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(self.code)
        self.errors = tuple(errors)
