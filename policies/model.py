"""The typed policy of one region on one day, and the packs it is drawn from.

Plain attributes give values (`policy.income.standard_fen(area)`); the citation of each is had by its dotted key
(`policy.basis("income.employment_cost_months")`).
Standard library only, so that `domain` rooms may use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, get_args, get_type_hints

from contracts.vocabulary import Basis
from policies.eligibility import Agencies, Assets, Consent, Flags, Household, Income, Intake, Report
from policies.money import Benefit, Payment, Supplement
from policies.procedure import Appraisal, Check, Deadlines, Decision, Publicity, SpotCheck, Survey
from policies.rule import Rule
from policies.words import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """On what a value rests and when it holds."""

    basis: Basis
    document: str | None
    """Title of the document, with its number where it has one; absent where the value is assumed."""
    section: str | None
    why: str | None
    """Reason of an assumption, or how an unclear text was read."""
    requirement: str
    """R-nnn or article that asks for the value."""
    pack_id: str
    """Pack that gives the value, which may be an ancestor's."""
    valid_from: date
    valid_to: date | None
    """Last day on which the value holds; absent while no end is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """One value of one key while it holds."""

    value: object
    citation: Citation

    def holds(self, on: date) -> bool:
        return self.citation.valid_from <= on and (self.citation.valid_to is None or on <= self.citation.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region of the packs with the values it fixes itself; all others come from its parent."""

    code: str
    parent: str | None
    """Code of the region it inherits from, written out; absent for the nation."""
    level: Level
    name_zh: str
    name_en: str
    pack_id: str
    in_force_from: date
    values: Mapping[str, tuple[Dated, ...]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Packs:
    """Every region of every pack, by code. Built and checked once by `policies.load`."""

    regions: Mapping[str, Region]

    def chain(self, code: str) -> tuple[Region, ...]:
        """The region and its ancestors, nearest first. KeyError for a code no pack holds."""
        region = self.regions[code]
        found = [region]
        while region.parent is not None:
            region = self.regions[region.parent]
            found.append(region)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything in force for one region on one day."""

    region: str
    on: date
    pack_id: str
    """Pack of the region itself, for example `yichun@2026.1`."""
    hash: str
    """sha256 over every value with its citation; the same as long as nothing that is in force changes."""
    citations: Mapping[str, Citation]
    intake: Intake
    household: Household
    consent: Consent
    agencies: Agencies
    check: Check
    income: Income
    assets: Assets
    flags: Flags
    report: Report
    survey: Survey
    appraisal: Appraisal
    publicity: Publicity
    spot_check: SpotCheck
    decision: Decision
    deadlines: Deadlines
    benefit: Benefit
    supplement: Supplement
    payment: Payment

    def basis(self, key: str) -> Citation:
        """Citation of a value by its dotted key. KeyError for a key the model does not have."""
        return self.citations[key]

    @property
    def assumed(self) -> tuple[str, ...]:
        """Keys whose values no document gives, in order; shown at start and in reports."""
        return tuple(key for key, citation in self.citations.items() if citation.basis is Basis.ASSUMED)

    @property
    def financial_limit_per_head_fen(self) -> int:
        """Financial assets a household may hold for each member (R-079)."""
        return self.assets.financial_months_of_standard * self.income.standard_urban_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One value of the model: its part, its field, what it may be."""

    part: str
    field: str
    kind: Any
    """The type hint without its rule."""
    rule: Rule


PARTS: Mapping[str, type] = {
    name: hint
    for name, hint in get_type_hints(Policy).items()
    if name not in {"region", "on", "pack_id", "hash", "citations"}
}


def _keys() -> dict[str, Key]:
    found: dict[str, Key] = {}
    for part, kind in PARTS.items():
        hints = get_type_hints(kind, include_extras=True)
        for field in fields(kind):
            annotated, rule = get_args(hints[field.name])
            found[f"{part}.{field.name}"] = Key(part=part, field=field.name, kind=annotated, rule=rule)
    return found


KEYS: Mapping[str, Key] = _keys()
"""Every dotted key a pack may and the nation must give a value for."""
