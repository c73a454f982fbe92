"""Refusals: what a request or event cannot have, in the field's words; no status code, and never what was sent."""

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
    WRONG_METHOD = "wrong_method"
    CONFLICT = "conflict"
    STALE = "stale"
    LOCKED = "locked"
    UNCONDITIONAL = "unconditional"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    TOO_MANY = "too_many"
    BUSY = "busy"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in what was sent.

    pointer  JSON pointer into the body (`/members/0/citizen_id`; empty for the whole). For a parameter `query/<name>`,
             `path/<name>` or `header/<name>`, which no JSON pointer looks like
    code     stable, `snake_case`
    zh, en   what is wrong and what would be right, never with the value that was sent
    """

    pointer: str
    code: str
    zh: str
    en: str


class Refusal(Exception):
    """Base of all refusals; a subclass names the reason: `kind = Kind.FORBIDDEN`, `code = "consent-missing"`, zh, en.

    errors         every fault at once
    see            path of the resource that explains it (an existing case, a newer version), if the caller may see it
    retry_after_s  seconds after which the very same request may succeed; its presence makes the refusal retryable
    """

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str] = "invalid"
    zh: ClassVar[str] = "请求内容不符合要求。"
    en: ClassVar[str] = "The request is not acceptable as it stands."
    retry_after_s: int | None = None

    def __init__(
        self, errors: Sequence[FieldError] = (), *, see: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(self.code)
        self.errors = tuple(errors)
        self.see = see
        if retry_after_s is not None:
            self.retry_after_s = retry_after_s

    @property
    def is_retryable(self) -> bool:
        """Whether the very same request may succeed later."""
        return self.retry_after_s is not None or self.kind in (Kind.BUSY, Kind.TOO_MANY)


class Absent(Refusal):
    """Nothing of that name, or nothing this caller may see: both read the same."""

    kind = Kind.ABSENT
    code = "not-found"
    zh = "未找到，或不在您的管辖范围内。"
    en = "Not found, or not within your jurisdiction."
