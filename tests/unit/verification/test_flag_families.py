"""A family of rules is asked only where a record it reads was found: it may read no other, and say nothing without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from contracts.vocabulary import Agency, Employment, ItemKind
from services.verification.domain import flags
from services.verification.domain.flags import Case
from services.verification.domain.household import Household
from services.verification.domain.merge import Found, Hit, R
from tests.unit.verification.builders import CHECK, a_household, a_member, a_policy, declared, found_in

FAMILIES = flags.BY_RECORDS
EVERYTHING = [declared(kind, 90_000_000, quantity=3) for kind in ItemKind]
HOUSEHOLDS = [
    a_household(*items, members=[a_member(employment=employment, disability_grade=grade), a_member("m2")])
    for items in ([], EVERYTHING)
    for employment in Employment
    for grade in (0, 1)
]


class Watched(Found):
    """A picture that remembers for which kinds of record it was asked."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.stretches())
        self.asked: set[type[object]] = set()

    def of(self, kind: type[R]) -> Sequence[Hit[R]]:
        self.asked.add(kind)
        return super().of(kind)

    def of_member(self, kind: type[R], member_id: str) -> Sequence[Hit[R]]:
        self.asked.add(kind)
        return super().of_member(kind, member_id)


def asked_and_raised(family: Any, households: Iterable[Household], silent: Sequence[Agency]) -> tuple[set[Any], int]:
    asked: set[Any] = set()
    raised = 0
    for household in households:
        found = Watched(found_in(household, silent=silent))
        raised += len(list(family.flags(Case(CHECK, household, a_policy(), found))))
        asked |= found.asked
    return asked, raised


@pytest.mark.parametrize("silent", [(), tuple(Agency)], ids=["all answered", "all silent"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_where_nothing_it_reads_was_found_a_family_is_silent(family: Any, silent: Sequence[Agency]) -> None:
    asked, raised = asked_and_raised(family, HOUSEHOLDS, silent)
    assert asked <= family.READS
    assert raised == 0
