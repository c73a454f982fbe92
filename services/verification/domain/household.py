"""The household as declared: who lives together, and what they say they earn, spend and own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from contracts.vocabulary import Agency, Aid, Area, Employment, ItemKind, Relation


class Member(NamedTuple):
    """A member without name or number; `disability_grade` is the declared one (1-4), 0 where none is declared."""

    member_id: str
    person_key: str
    relation: Relation
    born_on_year: int
    is_adult: bool
    employment: Employment
    disability_grade: int
    seriously_ill: bool
    is_student: bool
    supplement_groups: tuple[str, ...]


class Declared(NamedTuple):
    """One declared item. Income and spending are for the last twelve months.

    Property is a value, or 0 with a quantity.
    """

    item_id: str
    member_id: str
    kind: ItemKind
    amount_fen: int
    quantity: int


class Question(NamedTuple):
    """One cell group of the plan: this agency is asked about these members."""

    agency: Agency
    member_ids: tuple[str, ...]


@dataclass(frozen=True)
class Household:
    """What a check knows before any agency answers."""

    application_id: str
    office: str
    region: str
    aid: Aid
    area: Area
    accepted_on: date
    members: tuple[Member, ...]
    declaration: tuple[Declared, ...]

    @cached_property
    def declared_fen(self) -> dict[tuple[str, ItemKind], int]:
        """Declared amounts summed by member and kind."""
        sums: dict[tuple[str, ItemKind], int] = {}
        for item in self.declaration:
            key = (item.member_id, item.kind)
            sums[key] = sums.get(key, 0) + item.amount_fen
        return sums

    @cached_property
    def declared_pieces(self) -> dict[tuple[str, ItemKind], int]:
        """Declared quantities summed by member and kind."""
        sums: dict[tuple[str, ItemKind], int] = {}
        for item in self.declaration:
            key = (item.member_id, item.kind)
            sums[key] = sums.get(key, 0) + item.quantity
        return sums

    @cached_property
    def _by_kind(self) -> dict[ItemKind, tuple[int, int]]:
        sums: dict[ItemKind, tuple[int, int]] = {}
        for item in self.declaration:
            fen, pieces = sums.get(item.kind, (0, 0))
            sums[item.kind] = (fen + item.amount_fen, pieces + item.quantity)
        return sums

    def sum_fen(self, kind: ItemKind) -> int:
        """What the whole household declares of this kind."""
        return self._by_kind.get(kind, (0, 0))[0]

    def sum_pieces(self, kind: ItemKind) -> int:
        return self._by_kind.get(kind, (0, 0))[1]
