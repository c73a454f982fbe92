"""What becomes of a cell when its call has ended: finished, or asked again and about whom. Never a null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.vocabulary import Outcome, Reason
from services.adapters.domain.agency import Invalid, Result
from services.adapters.domain.cells import Claimed, party_of
from services.adapters.domain.retries import Patience


@dataclass(slots=True)
class CellRead:
    """What was read about the members of a cell, in their order."""

    verdicts: Sequence[Result]
    unusable: int
    """The members about whom the answer must not be believed."""
    reason: Reason
    """Why not; NONE where there are none."""
    as_of: datetime | None
    """The earliest instant for which an answer among these holds; None where no answer may be believed."""
    is_plain: bool
    """Everybody was answered about, and nothing was found."""


def understand(cell: Claimed, verdicts: Sequence[Result]) -> CellRead:
    """Take together what was read about a cell's members, given in their order."""
    as_of: datetime | None = None
    unusable, reason, is_plain = 0, Reason.NONE, True
    for place, verdict in enumerate(verdicts):
        if isinstance(verdict, Invalid):
            unusable |= party_of(cell.members, cell.inquiry).members[place].bit
            reason = verdict.reason
        else:
            if verdict.records:
                is_plain = False
            if as_of is None or verdict.as_of < as_of:
                as_of = verdict.as_of
    return CellRead(verdicts, unusable, reason, as_of, is_plain and not unusable)


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


def after_answer(cell: Claimed, read: CellRead, now: datetime, patience: Patience, spread: float) -> Next:
    """An answer ends the cell, but for members about whom it is unusable: those are asked about a few times more."""
    unusable, reason = read.unusable, read.reason
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
    if reason is Reason.NOT_CONNECTED:
        due_at = now + timedelta(seconds=patience.unconnected_s)
    else:
        due_at = now if at_once else patience.next_at(attempts, now, spread)
    outcome = Outcome.INVALID if cell.outcome is Outcome.INVALID else Outcome.SILENT
    return Next(cell.members, cell.planned, due_at, attempts, outcome, reason)


def is_news(cell: Claimed, reason: Reason) -> bool:
    """Whether this silence was not yet told; silence for the same reason, or after an invalid answer, is no news."""
    return cell.outcome is None or (cell.outcome is Outcome.SILENT and cell.reason is not reason)
