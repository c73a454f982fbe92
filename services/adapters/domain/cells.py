"""Cells: one question to one agency about one household, and who of the household it still concerns.

Members are counted off in the order in which the check named them; a set of members is a number with one bit for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.domain.agency import Subject

MEMBERS_MAX = 31
"""A household may have twenty members (R-021); a set of members has room for this many."""

# What is made once for a household or a question and read at every step has slots, found quicker than a tuple's fields.

_BITS = tuple(1 << place for place in range(MEMBERS_MAX))
EVERYBODY = ""
"""In a withdrawal, in place of a member: the whole application."""


class Person(NamedTuple):
    """Who a member is, in clear text that stays within one process."""

    member_id: str
    name: str
    citizen_id: str

    def __repr__(self) -> str:
        return f"Person({self.member_id})"


class Household(NamedTuple):
    """A household whose check has just been heard of. `trace` is empty where nobody follows the case."""

    check_id: str
    application_id: str
    office: str
    trace: str
    opened_at: datetime
    people: tuple[Person, ...]


class Member(NamedTuple):
    """A member as agencies are asked about; made once, used for all of them."""

    bit: int
    member_id: str
    subject: Subject


@dataclass(slots=True)
class Party:
    """Those of a household who are asked about together; made once, used for every agency that has the same scope."""

    members: tuple[Member, ...]
    subjects: tuple[Subject, ...]
    member_ids: tuple[str, ...]
    name: bytes
    """Which check, and who of it."""


@dataclass(slots=True)
class Inquiry:
    """A household under check, as adapters know it."""

    inquiry_id: int
    check_id: str
    application_id: str
    office: str
    trace: str
    opened_at: datetime
    members: tuple[Member, ...]
    parties: dict[int, Party]
    """By set of members, those asked about so far: no more than there are agencies, but for withdrawals."""


def inquiry_of(inquiry_id: int, household: Household) -> Inquiry:
    """The inquiry about a household. Agencies know its members by the inquiry's number and their own."""
    check_id, application_id, office, trace, opened_at, people = household
    members = tuple(
        [
            Member(bit, member_id, Subject(f"{inquiry_id}.{bit:x}", name, citizen_id))
            for bit, (member_id, name, citizen_id) in zip(_BITS, people, strict=False)
        ]
    )
    return Inquiry(inquiry_id, check_id, application_id, office, trace, opened_at, members, {})


@dataclass(slots=True)
class Claimed:
    """A cell in the hands of one worker, for as long as its call is under way."""

    call_id: int
    agency: Agency
    inquiry: Inquiry
    planned: int
    """The members of this question, consenting or not."""
    members: int
    """Those whose consent was live when the cell was claimed."""
    attempts: int
    """Calls so far that did not end the cell."""
    outcome: Outcome | None
    reason: Reason
    """What was last said about this cell; outcome None when nothing was."""


def bits_of(inquiry: Inquiry) -> dict[str, int]:
    """Each member's bit."""
    return {member.member_id: member.bit for member in inquiry.members}


def set_of(member_ids: Iterable[str], bits: Mapping[str, int]) -> int:
    """The set of these members; ValueError for one who has no bit."""
    chosen = 0
    for member_id in member_ids:
        bit = bits.get(member_id)
        if bit is None:
            raise ValueError("member")
        chosen |= bit
    return chosen


def party_of(chosen: int, inquiry: Inquiry) -> Party:
    """The members of a set, in the household's order."""
    party = inquiry.parties.get(chosen)
    if party is None:
        members = tuple([member for member in inquiry.members if chosen & member.bit])
        party = inquiry.parties[chosen] = Party(
            members,
            tuple([member.subject for member in members]),
            tuple([member.member_id for member in members]),
            f"{inquiry.check_id}|{chosen}|".encode(),
        )
    return party
