"""Money in verification: whole fen, arithmetic that adds up line by line, against a second reckoning in fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.findings import FundContribution, Record, SocialBenefit, TaxedIncome
from contracts.vocabulary import Area, Finding, FlagCode, ItemKind, Relation
from policies.model import Policy
from services.verification.domain.flags import Case, raise_flags
from services.verification.domain.household import Declared, Household
from services.verification.domain.income import Income, verified_income
from services.verification.domain.rulings import Ruling
from tests.unit.verification.builders import CHECK, a_household, a_member, a_policy, declared, found_in

INCOME = (
    ItemKind.WAGE,
    ItemKind.BUSINESS_INCOME,
    ItemKind.PROPERTY_INCOME,
    ItemKind.PENSION,
    ItemKind.UNEMPLOYMENT_BENEFIT,
    ItemKind.MAINTENANCE,
    ItemKind.OTHER_INCOME,
)
SPENDING = (ItemKind.MEDICAL_EXPENDITURE, ItemKind.REHABILITATION_EXPENDITURE, ItemKind.EDUCATION_EXPENDITURE)
IDS = ("m1", "m2", "m3")

amounts = st.integers(0, 20_000_000)
items = st.builds(
    lambda kind, amount, member: declared(kind, amount, member),
    st.sampled_from(INCOME + SPENDING),
    amounts,
    st.sampled_from(IDS),
)
regions = st.sampled_from(["230799", "654099"])
taxed = st.builds(
    lambda item, amount: TaxedIncome(item=item, amount_fen=amount),
    st.sampled_from(["wage", "labour_service", "business", "property"]),
    amounts,
)
funds = st.builds(
    lambda base, active: FundContribution(monthly_base_fen=base, monthly_amount_fen=0, is_active=active),
    st.integers(0, 2_000_000),
    st.booleans(),
)
benefits = st.builds(
    lambda kind, amount: SocialBenefit(type=kind, monthly_amount_fen=amount),
    st.sampled_from(["employee_pension", "resident_pension", "unemployment"]),
    st.integers(0, 2_000_000),
)


def by_member(records: st.SearchStrategy[Record]) -> st.SearchStrategy[dict[str, tuple[Record, ...]]]:
    return st.dictionaries(st.sampled_from(IDS), st.lists(records, max_size=3).map(tuple), max_size=3)


found_records = st.fixed_dictionaries(
    {"tax": by_member(taxed), "housing_fund": by_member(funds), "social_insurance": by_member(benefits)}
)
areas = st.sampled_from(list(Area))


def household_of(declaration: list[Declared], area: Area) -> Household:
    members = [a_member("m1"), a_member("m2", Relation.SPOUSE), a_member("m3", Relation.PARENT)]
    return a_household(*declaration, members=members, area=area)


def reckon(household: Household, records: dict[str, dict[str, tuple[Record, ...]]], policy: Policy) -> Income:
    return verified_income(household, policy, found_in(household, records, policy=policy))


def by_the_text(household: Household, policy: Policy) -> Fraction:
    """Formula 1 of Annex 4 for a household about which nothing was found, written from its words alone."""
    gross = cost = Fraction(0)
    for member in household.members:
        own = [item for item in household.declaration if item.member_id == member.member_id]
        gross += sum(item.amount_fen for item in own if item.kind in INCOME)
        wage = sum(item.amount_fen for item in own if item.kind is ItemKind.WAGE)
        cost += min(wage, policy.income.employment_cost_months * policy.income.minimum_wage_fen)
    heads = len(household.members)
    standard = policy.income.standard_urban_fen if household.area is Area.URBAN else policy.income.standard_rural_fen
    income = max(Fraction(0), gross - cost)
    names = {category.value for category in policy.income.rigid_categories}
    deductible = {
        ItemKind.MEDICAL_EXPENDITURE: "serious_illness" in names,
        ItemKind.REHABILITATION_EXPENDITURE: "disability_rehabilitation" in names,
        ItemKind.EDUCATION_EXPENDITURE: "schooling" in names,
    }
    if not policy.income.rigid_only_above_standard or income / heads / 12 > standard:
        income -= sum(item.amount_fen for item in household.declaration if deductible.get(item.kind))
    return max(Fraction(0), income) / heads / 12


@pytest.mark.policy("R-078")
@given(st.lists(items, max_size=12), areas, regions)
def test_income_agrees_with_a_second_reckoning_from_the_text(
    declaration: list[Declared], area: Area, region: str
) -> None:
    household, policy = household_of(declaration, area), a_policy(region)
    income, expected = reckon(household, {}, policy), by_the_text(household, policy)
    assert income.per_head_month_fen == expected.numerator // expected.denominator
    assert income.is_below == (expected < policy.income.standard_fen(area))


@given(st.lists(items, max_size=8), found_records, areas, regions)
def test_the_lines_shown_add_up_to_the_result(
    declaration: list[Declared], records: dict[str, dict[str, tuple[Record, ...]]], area: Area, region: str
) -> None:
    income = reckon(household_of(declaration, area), records, a_policy(region))
    *lines, year, _ = income.steps
    gross = next(place for place, step in enumerate(lines) if step.label.en.startswith("gross"))
    assert sum(step.amount_fen for step in lines[:gross]) == lines[gross].amount_fen
    assert year.amount_fen == income.year_fen
    floor_after_cost = max(
        0,
        sum(
            step.amount_fen
            for step in lines[gross:]
            if "payment" not in step.label.en
            and "rehabilitation" not in step.label.en
            and "schooling" not in step.label.en
        ),
    )
    rigid = sum(step.amount_fen for step in lines[gross + 1 :] if step.basis == "declaration")
    assert income.year_fen == max(0, floor_after_cost + rigid)
    assert all(type(step.amount_fen) is int for step in income.steps)


@given(st.lists(items, max_size=8), found_records, areas)
def test_what_agencies_find_never_lowers_what_was_declared_before_deductions(
    declaration: list[Declared], records: dict[str, dict[str, tuple[Record, ...]]], area: Area
) -> None:
    household = household_of(declaration, area)
    for line in reckon(household, records, a_policy()).lines:
        assert line.counted_fen >= line.declared_fen


@pytest.mark.policy("R-070")
@given(st.lists(items, max_size=8), found_records, areas)
def test_refuting_every_flag_never_raises_income(
    declaration: list[Declared], records: dict[str, dict[str, tuple[Record, ...]]], area: Area
) -> None:
    household, policy = household_of(declaration, area), a_policy()
    found = found_in(household, records, policy=policy)
    flags = raise_flags(Case(CHECK, household, policy, found))
    untrue: dict[tuple[FlagCode, str | None], Ruling] = {
        (flag.code, flag.member_id): Ruling(Finding.UNTRUE) for flag in flags
    }
    gross = sum(line.counted_fen for line in verified_income(household, policy, found).lines)
    refuted = sum(line.counted_fen for line in verified_income(household, policy, found, untrue).lines)
    assert refuted <= gross


@given(st.lists(items, max_size=6), found_records, areas)
def test_flags_about_income_name_exact_differences(
    declaration: list[Declared], records: dict[str, dict[str, tuple[Record, ...]]], area: Area
) -> None:
    household, policy = household_of(declaration, area), a_policy()
    for flag in raise_flags(Case(CHECK, household, policy, found_in(household, records, policy=policy))):
        *lines, total = [step.amount_fen for step in flag.arithmetic]
        assert total == sum(lines) == flag.difference_fen
        assert flag.tolerance_fen is not None
        assert total > flag.tolerance_fen or flag.code is FlagCode.INC_02
