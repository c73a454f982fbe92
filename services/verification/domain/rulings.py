"""How closed flags bear on the arithmetic: what a caseworker found true counts, what was found untrue does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from contracts.vocabulary import Finding, FlagCode


class Ruling(NamedTuple):
    """The outcome of a closed flag, in the flag's own measure (R-070)."""

    finding: Finding
    found_fen: int | None = None
    found_pieces: int | None = None


Rulings = Mapping[tuple[FlagCode, str | None], Ruling]
"""By code and member (None for the household). Open flags have no ruling: what was found counts until it is refuted."""

NO_RULINGS: Rulings = {}


def counted_fen(rulings: Rulings, code: FlagCode, member_id: str | None, found_fen: int) -> int:
    """What remains of a found amount."""
    ruling = rulings.get((code, member_id))
    if ruling is None or ruling.finding is Finding.TRUE:
        return found_fen
    if ruling.finding is Finding.PARTLY:
        return ruling.found_fen if ruling.found_fen is not None else found_fen
    return 0


def counted_pieces(rulings: Rulings, code: FlagCode, member_id: str | None, found_pieces: int) -> int:
    """What remains of a found number of things."""
    ruling = rulings.get((code, member_id))
    if ruling is None or ruling.finding is Finding.TRUE:
        return found_pieces
    if ruling.finding is Finding.PARTLY:
        return ruling.found_pieces if ruling.found_pieces is not None else found_pieces
    return 0


def is_refuted(rulings: Rulings, code: FlagCode, member_id: str | None) -> bool:
    """Whether the flag was closed as untrue or as the agency's mistake."""
    ruling = rulings.get((code, member_id))
    return ruling is not None and ruling.finding in (Finding.UNTRUE, Finding.AGENCY_WRONG)
