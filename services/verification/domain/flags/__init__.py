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

__all__ = ["RULES", "Case", "Flag", "raise_flags"]

BY_RECORDS: Final = (registration, life, marriage, income, assets, business, duplicates, poverty)
"""Families that only speak where something was found."""
_FAMILIES: Final = (*BY_RECORDS, disability)
_READERS: Final[tuple[tuple[frozenset[type[object]], Callable[[Case], Iterator[Flag]]], ...]] = tuple(
    (family.READS, family.flags) for family in BY_RECORDS
)
RULES: Final[dict[FlagCode, Rule]] = {rule.code: rule for family in _FAMILIES for rule in family.RULES}


def raise_flags(case: Case) -> tuple[Flag, ...]:
    """Every flag the merged picture gives, in the order of code and member (R-067, R-068).

    The same picture, the same flags.
    """
    holds_any = case.found.holds_any
    raised = [flag for reads, flags in _READERS if holds_any(reads) for flag in flags(case)]
    raised.extend(disability.flags(case))
    if len(raised) > 1:
        raised.sort(key=lambda flag: (flag.code, flag.member_id or ""))
    return tuple(raised)
