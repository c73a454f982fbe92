"""How much a household gets for a month: the shortfall, and the supplement once per person. Whole fen throughout.

Annex 4, formulae 3 and 4. Nothing is rounded here: income comes settled from the check, and the one division, the
supplement's percentage, is settled by the policy's own `supplement.rounding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.values import Month
from contracts.vocabulary import Aid, Area
from policies.model import Policy
from policies.money import Supplement
from policies.words import BenefitMethod, SupplementGroup


class NoFormula(ValueError):
    """The policy pays this aid, or this region pays at all, in a way that is not built; the text is a stable code."""


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """A member for whom the benefit is reckoned, with the groups the survey confirmed."""

    member_id: str
    person_key: str
    groups: frozenset[SupplementGroup]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The amount of one month, with every figure it was reckoned from, in the order of the arithmetic."""

    month: Month
    standard_fen: int
    members: int
    income_fen: int
    shortfall_fen: int
    supplement_each_fen: int
    supplements: int
    supplement_fen: int
    amount_fen: int
    policy_pack: str
    policy_hash: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic as people read it. `rule` is the key of the policy value behind it, where one is."""

    code: str
    zh: str
    en: str
    working: str
    result_fen: int
    requirement: str
    rule: str | None = None


def reckon(
    policy: Policy, month: Month, aid: Aid, area: Area, members: Sequence[Beneficiary], income_fen: int
) -> Reckoning:
    """The household's amount for a month under the policy of that month (R-188, R-189, R-194).

    A household whose income reaches the standard, even exactly, gets nothing, and no supplement either: it is no dibao
    family (Annex 4, 7). Raises NoFormula, and ValueError for a negative income or a household of nobody.
    """
    if aid is not Aid.DIBAO:
        raise NoFormula("aid")
    if policy.benefit.method is not BenefitMethod.DIFFERENCE:
        raise NoFormula("method")
    if income_fen < 0 or not members:
        raise ValueError("household")
    standard_fen = policy.income.standard_fen(area)
    shortfall_fen = max(0, standard_fen * len(members) - income_fen)
    each_fen = policy.supplement.amount_fen(standard_fen)
    supplements = sum(supplements_of(one, policy.supplement) for one in members) if shortfall_fen else 0
    return Reckoning(
        month=month,
        standard_fen=standard_fen,
        members=len(members),
        income_fen=income_fen,
        shortfall_fen=shortfall_fen,
        supplement_each_fen=each_fen,
        supplements=supplements,
        supplement_fen=each_fen * supplements,
        amount_fen=shortfall_fen + each_fen * supplements,
        policy_pack=policy.pack_id,
        policy_hash=policy.hash,
    )


def supplements_of(member: Beneficiary, rule: Supplement) -> int:
    """How many supplements one person gets: one, however many groups match, where the policy says once (R-195)."""
    matching = sum(group in member.groups for group in rule.groups)
    return min(matching, 1) if rule.once else matching


def steps(one: Reckoning) -> tuple[Step, ...]:
    """The arithmetic of a month, line by line (R-188, R-194)."""
    full_fen = one.standard_fen * one.members
    return (
        Step(
            "full_standard",
            "低保标准 × 保障人数",
            "standard x members",
            f"{one.standard_fen} × {one.members}",
            full_fen,
            "R-190",
            "income.standard_fen",
        ),
        Step(
            "shortfall",
            "减家庭月收入，得差额",
            "less household income: the shortfall",
            f"max(0, {full_fen} − {one.income_fen})",
            one.shortfall_fen,
            "R-188",
            "benefit.method",
        ),
        Step(
            "supplement",
            "加发：每人加发额 × 加发人数（每人只加发一次）",
            "supplement: amount each x persons, once per person",
            f"{one.supplement_each_fen} × {one.supplements}",
            one.supplement_fen,
            "R-194",
            "supplement.rate_percent",
        ),
        Step(
            "amount",
            "月发放金额",
            "amount of the month",
            f"{one.shortfall_fen} + {one.supplement_fen}",
            one.amount_fen,
            "R-188",
        ),
    )
