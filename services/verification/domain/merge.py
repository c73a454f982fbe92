"""Merge: from what agencies said, in whatever order, to one picture of the household (R-068).

Every cell (agency x member) is a join over all replies about it, so that order, repetition and grouping of arrivals
never matter: an answer outranks a withdrawn consent, which outranks an invalid answer, which outranks silence. Of two
answers the one with the earlier as-of instant stays, so that a later answer never overwrites another. (An answer that
came after the withdrawal never gets here: it is quarantined where agencies are asked.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from contracts.findings import Record
from contracts.vocabulary import Agency, Outcome, Reason
from services.verification.domain.household import Question

R = TypeVar("R")


class Reply(NamedTuple):
    """What one agency said, in one go, about one household. `as_of` and `leaf_hash` are empty for silence."""

    agency: Agency
    as_of: datetime | None
    leaf_hash: str
    outcomes: tuple[tuple[str, Outcome, Reason], ...]
    records: Mapping[str, tuple[Record, ...]]


class Cell(NamedTuple):
    """How the question about one member to one agency stands. `answered` without records means:

    asked, and nothing there.
    """

    agency: Agency
    member_id: str
    outcome: Outcome
    reason: Reason
    as_of: datetime | None
    leaf_hash: str
    records: tuple[Record, ...]


class Hit(NamedTuple, Generic[R]):
    """A record with the cell that proves it."""

    record: R
    cell: Cell


_ANSWERED: Final = Outcome.ANSWERED
_SILENT: Final = Outcome.SILENT
_LATE: Final = Reason.LATE
_RANK: Final[dict[Outcome, int]] = {Outcome.SILENT: 0, Outcome.INVALID: 1, Outcome.ANSWERED: 3}
_WITHDRAWN_RANK: Final = 2
_FINAL_SILENCE: Final = frozenset({Reason.NOT_CONNECTED, Reason.CONSENT_WITHDRAWN})
_NOTHING: Final[tuple[Record, ...]] = ()
_NO_HITS: Final[Sequence[Hit[Any]]] = ()


def has_ended(outcome: Outcome, reason: Reason) -> bool:
    """Whether nothing more is awaited before the deadline: silence is provisional unless nobody can or may answer."""
    return outcome is not Outcome.SILENT or reason in _FINAL_SILENCE


class Found:
    """The merged picture: one cell per question and member, and the records by kind."""

    __slots__ = ("_asked", "_by_kind", "_cells", "_unanswered")

    def __init__(self, cells: list[Cell]) -> None:
        self._cells = cells
        self._by_kind: dict[type[object], list[Hit[Any]]] = {}
        self._asked: set[Agency] = set()
        self._unanswered: set[Agency] = set()
        for cell in cells:
            agency, _, outcome, _, _, _, records = cell
            self._asked.add(agency)
            if outcome is not _ANSWERED:
                self._unanswered.add(agency)
                continue
            for record in records:
                self._by_kind.setdefault(type(record), []).append(Hit(record, cell))

    def of(self, kind: type[R]) -> Sequence[Hit[R]]:
        """The records of one kind, in the order of the plan."""
        return self._by_kind.get(kind, _NO_HITS)

    def of_member(self, kind: type[R], member_id: str) -> list[Hit[R]]:
        hits = self._by_kind.get(kind)
        return [hit for hit in hits if hit.cell.member_id == member_id] if hits else []

    def cell(self, agency: Agency, member_id: str) -> Cell | None:
        """None where the plan does not ask this."""
        return next((cell for cell in self._cells if cell.agency is agency and cell.member_id == member_id), None)

    def cells(self) -> Sequence[Cell]:
        """All cells, in the order of the plan."""
        return self._cells

    def was_asked(self, agency: Agency) -> bool:
        return agency in self._asked

    def has_answered(self, agency: Agency) -> bool:
        """Whether every cell of the agency was answered; true where the plan does not ask it."""
        return agency not in self._unanswered

    def ended(self) -> frozenset[Agency]:
        """The agencies of the plan from which nothing more is awaited before the deadline."""
        waiting = {cell.agency for cell in self._cells if not has_ended(cell.outcome, cell.reason)}
        return frozenset(self._asked - waiting)


def merge(plan: Iterable[Question], replies: Iterable[Reply]) -> Found:
    """Join all replies over the cells of the plan (R-068):

    what was never asked is dropped, what nobody answered is late.
    """
    best: dict[tuple[Agency, str], Cell] = {}
    for agency, as_of, leaf_hash, outcomes, records in replies:
        for member_id, outcome, reason in outcomes:
            key = (agency, member_id)
            cell = Cell(agency, member_id, outcome, reason, as_of, leaf_hash, records.get(member_id, _NOTHING))
            if key not in best or _supersedes(cell, best[key]):
                best[key] = cell
    cells: list[Cell] = []
    for agency, member_ids in plan:
        for member_id in member_ids:
            told = best.get((agency, member_id))
            cells.append(told or Cell(agency, member_id, _SILENT, _LATE, None, "", _NOTHING))
    return Found(cells)


def _supersedes(cell: Cell, held: Cell) -> bool:
    rank, held_rank = _rank(cell), _rank(held)
    if rank != held_rank:
        return rank > held_rank
    return _standing(cell) < _standing(held)


def _rank(cell: Cell) -> int:
    is_withdrawn = cell.outcome is _SILENT and cell.reason is Reason.CONSENT_WITHDRAWN
    return _WITHDRAWN_RANK if is_withdrawn else _RANK[cell.outcome]


def _standing(cell: Cell) -> tuple[float, str, str]:
    """Total order among equals; only has to be the same for everyone.

    Silence without an instant sorts by its reason.
    """
    return (cell.as_of.timestamp() if cell.as_of is not None else 0.0, cell.leaf_hash, cell.reason.value)
