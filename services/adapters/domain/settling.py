"""What becomes of a cell when its call has ended: finished, or asked again and about whom. Never a null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from contracts.vocabulary import Outcome, Reason
from services.adapters.domain.agency import Answered, Invalid
from services.adapters.domain.cells import Claimed
from services.adapters.domain.retries import Patience

Verdicts = Mapping[int, Answered | Invalid]
"""What was read about each member of a cell, by the member's bit."""


class Next(NamedTuple):
    """The cell's next standing. `again` is the set of members still to be asked about; empty when it has ended."""

    again: int
    planned: int
    due_at: datetime
    attempts: int
    outcome: Outcome
    reason: Reason

    @property
    def has_ended(self) -> bool:
        return self.again == 0


def after_answer(cell: Claimed, verdicts: Verdicts, now: datetime, patience: Patience, spread: float) -> Next:
    """An answer ends the cell, but for members about whom it is unusable: those are asked about a few times more."""
    unusable, reason = 0, Reason.NONE
    for bit, verdict in verdicts.items():
        if isinstance(verdict, Invalid):
            unusable |= bit
            reason = verdict.reason
    if not unusable:
        return Next(0, cell.planned, now, cell.attempts, Outcome.ANSWERED, Reason.NONE)
    tries = cell.attempts + 1 if cell.outcome is Outcome.INVALID else 1
    if tries >= patience.invalid_tries:
        return Next(0, cell.planned, now, tries, Outcome.INVALID, reason)
    return Next(unusable, unusable, patience.next_at(tries, now, spread), tries, Outcome.INVALID, reason)


def after_silence(
    cell: Claimed, reason: Reason, now: datetime, patience: Patience, spread: float, *, at_once: bool
) -> Next:
    """Silence is provisional: everybody is asked about again, later and later, until asking is given up (30 days).

    `at_once`: the whole answer was broken, and a smaller call shall find out by whom.
    """
    attempts = cell.attempts + 1
    if patience.is_over(cell.inquiry.opened_at, now):
        return Next(0, cell.planned, now, attempts, Outcome.SILENT, reason)
    due_at = now if at_once else patience.next_at(attempts, now, spread)
    outcome = Outcome.INVALID if cell.outcome is Outcome.INVALID else Outcome.SILENT
    return Next(cell.members, cell.planned, due_at, attempts, outcome, reason)


def is_news(cell: Claimed, reason: Reason) -> bool:
    """Whether this silence was not yet told; silence for the same reason, or after an invalid answer, is no news."""
    return cell.outcome is None or (cell.outcome is Outcome.SILENT and cell.reason is not reason)
