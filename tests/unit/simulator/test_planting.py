"""Plantings leave alone what other plantings look at."""

from __future__ import annotations

from itertools import permutations

import pytest

from contracts.vocabulary import FlagCode
from simulator.draws import Draws
from simulator.planting import PLANTS, plant
from simulator.population import Population
from tests.unit.simulator.deserved import deserved

SAME_RECORDS = [
    *permutations((FlagCode.REG_01, FlagCode.REG_02, FlagCode.LIFE_01), 2),
    *permutations((FlagCode.AST_05, FlagCode.AST_07), 2),
    *permutations((FlagCode.INC_02, FlagCode.INC_04), 2),
]


@pytest.mark.parametrize(("first", "second"), SAME_RECORDS)
def test_codes_about_the_same_records_exclude_each_other(first: FlagCode, second: FlagCode) -> None:
    """Fresh populations, since planting alters the household it is given."""
    tried = 0
    population = Population(91)
    draws = Draws(1)
    for number in range(400):
        household = population.household(number)
        carrier = household.adults[-1]
        if household.planted or not plant(draws, household, first, carrier):
            continue
        tried += 1
        assert not plant(draws, household, second, carrier)
        assert deserved(household) == {first}
    assert tried > 0


@pytest.mark.parametrize("code", list(PLANTS))
def test_a_code_that_does_not_fit_alters_nothing(code: FlagCode) -> None:
    population, untouched = Population(92), Population(92)
    planted, refused = 0, 0
    for number in range(300):
        household = population.household(number)
        if household.planted:
            continue
        for carrier in household.adults:
            if plant(Draws(number), household, code, carrier):
                planted += 1
                assert deserved(household) == {code}
                break
            refused += 1
            assert household == untouched.household(number)
    assert planted > 0
    assert planted + refused > 100
