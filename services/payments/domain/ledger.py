"""The books: every movement of money takes from one account what it gives to another, so that their sum is always zero.

Entries are never changed or removed; a mistake is undone by an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.vocabulary import Aid, Word


class Account(Word):
    """Where money can be."""

    FUND = "fund", "财政救助资金"
    BANK = "bank", "代发银行"
    RECIPIENTS = "recipients", "救助对象"


class Movement(Word):
    """Why money moves; each kind has one source and one destination (R-220)."""

    ALLOCATED = "allocated", "财政拨付代发银行"
    PAID = "paid", "发放到账户"

    @property
    def credit(self) -> Account:
        """The account the money leaves."""
        return Account.FUND if self is Movement.ALLOCATED else Account.BANK

    @property
    def debit(self) -> Account:
        """The account the money reaches."""
        return Account.BANK if self is Movement.ALLOCATED else Account.RECIPIENTS


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of one line's money. `reference` makes it unique: the line's, or the bank's instruction's id."""

    movement: Movement
    reference: str
    line_id: str
    office: str
    month: str
    purpose: Aid
    """What the money is earmarked for (R-221)."""
    amount_fen: int

    def __post_init__(self) -> None:
        if self.amount_fen <= 0:
            raise ValueError("an entry moves something")


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """What each account holds beyond where it began; the fund goes below zero by what was allotted from it."""
    held = dict.fromkeys(Account, 0)
    for one in entries:
        held[one.movement.credit] -= one.amount_fen
        held[one.movement.debit] += one.amount_fen
    return held
