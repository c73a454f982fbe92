"""What a flag (疑点) is, and how a rule raises one:

with source, as-of date, answer hash, rule version and clause (R-068).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from contracts.vocabulary import Agency, FlagCode, Severity
from policies.model import Policy
from services.verification.domain.household import Household
from services.verification.domain.merge import Cell, Found, Stretch
from services.verification.domain.rulebook import rulebook_of
from services.verification.domain.words import Step, Text

Proof = Cell | Stretch
"""An answer with its instant and its hash."""

_SPACE: Final = uuid.UUID("5f0a1c7e-0b0e-5d6b-9a55-7d1c3b0f4e21")


class Rule(NamedTuple):
    """A rule's code, its version (raised whenever its meaning changes), the agency it reads, how its flags weigh."""

    code: FlagCode
    version: int
    agency: Agency
    severity: Severity

    @property
    def name(self) -> str:
        return f"{self.code}/{self.version}"


class Flag(NamedTuple):
    """One difference between what was declared, or is allowed, and what an agency knows. It refuses nobody."""

    flag_id: str
    code: FlagCode
    severity: Severity
    member_id: str | None
    """None where the flag speaks of the whole household."""
    agency: Agency
    declared_fen: int | None
    found_fen: int | None
    difference_fen: int | None
    """Found less declared."""
    tolerance_fen: int | None
    declared_pieces: int | None
    found_pieces: int | None
    declared: Text
    found: Text
    arithmetic: tuple[Step, ...]
    leaf_hashes: tuple[str, ...]
    """Hashes of the sealed answers behind it."""
    as_of: datetime | None
    """The earliest instant for which those answers hold."""
    rule: str
    clause: str


class Case(NamedTuple):
    """All a rule may look at."""

    check_id: str
    household: Household
    policy: Policy
    found: Found

    @property
    def size(self) -> int:
        return len(self.household.members)


def flag_id(check_id: str, code: FlagCode, member_id: str | None, agency: Agency) -> str:
    """The same flag has the same id however often the rules run, so that it is never doubled and never lost."""
    return "flag_" + uuid.uuid5(_SPACE, f"{check_id}|{code}|{member_id or ''}|{agency}").hex


def next_flag_id(closed_flag_id: str, leaf_hashes: Iterable[str]) -> str:
    """Id of the flag that new evidence raises after an earlier one was closed."""
    return "flag_" + uuid.uuid5(_SPACE, "|".join((closed_flag_id, *leaf_hashes))).hex


def raise_fen(
    case: Case,
    rule: Rule,
    answers: Iterable[Proof],
    *,
    member_id: str | None,
    declared_fen: int,
    found_fen: int,
    found: Text,
    arithmetic: tuple[Step, ...],
    declared: Text | None = None,
    tolerance_fen: int | None = None,
) -> Flag:
    """A flag about amounts."""
    return _flag(
        case,
        rule,
        answers,
        member_id=member_id,
        declared=declared or Text(f"申报{yuan(declared_fen)}元", f"declared {yuan(declared_fen)} yuan"),
        found=found,
        arithmetic=arithmetic,
        fen=(declared_fen, found_fen),
        tolerance_fen=tolerance_fen,
    )


def raise_words(
    case: Case,
    rule: Rule,
    answers: Iterable[Proof],
    *,
    member_id: str | None,
    declared: Text,
    found: Text,
    pieces: tuple[int, int] | None = None,
) -> Flag:
    """A flag about a fact or a number of things; `pieces` are (declared, found)."""
    return _flag(case, rule, answers, member_id=member_id, declared=declared, found=found, pieces=pieces)


def _flag(
    case: Case,
    rule: Rule,
    answers: Iterable[Proof],
    *,
    member_id: str | None,
    declared: Text,
    found: Text,
    arithmetic: tuple[Step, ...] = (),
    fen: tuple[int, int] | None = None,
    pieces: tuple[int, int] | None = None,
    tolerance_fen: int | None = None,
) -> Flag:
    proofs = list(answers)
    return Flag(
        flag_id=flag_id(case.check_id, rule.code, member_id, rule.agency),
        code=rule.code,
        severity=rule.severity,
        member_id=member_id,
        agency=rule.agency,
        declared_fen=fen[0] if fen else None,
        found_fen=fen[1] if fen else None,
        difference_fen=fen[1] - fen[0] if fen else None,
        tolerance_fen=tolerance_fen,
        declared_pieces=pieces[0] if pieces else None,
        found_pieces=pieces[1] if pieces else None,
        declared=declared,
        found=found,
        arithmetic=arithmetic,
        leaf_hashes=tuple(sorted({one.leaf_hash for one in proofs})),
        as_of=min([one.as_of for one in proofs if one.as_of is not None], default=None),
        rule=rule.name,
        clause=rulebook_of(case.policy).clauses[rule.code],
    )


def yuan(amount_fen: int) -> str:
    """An amount as people read it: `1,234.50`. For texts only; arithmetic stays in fen."""
    whole, rest = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{rest:02d}"
