"""Judges of a chaos run: pure functions from what it left to what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from tests.chaos.checkers.applications import check_applications
from tests.chaos.checkers.asked_for import check_asked_for, check_results
from tests.chaos.checkers.books import check_books, check_ledger
from tests.chaos.checkers.cells import check_cells
from tests.chaos.checkers.consent import check_consent
from tests.chaos.checkers.decisions import check_decisions
from tests.chaos.checkers.effects import check_effects
from tests.chaos.checkers.money import check_money
from tests.chaos.checkers.rest import check_parked, check_rest, check_trails
from tests.chaos.checkers.topics import check_topics
from tests.chaos.checkers.violation import Checker, Invariant, Violation
from tests.chaos.evidence import Evidence

__all__ = ["CHECKERS", "Checker", "Invariant", "Violation", "judge", "tally"]

CHECKERS: tuple[Checker, ...] = (
    check_applications,
    check_asked_for,
    check_results,
    check_consent,
    check_cells,
    check_effects,
    check_decisions,
    check_money,
    check_books,
    check_ledger,
    check_topics,
    check_parked,
    check_rest,
    check_trails,
)

_COUNTED = {
    "lost": {Invariant.LOST},
    "doubled": {Invariant.DOUBLED, Invariant.DECIDED_TWICE, Invariant.TWO_RESULTS},
    "paid_twice": {Invariant.PAID_TWICE},
    "unpaid": {Invariant.UNPAID},
}


def judge(evidence: Evidence) -> tuple[Violation, ...]:
    """Everything that is wrong with a run; nothing when all invariants hold."""
    return tuple(violation for checker in CHECKERS for violation in checker(evidence))


def tally(violations: Iterable[Violation]) -> dict[str, int]:
    """How many subjects were lost, doubled, paid twice and not paid: each subject once, however much befell it."""
    found = list(violations)
    return {
        name: len({one.subject for one in found if one.invariant in invariants})
        for name, invariants in _COUNTED.items()
    }
