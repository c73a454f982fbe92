"""Arithmetic that the policy itself does: one fen at each edge."""

from dataclasses import replace
from datetime import date

import pytest

from contracts.vocabulary import Area
from policies.lookup import policy_for
from policies.model import Packs, Policy
from policies.procedure import SpotCheck
from policies.words import Rounding


@pytest.fixture(scope="module")
def yichun(packs: Packs) -> Policy:
    return policy_for(packs, "230799", date(2026, 11, 20))


@pytest.mark.parametrize(
    ("numerator", "down", "half_up", "up"),
    [(0, 0, 0, 0), (1, 0, 0, 1), (17, 1, 1, 2), (18, 1, 2, 2), (23, 1, 2, 2), (24, 2, 2, 2)],
)
def test_rounding_over_twelve_months(numerator: int, down: int, half_up: int, up: int) -> None:
    assert Rounding.DOWN.divide(numerator, 12) == down
    assert Rounding.UP.divide(numerator, 12) == up
    assert Rounding.HALF_UP.divide(numerator, 12) == half_up


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 12), (1, 0), (1, -12)])
def test_rounding_has_no_meaning_below_zero(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        Rounding.DOWN.divide(numerator, denominator)


def test_standards_by_area(yichun: Policy) -> None:
    assert yichun.income.standard_fen(Area.URBAN) == 70_000
    assert yichun.income.standard_fen(Area.RURAL) == 52_000


@pytest.mark.parametrize(("standard", "limit"), [(70_000, 105_000), (1, 2), (3, 5), (52_001, 78_002)])
def test_the_edge_is_strictly_below_its_limit(yichun: Policy, standard: int, limit: int) -> None:
    income = replace(yichun.income, standard_urban_fen=standard)
    assert income.edge_limit_fen(Area.URBAN) == limit
    for found in (limit - 1, limit):
        assert (found < limit) == (2 * found < 3 * standard)


@pytest.mark.policy("R-082")
def test_employment_cost_is_two_months_of_minimum_wage(yichun: Policy) -> None:
    assert yichun.income.employment_cost_fen(2_400_000) == 372_000
    assert yichun.income.employment_cost_fen(372_001) == 372_000
    assert yichun.income.employment_cost_fen(371_999) == 371_999
    assert yichun.income.employment_cost_fen(0) == 0
    uncapped = replace(yichun.income, employment_cost_capped_at_earnings=False)
    assert uncapped.employment_cost_fen(1) == 372_000
    with pytest.raises(ValueError, match="zero or more"):
        yichun.income.employment_cost_fen(-1)


@pytest.mark.parametrize(("standard", "supplement"), [(70_000, 10_500), (52_000, 7_800), (10, 2), (9, 1), (3, 0)])
def test_supplement_is_fifteen_percent_of_the_standard(yichun: Policy, standard: int, supplement: int) -> None:
    assert yichun.supplement.amount_fen(standard) == supplement


@pytest.mark.policy("R-079")
def test_financial_assets_per_head(yichun: Policy) -> None:
    assert yichun.financial_limit_per_head_fen == 24 * 70_000


@pytest.mark.parametrize(
    ("declared", "tolerance"), [(0, 100_000), (1_000_000, 100_000), (1_000_010, 100_001), (3_600_000, 360_000)]
)
def test_tolerance_of_income_is_floor_or_percentage(yichun: Policy, declared: int, tolerance: int) -> None:
    assert yichun.flags.income_tolerance_fen(declared) == tolerance


@pytest.mark.parametrize(
    ("cases", "percent", "drawn"),
    [(0, 30, 0), (1, 30, 1), (10, 30, 3), (11, 30, 4), (7, 50, 4), (5, 100, 5), (5, 0, 0)],
)
def test_ratios_of_not_less_than_round_the_sample_up(cases: int, percent: int, drawn: int) -> None:
    assert SpotCheck.sample_size(cases, percent) == drawn
