"""A hundred thousand random households, reckoned by the product and by hand: not a fen apart (INV-26)."""

from __future__ import annotations

import ast
import inspect
import random
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Month
from contracts.vocabulary import Aid, Area
from policies.words import SupplementGroup
from services.payments.domain.benefit import Beneficiary, reckon, steps
from tests.properties import difference_by_hand
from tests.properties.difference_by_hand import month_by_hand
from tests.unit.payments.law import policy

HOUSEHOLDS = 100_000
MONTH = Month(2026, 12)
GROUPS = list(SupplementGroup)


@pytest.mark.policy("R-188", "R-194", "R-195")
def test_a_hundred_thousand_households_agree_with_a_reckoning_by_hand() -> None:
    draw, law = random.Random(20261121), policy()
    apart: list[object] = []
    nothing = at_the_edge = with_supplement = 0
    for number in range(HOUSEHOLDS):
        if number % 500 == 0:
            standard_fen = draw.choice([52_000, 70_000, draw.randrange(30_000, 120_000)])
            changed = replace(law, income=replace(law.income, standard_urban_fen=standard_fen))
        heads = draw.randint(1, 8)
        full_fen = standard_fen * heads
        # A third of them at or a fen beside the edge, where mistakes live.
        income_fen = draw.choice([draw.randrange(0, full_fen * 2), full_fen + draw.randint(-1, 1), full_fen])
        groups = [draw.sample(GROUPS, draw.choice([0, 0, 1, 2, 6])) for _ in range(heads)]
        members = [Beneficiary(f"m{n}", f"p{n}", frozenset(of)) for n, of in enumerate(groups)]
        one = reckon(changed, MONTH, Aid.DIBAO, Area.URBAN, members, income_fen)
        by_hand = month_by_hand(
            Decimal(standard_fen) / 100, Decimal(income_fen) / 100, [[group.value for group in of] for of in groups]
        )
        if Decimal(one.amount_fen) / 100 != by_hand:
            apart.append((standard_fen, heads, income_fen, groups, one.amount_fen, by_hand))
        nothing += one.amount_fen == 0
        at_the_edge += income_fen == full_fen - 1
        with_supplement += one.supplements > 0
    assert apart == []
    assert min(nothing, at_the_edge, with_supplement) > HOUSEHOLDS // 20, "the draw must reach every branch"


def test_the_reckoning_by_hand_knows_nothing_of_the_products() -> None:
    tree = ast.parse(inspect.getsource(difference_by_hand))
    imported = [one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    imported += [name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names]
    assert {str(name).partition(".")[0] for name in imported} <= sys.stdlib_module_names


@given(
    st.integers(1, 10**9), st.integers(0, 10**12), st.lists(st.sets(st.sampled_from(GROUPS)), min_size=1, max_size=20)
)
def test_the_lines_of_the_arithmetic_always_lead_to_the_amount(
    standard_fen: int, income_fen: int, groups: list[set[SupplementGroup]]
) -> None:
    law = policy(income={"standard_urban_fen": standard_fen})
    members = [Beneficiary(f"m{n}", f"p{n}", frozenset(of)) for n, of in enumerate(groups)]
    one = reckon(law, MONTH, Aid.DIBAO, Area.URBAN, members, income_fen)
    results = {step.code: step.result_fen for step in steps(one)}
    assert results["shortfall"] == max(0, results["full_standard"] - income_fen)
    assert results["amount"] == results["shortfall"] + results["supplement"] == one.amount_fen >= 0
    assert (one.amount_fen > 0) == (income_fen < results["full_standard"])


@given(st.integers(0, 300_000), st.integers(1, 5_000))
def test_who_earns_more_never_gets_more(income_fen: int, more_fen: int) -> None:
    members = [Beneficiary(f"m{n}", f"p{n}", frozenset({SupplementGroup.ELDERLY})) for n in range(3)]
    less = reckon(policy(), MONTH, Aid.DIBAO, Area.URBAN, members, income_fen + more_fen).amount_fen
    assert less <= reckon(policy(), MONTH, Aid.DIBAO, Area.URBAN, members, income_fen).amount_fen
