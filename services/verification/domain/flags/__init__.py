"""Flags (疑点): one file per family of rules, all of them listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from contracts.vocabulary import FlagCode
from services.verification.domain.flags import (
    assets,
    business,
    disability,
    duplicates,
    income,
    life,
    marriage,
    poverty,
    registration,
)
from services.verification.domain.flags.flag import Case, Flag, Rule

__all__ = ["FAMILIES", "RULES", "Case", "Flag", "raise_flags"]

FAMILIES: Final[tuple[Callable[[Case], Iterator[Flag]], ...]] = (
    registration.flags,
    life.flags,
    marriage.flags,
    income.flags,
    assets.flags,
    business.flags,
    duplicates.flags,
    disability.flags,
    poverty.flags,
)

RULES: Final[dict[FlagCode, Rule]] = {
    rule.code: rule
    for family in (registration, life, marriage, income, assets, business, duplicates, disability, poverty)
    for rule in family.RULES
}


def raise_flags(case: Case) -> tuple[Flag, ...]:
    """Every flag the merged picture gives, in the order of code and member (R-067, R-068).

    The same picture, the same flags.
    """
    raised = [flag for family in FAMILIES for flag in family(case)]
    if len(raised) > 1:
        raised.sort(key=lambda flag: (flag.code, flag.member_id or ""))
    return tuple(raised)
