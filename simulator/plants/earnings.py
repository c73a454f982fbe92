"""Planted in what members earn and receive: three tolerances or more above what they declare."""

from __future__ import annotations

from typing import Literal

from contracts.findings import (
    FundContribution,
    SocialBenefit,
    SocialContribution,
    TaxedIncome,
)
from contracts.vocabulary import Agency, Employment, ItemKind
from simulator.draws import Draws
from simulator.family import Household, Person
from simulator.livelihood import YUAN, know

TOLERANCE_FEN = 1_000 * YUAN
"""Of a yearly income; or a tenth of the declared amount, whichever is more."""

_TAXED: tuple[Literal["wage", "labour_service", "business"], ...] = ("wage", "labour_service", "business")


def _excess_fen(draws: Draws, declared_fen: int) -> int:
    """How much more than declared: at least three tolerances."""
    return 3 * max(TOLERANCE_FEN, declared_fen // 10) + draws.between(90, 300) * 100 * YUAN


def taxed(draws: Draws, household: Household, person: Person) -> bool:
    declared = household.declared_fen(person, ItemKind.WAGE, ItemKind.BUSINESS_INCOME)
    amount = declared + _excess_fen(draws, declared)
    item = draws.pick(_TAXED)
    person.facts[Agency.TAX] = [TaxedIncome(item=item, amount_fen=amount)]
    return True


def fund(draws: Draws, household: Household, person: Person) -> bool:
    if person.is_elder:
        return False
    declared = household.declared_fen(person, ItemKind.WAGE)
    base = (declared + _excess_fen(draws, declared)) // 12 + 1
    fund = FundContribution(monthly_base_fen=base, monthly_amount_fen=base * 12 // 100, is_active=True)
    person.facts[Agency.HOUSING_FUND] = [fund]
    return True


def benefit(draws: Draws, household: Household, person: Person) -> bool:
    known = person.facts.get(Agency.SOCIAL_INSURANCE, [])
    if person.age >= 50:
        kept = [r for r in known if not (isinstance(r, SocialBenefit) and r.type == "employee_pension")]
        declared = household.declared_fen(person, ItemKind.PENSION)
        monthly = (declared + _excess_fen(draws, declared)) // 12 + 1
        pension = SocialBenefit(type="employee_pension", monthly_amount_fen=monthly)
        person.facts[Agency.SOCIAL_INSURANCE] = [*kept, pension]
        return True
    if person.employment is not Employment.UNEMPLOYED or any(isinstance(r, SocialBenefit) for r in known):
        return False
    monthly = draws.between(1_200, 1_800) * YUAN
    know(person, Agency.SOCIAL_INSURANCE, SocialBenefit(type="unemployment", monthly_amount_fen=monthly))
    return True


def contribution(draws: Draws, household: Household, person: Person) -> bool:
    known = person.facts.get(Agency.SOCIAL_INSURANCE, [])
    if person.employment is not Employment.UNEMPLOYED or any(isinstance(r, SocialBenefit) for r in known):
        return False
    base = draws.between(3_000, 6_500) * YUAN
    person.facts[Agency.SOCIAL_INSURANCE] = [SocialContribution(monthly_base_fen=base, is_active=True)]
    return True
