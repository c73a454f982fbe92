"""What the bank and the treasury can have said about a claimed attempt. There is no null: not knowing is a word too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Paid:
    """The bank executed the instruction."""

    bank_ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """The bank gave the money back; `reason` is its code."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotThere:
    """Asked, the bank knows no such instruction, as of its own clock."""

    as_of: datetime


@dataclass(frozen=True, slots=True)
class NotDone:
    """The bank has not executed this sending and never will: it said so, or was not told.

    `may_linger`: the treasury may still allocate, until the sending's cut-off.
    """

    reason: str
    may_linger: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer that can be read: it may have been executed, or not."""

    reason: str


BankWord = Paid | Returned | NotThere | NotDone | Unknown


@dataclass(frozen=True, slots=True)
class Told:
    """What became known about one attempt; whether the treasury has allocated the line's money."""

    word: BankWord
    is_allocated: bool


def is_final(word: NotThere, valid_until: datetime) -> bool:
    """Whether "not found" counts: only once the bank's own clock is past the instant until which it may execute.

    Before it the instruction may still be on its way to the bank; sending again then would pay twice (INV-24).
    """
    return word.as_of > valid_until
