"""What it means to ask one agency about some people and to understand what it says: the same for all fourteen, pure.

An agency's file gives two functions: `question` writes the body in the agency's own words, `read` understands the raw
answer. Neither knows HTTP, time or keys. There is no way to say "nothing came" with an empty answer: a person is
Answered (with records or, explicitly, none) or Invalid; silence is what the caller records when there was no answer to
read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.findings import Record
from contracts.vocabulary import Agency, Reason

QUERY = "/v1/query"
"""Path for a question about one person, under the agency's address."""
BULK_QUERY = "/v1/bulk-query"
"""Path for a question about up to `AgencyDesk.bulk_limit` persons."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person asked about. `ref` is ours, opaque, unique within the call; the agency echoes it."""

    ref: str
    name: str = field(repr=False)
    citizen_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question ready to be posted."""

    path: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The agency answered about this person; no records means it looked and found none."""

    records: tuple[Record, ...] = field(repr=False)
    as_of: datetime
    """The instant (UTC) for which the agency says its data hold."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """The agency said something about this person that must not be believed: MALFORMED or WRONG_PERSON."""

    reason: Reason


Result = Answered | Invalid


@dataclass(frozen=True, slots=True)
class AgencyDesk:
    """How one agency is asked and understood."""

    agency: Agency
    bulk_limit: int
    """Persons one bulk question may name."""
    question: Callable[[Sequence[Subject], Sequence[str], str], Ask]
    """`question(subjects, case_refs, purpose)`: each subject's case stands at its place in `case_refs` (R-033)."""
    read: Callable[[bytes, Sequence[Subject]], list[Result]]
    """`read(raw, subjects)`: one result for each subject, in their order. Never raises on what the agency sent."""


def path_for(subjects: Sequence[Subject]) -> str:
    """The single or the bulk path, by the number of persons."""
    return QUERY if len(subjects) == 1 else BULK_QUERY
