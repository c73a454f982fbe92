"""The county's draw: half of the applicants at least, drawn by a seed nobody chooses (R-138, R-139, R-144)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.vocabulary import Word
from policies.procedure import SpotCheck
from services.approval.domain.faults import Fault
from services.approval.domain.words import Why


class Look(Word):
    """How the county looked (R-138)."""

    FILE = "file", "查阅档案"
    VISIT = "visit", "入户核查"


class Found(Word):
    """What it found."""

    IN_ORDER = "in_order", "无问题"
    PROBLEM = "problem", "存在问题"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An applicant of the population."""

    case_id: str
    is_doubtful: bool
    is_near_relative: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    case_id: str
    why: Why


def seed_of(head: bytes, office: str) -> bytes:
    """The seed of a draw: the audit trail's newest head, which nobody can foresee, and the office it is about."""
    return hashlib.sha256(b"hedui spot check v1\n" + head + office.encode()).digest()


def rank(seed: bytes, case_id: str) -> bytes:
    """A case's place in the draw; the lowest are taken."""
    return hashlib.sha256(seed + case_id.encode()).digest()


def draw(population: Sequence[Candidate], percent: int, seed: bytes) -> list[Drawn]:
    """The sample: near relatives and doubtful cases always, then by rank until `percent` is reached, rounded up.

    The same population and seed give the same sample, whatever the order they come in.
    """
    bound = [Drawn(one.case_id, Why.NEAR_RELATIVE) for one in population if one.is_near_relative]
    bound += [Drawn(one.case_id, Why.DOUBTFUL) for one in population if one.is_doubtful and not one.is_near_relative]
    rest = [one.case_id for one in population if not (one.is_near_relative or one.is_doubtful)]
    rest.sort(key=lambda case_id: rank(seed, case_id))
    open_places = max(0, SpotCheck.sample_size(len(population), percent) - len(bound))
    return sorted([*bound, *(Drawn(case_id, Why.DRAWN) for case_id in rest[:open_places])], key=lambda one: one.case_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a spot check found (R-138, R-140)."""

    look: Look
    found: Found
    rectify_by: date | None = None
    """By when a problem is put right; goes with a problem alone."""
    note: str = ""


def result_faults(result: Result, today: date) -> tuple[Fault, ...]:
    """A problem, and nothing else, is put right by a set day (R-140)."""
    if (result.found is Found.PROBLEM) is not (result.rectify_by is not None):
        return (
            Fault("/rectify_by", "rectify_by_unfit", "发现问题的须限期整改。", "A problem, and no other, has a day."),
        )
    if result.rectify_by is not None and result.rectify_by < today:
        return (Fault("/rectify_by", "in_past", "整改期限不能早于今天。", "The day lies in the past."),)
    return ()
