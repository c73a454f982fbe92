"""Merge: from what agencies said, in whatever order, to one picture of the household (R-068).

Every cell (agency x member) is a join over all replies about it, so that order, repetition and grouping of arrivals
never matter: an answer outranks a withdrawn consent, which outranks an invalid answer, which outranks silence. Of two
answers the one with the earlier as-of instant stays, so that a later answer never overwrites another. (An answer that
came after the withdrawal never gets here: it is quarantined where agencies are asked.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
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
    answered: tuple[str, ...]
    """Ids of the members about whom it answered."""
    others: tuple[tuple[str, Outcome, Reason], ...]
    """Members about whom the question ended otherwise."""
    records: Mapping[str, tuple[Record, ...]]

    @property
    def outcomes(self) -> tuple[tuple[str, Outcome, Reason], ...]:
        return (*[(member_id, _ANSWERED, _NO_REASON) for member_id in self.answered], *self.others)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is awaited about any of its members."""
        return not self.others or all(has_ended(outcome, reason) for _, outcome, reason in self.others)


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


class Stretch(NamedTuple):
    """Neighbouring cells of one agency that ended alike and by the same answer: most often all of the agency's."""

    agency: Agency
    member_ids: tuple[str, ...]
    outcome: Outcome
    reason: Reason
    as_of: datetime | None
    leaf_hash: str
    records: Mapping[str, tuple[Record, ...]]
    """By member; may hold more members than the stretch has."""

    def cell(self, member_id: str) -> Cell:
        agency, _, outcome, reason, as_of, leaf_hash, records = self
        return Cell(agency, member_id, outcome, reason, as_of, leaf_hash, records.get(member_id, _NOTHING))


class Hit(Generic[R]):
    """A record with whom it is about and the answer that proves it."""

    __slots__ = ("answer", "member_id", "record")

    def __init__(self, record: R, member_id: str, answer: Stretch) -> None:
        self.record = record
        self.member_id = member_id
        self.answer = answer


_ANSWERED: Final = Outcome.ANSWERED
_SILENT: Final = Outcome.SILENT
_LATE: Final = Reason.LATE
_NO_REASON: Final = Reason.NONE
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

    __slots__ = ("_by_kind", "_stretches", "_unanswered")

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self._by_kind: dict[type[object], list[Hit[Any]]] = {}
        self._unanswered: set[Agency] = set()
        for stretch in stretches:
            if stretch.outcome is not _ANSWERED:
                self._unanswered.add(stretch.agency)
            elif stretch.records:
                self._hold(stretch)

    def _hold(self, answer: Stretch) -> None:
        by_kind, records = self._by_kind, answer.records
        for member_id in answer.member_ids:
            for record in records.get(member_id, _NOTHING):
                kind, hit = type(record), Hit(record, member_id, answer)
                if kind in by_kind:
                    by_kind[kind].append(hit)
                else:
                    by_kind[kind] = [hit]

    def holds_any(self, kinds: Iterable[type[object]]) -> bool:
        """Whether there is a record of any of these kinds."""
        return not self._by_kind.keys().isdisjoint(kinds)

    def of(self, kind: type[R]) -> Sequence[Hit[R]]:
        """The records of one kind, in the order of the plan."""
        return self._by_kind.get(kind, _NO_HITS)

    def of_member(self, kind: type[R], member_id: str) -> Sequence[Hit[R]]:
        hits = self._by_kind.get(kind)
        return [hit for hit in hits if hit.member_id == member_id] if hits else _NO_HITS

    def cell(self, agency: Agency, member_id: str) -> Cell | None:
        """None where the plan does not ask this."""
        for stretch in self._stretches:
            if stretch.agency is agency and member_id in stretch.member_ids:
                return stretch.cell(member_id)
        return None

    def cells(self) -> Sequence[Cell]:
        """All cells, in the order of the plan."""
        return [stretch.cell(member_id) for stretch in self._stretches for member_id in stretch.member_ids]

    def stretches(self) -> Sequence[Stretch]:
        """All cells, in the order of the plan, those that ended alike together."""
        return self._stretches

    def was_asked(self, agency: Agency) -> bool:
        return any(one.agency is agency for one in self._stretches)

    def has_answered(self, agency: Agency) -> bool:
        """Whether every cell of the agency was answered; true where the plan does not ask it."""
        return agency not in self._unanswered

    def have_answered(self, agencies: Iterable[Agency]) -> bool:
        return self._unanswered.isdisjoint(agencies)

    @property
    def is_whole(self) -> bool:
        """Whether every cell of the plan was answered."""
        return not self._unanswered

    def ended(self) -> frozenset[Agency]:
        """The agencies of the plan from which nothing more is awaited before the deadline."""
        waiting = {one.agency for one in self._stretches if not has_ended(one.outcome, one.reason)}
        return frozenset([one.agency for one in self._stretches if one.agency not in waiting])


def merge(plan: Iterable[Question], replies: Sequence[Reply]) -> Found:
    """Join all replies over the cells of the plan (R-068):

    what was never asked is dropped, what nobody answered is late.
    """
    by_agency: dict[Agency, list[Reply]] = {}
    for reply in replies:
        by_agency.setdefault(reply.agency, []).append(reply)
    stretches: list[Stretch] = []
    for agency, member_ids in plan:
        told = by_agency.get(agency, [])
        if len(told) == 1 and told[0].answered == member_ids:
            _, as_of, leaf_hash, _, _, records = told[0]
            stretches.append(Stretch(agency, member_ids, _ANSWERED, _NO_REASON, as_of, leaf_hash, records))
        else:
            stretches.extend(_joined(agency, member_ids, told))
    return Found(stretches)


def _joined(agency: Agency, member_ids: Iterable[str], told: Iterable[Reply]) -> Iterator[Stretch]:
    """The cells of one agency, each the best that any reply says of it."""
    best: dict[str, Cell] = {}
    for reply in told:
        for member_id, outcome, reason in reply.outcomes:
            records = reply.records.get(member_id, _NOTHING)
            cell = Cell(agency, member_id, outcome, reason, reply.as_of, reply.leaf_hash, records)
            if member_id not in best or _supersedes(cell, best[member_id]):
                best[member_id] = cell
    cells = [
        best.get(member_id) or Cell(agency, member_id, _SILENT, _LATE, None, "", _NOTHING) for member_id in member_ids
    ]
    for (outcome, reason, as_of, leaf_hash), alike in groupby(cells, key=lambda cell: cell[2:6]):
        held = {cell.member_id: cell.records for cell in alike}
        yield Stretch(agency, tuple(held), outcome, reason, as_of, leaf_hash, held)


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
