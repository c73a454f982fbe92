"""What a checker finds: which invariant does not hold, of whom, and in which way. Ids and codes only."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from tests.chaos.evidence import Evidence


class Invariant(StrEnum):
    """What must hold of a run, named by how it is broken."""

    LOST = "lost"
    """Acknowledged work, or what had to follow from it, is not there."""
    DOUBLED = "doubled"
    """Something that may happen once happened more often."""
    UNASKED_FOR = "unasked-for"
    """Something is there that no client asked for."""
    NO_CONSENT = "no-consent"
    """An agency was asked about somebody without a live consent."""
    INCOMPLETE = "incomplete"
    """A final report, or the questions behind it, with cells missing or left open."""
    DECIDED_TWICE = "decided-twice"
    UNFOUNDED = "unfounded"
    """A right to money, or a line of a roster, that does not stand on the decision it names."""
    PAID_TWICE = "paid-twice"
    UNPAID = "unpaid"
    PAID_WITHOUT_RIGHT = "paid-without-right"
    BOOKS_DIFFER = "books-differ"
    """System, treasury and bank do not agree to the fen."""
    LEDGER_UNEVEN = "ledger-uneven"
    TRAIL_BROKEN = "trail-broken"
    TWO_RESULTS = "two-results"
    """One idempotency key was answered with different results."""
    PARKED = "parked"
    RESTLESS = "restless"
    """Something never came to rest."""
    SAID_TWICE = "said-twice"
    """One fact stands on its topic under several event ids."""
    UNSAID = "unsaid"
    """A fact that had to be told never reached its topic."""


class Violation(NamedTuple):
    invariant: Invariant
    subject: str
    """The id of what it befell: an application wherever there is one."""
    says: str


Checker = Callable[[Evidence], tuple[Violation, ...]]
"""Pure: the same evidence gives the same violations."""
