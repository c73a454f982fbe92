"""Cells: one question to one agency about one household, and who of the household it still concerns.

Members are counted off in the order in which the check named them; a set of members is a number with one bit for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from contracts.vocabulary import Agency, Outcome, Reason

MEMBERS_MAX = 31
"""A household may have twenty members (R-021); a set of members has room for this many."""

_BITS = tuple(1 << place for place in range(MEMBERS_MAX))
EVERYBODY = ""
"""In a withdrawal, in place of a member: the whole application."""


class CellState(IntEnum):
    """Where a cell stands. A claimed cell is an open one whose lease has not run out."""

    OPEN = 0
    DONE = 1
    STOPPED = 2
    """Nobody of the household may be asked about any more."""
    QUARANTINED = 3
    """Stopped while the agency was answering: the answer is kept sealed and told to nobody."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who a member is. `name` and `citizen_id` are clear text and stay within one process."""

    member_id: str
    name: str
    citizen_id: str

    def __repr__(self) -> str:
        return f"Member({self.member_id})"


class Inquiry(NamedTuple):
    """A household under check, as adapters know it. `trace` is empty where nobody follows the case."""

    inquiry_id: int
    check_id: str
    application_id: str
    office: str
    trace: str
    opened_at: datetime
    people: tuple[Member, ...]


class Claimed(NamedTuple):
    """A cell in the hands of one worker until its lease runs out; `fence` tells whether it still is."""

    call_id: int
    agency: Agency
    inquiry: Inquiry
    fence: int
    planned: int
    """The members of this question, consenting or not."""
    members: int
    """Those whose consent was live when the cell was claimed."""
    attempts: int
    """Calls so far that did not end the cell."""
    outcome: Outcome | None
    reason: Reason
    """What was last said about this cell; outcome None when nothing was."""


def set_of(member_ids: Iterable[str], people: Sequence[Member]) -> int:
    """The set of these members; ValueError for one whom the check did not name, or for more than can be counted."""
    return set_from(member_ids, bits_of(people))


def bits_of(people: Sequence[Member]) -> dict[str, int]:
    """Each member's bit; ValueError for more people than can be counted."""
    if len(people) > MEMBERS_MAX:
        raise ValueError("members")
    return {member.member_id: bit for bit, member in zip(_BITS, people, strict=False)}


def set_from(member_ids: Iterable[str], bits: Mapping[str, int]) -> int:
    """The set of these members; ValueError for one who has no bit."""
    chosen = 0
    for member_id in member_ids:
        bit = bits.get(member_id)
        if bit is None:
            raise ValueError("member")
        chosen |= bit
    return chosen


def members_of(chosen: int, people: Sequence[Member]) -> list[tuple[int, Member]]:
    """The members of a set, each with its bit, in the household's order."""
    return [(bit, member) for bit, member in zip(_BITS, people, strict=False) if chosen & bit]
