"""What is worked out once per policy and used for every household under it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from orjson import Fragment

from contracts.vocabulary import FlagCode
from policies.model import Policy
from services.verification.domain.spelling import spelled

_KEYS: Final[dict[FlagCode, str]] = {
    FlagCode.INC_01: "flags.income_tolerance_percent",
    FlagCode.INC_02: "income.resident_pension_exempt_fen",
    FlagCode.INC_03: "flags.income_tolerance_percent",
    FlagCode.AST_01: "assets.financial_months_of_standard",
    FlagCode.AST_02: "flags.large_outflow_fen",
    FlagCode.AST_03: "assets.financial_months_of_standard",
    FlagCode.AST_04: "assets.financial_months_of_standard",
    FlagCode.AST_05: "assets.houses_max",
    FlagCode.AST_06: "assets.non_residential_max",
    FlagCode.AST_07: "assets.new_house_years",
    FlagCode.AST_08: "assets.vehicles_max",
    FlagCode.AST_09: "assets.counted_machine_types",
    FlagCode.POV_01: "income.edge_percent",
}
"""The policy value a rule measures by; the others rest on the duty to compare itself (R-067, R-068)."""
_COMPARED: Final = "check.mandatory"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A policy's citations and assumptions in the form the domain reads."""

    clauses: dict[FlagCode, str]
    """Basis, document and section of the value behind each rule, with its requirement."""
    page: Fragment
    """Pack, hash and the names of assumed values, as reports show them (R-080)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A policy known by its pack and its hash: what caches are asked by.

    The hash is over values alone: packs that say the same are told apart by their names.
    """

    pack_id: str
    hash: str
    policy: Policy = field(compare=False)


def held(policy: Policy) -> Held:
    return Held(policy.pack_id, policy.hash, policy)


def rulebook_of(policy: Policy) -> Rulebook:
    """The rulebook of a policy; the same object for the same policy."""
    return _rulebook(held(policy))


@lru_cache(maxsize=512)
def _rulebook(of: Held) -> Rulebook:
    policy = of.policy
    return Rulebook(
        clauses={code: _clause(policy, _KEYS.get(code, _COMPARED)) for code in FlagCode},
        page=spelled({"pack": policy.pack_id, "hash": policy.hash, "assumed": list(policy.assumed)}),
    )


def _clause(policy: Policy, key: str) -> str:
    citation = policy.basis(key)
    place = " ".join(part for part in (citation.document, citation.section) if part)
    return f"{citation.basis}: {place or citation.why or citation.pack_id} ({citation.requirement})"
