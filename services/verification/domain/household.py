"""The household as declared: who lives together, and what they say they earn, spend and own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from contracts.vocabulary import Agency, Aid, Area, Employment, ItemKind, Relation

_NOTHING: Final[Mapping[ItemKind, int]] = {}


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
    def _by_kind(self) -> dict[ItemKind, list[Declared]]:
        kinds: dict[ItemKind, list[Declared]] = {}
        for item in self.declaration:
            if item.kind in kinds:
                kinds[item.kind].append(item)
            else:
                kinds[item.kind] = [item]
        return kinds

    def sum_fen(self, kind: ItemKind) -> int:
        """What the whole household declares of this kind."""
        items = self._by_kind.get(kind)
        return sum([item.amount_fen for item in items]) if items else 0

    def sum_pieces(self, kind: ItemKind) -> int:
        items = self._by_kind.get(kind)
        return sum([item.quantity for item in items]) if items else 0

    @cached_property
    def _by_member(self) -> dict[str, dict[ItemKind, int]]:
        members: dict[str, dict[ItemKind, int]] = {}
        for _, member_id, kind, amount_fen, _ in self.declaration:
            sums = members.setdefault(member_id, {})
            sums[kind] = sums.get(kind, 0) + amount_fen
        return members

    def fen_of(self, member_id: str) -> Mapping[ItemKind, int]:
        """What is declared for one member, by kind."""
        return self._by_member.get(member_id, _NOTHING)

    def declared_pieces(self, member_id: str, kind: ItemKind) -> int:
        items = self._by_kind.get(kind)
        return sum([item.quantity for item in items if item.member_id == member_id]) if items else 0
