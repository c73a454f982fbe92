"""Verified income by Annex 4, formulae 1, 2 and 7."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.findings import FundContribution, SocialBenefit, SocialContribution, TaxedIncome
from contracts.vocabulary import Aid, Area, Employment, Finding, FlagCode, ItemKind
from services.verification.domain.income import Income, verified_income
from services.verification.domain.rulings import NO_RULINGS, Ruling, Rulings
from tests.unit.verification.builders import a_couple_with_a_child, a_household, a_member, a_policy, declared, found_in

WAGE_24000 = declared(ItemKind.WAGE, 2_400_000)


def reckon(household: object, records: object = None, rulings: Rulings = NO_RULINGS) -> Income:
    return verified_income(household, a_policy(), found_in(household, records), rulings)  # type: ignore[arg-type]


@pytest.mark.policy("R-082")
def test_employment_cost_is_two_minimum_wages_a_year() -> None:
    income = reckon(a_household(WAGE_24000))
    assert income.year_fen == 2_400_000 - 2 * 186_000
    assert [step.amount_fen for step in income.steps] == [2_400_000, 2_400_000, -372_000, 2_028_000, 169_000]


@pytest.mark.policy("R-082")
def test_employment_cost_ends_at_the_earnings() -> None:
    assert reckon(a_household(declared(ItemKind.WAGE, 200_000))).year_fen == 0


@pytest.mark.policy("R-083")
def test_every_worker_has_the_cost_and_nobody_else() -> None:
    members = a_couple_with_a_child()
    both = a_household(WAGE_24000, declared(ItemKind.WAGE, 2_400_000, "m2"), members=members)
    one = a_household(WAGE_24000, declared(ItemKind.PENSION, 2_400_000, "m2"), members=members)
    assert reckon(both).year_fen == 4_800_000 - 2 * 372_000
    assert reckon(one).year_fen == 4_800_000 - 372_000


@pytest.mark.policy("R-078")
def test_income_equal_to_the_standard_does_not_qualify() -> None:
    standard = a_policy().income.standard_fen(Area.RURAL) * 12
    assert not reckon(a_household(declared(ItemKind.PENSION, standard))).is_below
    assert reckon(a_household(declared(ItemKind.PENSION, standard - 1))).is_below


@pytest.mark.policy("R-078")
def test_the_edge_aid_is_measured_by_the_edge_line() -> None:
    pension = declared(ItemKind.PENSION, 60_000 * 12)
    assert not reckon(a_household(pension)).is_below
    assert reckon(a_household(pension, aid=Aid.LOW_INCOME_EDGE)).is_below


@pytest.mark.policy("R-078")
def test_whether_a_household_qualifies_is_decided_before_rounding() -> None:
    members = a_couple_with_a_child()
    yearly = a_policy().income.standard_fen(Area.RURAL) * 36
    income = reckon(a_household(declared(ItemKind.PENSION, yearly + 1), members=members))
    assert income.per_head_month_fen == a_policy().income.standard_fen(Area.RURAL)
    assert not income.is_below


@pytest.mark.policy("R-081")
def test_rigid_expenditure_counts_only_above_the_standard() -> None:
    illness = declared(ItemKind.MEDICAL_EXPENDITURE, 300_000)
    above = reckon(a_household(declared(ItemKind.PENSION, 900_000), illness))
    below = reckon(a_household(declared(ItemKind.PENSION, 600_000), illness))
    assert (above.year_fen, below.year_fen) == (600_000, 600_000)
    assert above.is_below


@pytest.mark.policy("R-081")
def test_only_the_regions_categories_are_deducted() -> None:
    """Yichun deducts illness, rehabilitation and schooling; the national rule names no schooling."""
    household = a_household(
        declared(ItemKind.PENSION, 9_000_000),
        declared(ItemKind.EDUCATION_EXPENDITURE, 1_000_000),
        declared(ItemKind.REHABILITATION_EXPENDITURE, 500_000),
    )
    assert reckon(household).year_fen == 7_500_000
    national = a_policy("654099")
    assert verified_income(household, national, found_in(household, policy=national)).year_fen == 8_500_000


@pytest.mark.policy("R-081")
def test_income_is_never_below_zero() -> None:
    household = a_household(declared(ItemKind.PENSION, 700_000), declared(ItemKind.MEDICAL_EXPENDITURE, 9_000_000))
    assert (reckon(household).year_fen, reckon(household).per_head_month_fen) == (0, 0)


@pytest.mark.policy("R-067")
def test_of_declared_and_found_the_higher_counts() -> None:
    household = a_household(declared(ItemKind.WAGE, 2_000_000), declared(ItemKind.BUSINESS_INCOME, 1_000_000))
    lower = {"tax": {"m1": (TaxedIncome(item="wage", amount_fen=1_000_000),)}}
    higher = {"tax": {"m1": (TaxedIncome(item="wage", amount_fen=4_000_000),)}}
    assert reckon(household, lower).year_fen == 3_000_000 - 372_000
    income = reckon(household, higher)
    assert income.year_fen == 4_000_000 - 372_000
    (line,) = income.lines
    assert (line.declared_fen, line.found_fen, line.counted_fen, line.basis) == (3_000_000, 4_000_000, 4_000_000, "tax")


@pytest.mark.policy("R-067")
def test_a_fund_base_stands_for_the_wage_and_leaves_the_business_beside_it() -> None:
    household = a_household(declared(ItemKind.BUSINESS_INCOME, 1_000_000))
    fund = {"housing_fund": {"m1": (FundContribution(monthly_base_fen=200_000, monthly_amount_fen=1, is_active=True),)}}
    assert reckon(household, fund).year_fen == 3_400_000 - 372_000


def test_insurance_by_an_employer_counts_for_one_declared_unemployed_only() -> None:
    insured = {"social_insurance": {"m1": (SocialContribution(monthly_base_fen=200_000, is_active=True),)}}
    jobless = a_household(members=[a_member(employment=Employment.UNEMPLOYED)])
    assert reckon(jobless, insured).year_fen == 2_400_000 - 372_000
    assert reckon(a_household(), insured).year_fen == 0


def test_the_exempt_part_of_a_resident_pension_is_shown_and_not_counted() -> None:
    paid = {"social_insurance": {"m1": (SocialBenefit(type="resident_pension", monthly_amount_fen=20_000),)}}
    income = reckon(a_household(), paid)
    assert income.year_fen == (20_000 - 14_300) * 12
    assert -14_300 * 12 in [step.amount_fen for step in income.steps]


@pytest.mark.policy("R-070")
@pytest.mark.parametrize(
    ("ruling", "year_fen"),
    [
        (None, 4_000_000 - 372_000),
        (Ruling(Finding.TRUE), 4_000_000 - 372_000),
        (Ruling(Finding.PARTLY, found_fen=3_000_000), 3_000_000 - 372_000),
        (Ruling(Finding.PARTLY, found_fen=0), 2_000_000 - 372_000),
        (Ruling(Finding.UNTRUE), 2_000_000 - 372_000),
        (Ruling(Finding.AGENCY_WRONG), 2_000_000 - 372_000),
    ],
)
def test_what_was_found_untrue_does_not_count(ruling: Ruling | None, year_fen: int) -> None:
    household = a_household(declared(ItemKind.WAGE, 2_000_000))
    taxed = {"tax": {"m1": (TaxedIncome(item="wage", amount_fen=4_000_000),)}}
    rulings = {(FlagCode.INC_01, "m1"): ruling} if ruling else {}
    assert reckon(household, taxed, rulings).year_fen == year_fen  # type: ignore[arg-type]


@pytest.mark.policy("R-070")
def test_a_ruling_on_benefits_counts_too() -> None:
    household = a_household(declared(ItemKind.PENSION, 1_200_000))
    paid = {"social_insurance": {"m1": (SocialBenefit(type="employee_pension", monthly_amount_fen=300_000),)}}
    assert reckon(household, paid).year_fen == 3_600_000
    cleared: Rulings = {(FlagCode.INC_02, "m1"): Ruling(Finding.UNTRUE)}
    assert reckon(household, paid, cleared).year_fen == 1_200_000


def test_a_higher_standard_of_another_year_changes_the_verdict_not_the_sum() -> None:
    household = a_household(declared(ItemKind.PENSION, 720_000))
    richer = replace(a_policy(), income=replace(a_policy().income, standard_rural_fen=70_000))
    found = found_in(household)
    before, after = verified_income(household, a_policy(), found), verified_income(household, richer, found)
    assert before.year_fen == after.year_fen
    assert (before.is_below, after.is_below) == (False, True)


@pytest.mark.policy("R-082")
def test_business_income_bears_no_employment_cost_wherever_it_was_found() -> None:
    taxed = {
        "tax": {
            "m1": (TaxedIncome(item="wage", amount_fen=300_000), TaxedIncome(item="business", amount_fen=2_000_000))
        }
    }
    assert reckon(a_household(), taxed).year_fen == 2_300_000 - 300_000
    assert reckon(a_household(declared(ItemKind.BUSINESS_INCOME, 2_000_000))).year_fen == 2_000_000


def test_a_line_shows_the_highest_of_what_was_found() -> None:
    records = {
        "tax": {"m1": (TaxedIncome(item="wage", amount_fen=1_000_000),)},
        "housing_fund": {"m1": (FundContribution(monthly_base_fen=200_000, monthly_amount_fen=1, is_active=True),)},
        "social_insurance": {"m1": (SocialContribution(monthly_base_fen=100_000, is_active=True),)},
    }
    (line,) = reckon(a_household(members=[a_member(employment=Employment.UNEMPLOYED)]), records).lines
    assert (line.found_fen, line.counted_fen, line.basis) == (2_400_000, 2_400_000, "housing_fund")


def test_property_income_equal_to_the_declaration_stands_as_declared() -> None:
    taxed = {"tax": {"m1": (TaxedIncome(item="property", amount_fen=500_000),)}}
    (same,) = reckon(a_household(declared(ItemKind.PROPERTY_INCOME, 500_000)), taxed).lines
    (more,) = reckon(a_household(declared(ItemKind.PROPERTY_INCOME, 400_000)), taxed).lines
    assert (same.basis, same.counted_fen) == ("declaration", 500_000)
    assert (more.basis, more.counted_fen) == ("tax", 500_000)


@pytest.mark.policy("R-070")
def test_benefits_found_true_count_without_their_exempt_part() -> None:
    paid = {"social_insurance": {"m1": (SocialBenefit(type="resident_pension", monthly_amount_fen=50_000),)}}
    true: Rulings = {(FlagCode.INC_02, "m1"): Ruling(Finding.TRUE)}
    assert reckon(a_household(), paid, true).year_fen == reckon(a_household(), paid).year_fen == (50_000 - 14_300) * 12
