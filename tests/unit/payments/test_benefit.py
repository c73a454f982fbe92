"""Amounts to the fen: the shortfall at its edges, the supplement once per person, the arithmetic as people read it."""

from __future__ import annotations

import pytest

from contracts.values import Month
from contracts.vocabulary import Aid, Area
from policies.words import BenefitMethod, Rounding, SupplementGroup
from services.payments.domain.benefit import Beneficiary, NoFormula, Reckoning, reckon, steps, supplements_of
from tests.unit.payments.law import XINJIANG, policy

DECEMBER = Month(2026, 12)
ELDERLY, MINOR, ILL = SupplementGroup.ELDERLY, SupplementGroup.MINOR, SupplementGroup.SERIOUSLY_ILL
OLD_SOLDIER = SupplementGroup.OLD_DEMOBILISED


def family(*groups: set[SupplementGroup]) -> list[Beneficiary]:
    return [Beneficiary(f"m{place}", f"p{place}", frozenset(of)) for place, of in enumerate(groups)]


def december(
    income_fen: int, *groups: set[SupplementGroup], area: Area = Area.URBAN, region: str = "230799"
) -> Reckoning:
    return reckon(policy(region), DECEMBER, Aid.DIBAO, area, family(*groups), income_fen)


@pytest.mark.policy("R-188", "R-189")
def test_three_people_on_1200_yuan_under_a_standard_of_700_get_900() -> None:
    assert december(120_000, set(), set(), set()).amount_fen == 90_000


@pytest.mark.policy("R-188")
@pytest.mark.parametrize(
    ("income_fen", "amount_fen"),
    [(0, 210_000), (209_998, 2), (209_999, 1), (210_000, 0), (210_001, 0), (10**12, 0)],
)
def test_the_shortfall_ends_where_income_reaches_the_standard(income_fen: int, amount_fen: int) -> None:
    assert december(income_fen, set(), set(), set()).amount_fen == amount_fen


@pytest.mark.policy("R-188", "R-194")
def test_one_fen_below_the_standard_the_supplement_is_paid_and_exactly_at_it_nothing() -> None:
    assert december(69_999, {ELDERLY}).amount_fen == 1 + 10_500
    assert december(70_000, {ELDERLY}).amount_fen == 0


@pytest.mark.policy("R-188", "R-194")
@pytest.mark.parametrize(
    ("income_fen", "shortfall_fen", "supplements"),
    [(0, 140_000, 1), (139_998, 2, 1), (139_999, 1, 1), (140_000, 0, 0), (140_001, 0, 0)],
)
def test_in_xinjiang_the_difference_ends_at_the_same_fen_and_the_supplement_with_it(
    income_fen: int, shortfall_fen: int, supplements: int
) -> None:
    one = december(income_fen, {ELDERLY}, {OLD_SOLDIER}, region=XINJIANG)
    assert (one.standard_fen, one.shortfall_fen, one.supplements) == (70_000, shortfall_fen, supplements)
    assert one.amount_fen == shortfall_fen + 7_000 * supplements


@pytest.mark.policy("R-190")
def test_town_and_country_have_their_own_standard() -> None:
    assert december(0, set()).amount_fen == 70_000
    assert december(0, set(), area=Area.RURAL).amount_fen == 52_000


@pytest.mark.policy("R-194")
def test_the_supplement_is_fifteen_percent_of_the_standard_for_each_person_in_a_group() -> None:
    assert december(120_000, {ELDERLY}, {ILL}, set()).supplement_fen == 2 * 10_500
    assert december(0, {OLD_SOLDIER}, area=Area.RURAL).supplement_fen == 7_800


@pytest.mark.policy("R-194")
def test_six_groups_count_in_yichun_and_four_in_xinjiang() -> None:
    everybody = [{group} for group in SupplementGroup]
    assert december(0, *everybody).supplements == 6
    assert december(0, *everybody, region=XINJIANG).supplements == 4
    assert december(0, {ELDERLY}, region=XINJIANG).supplement_each_fen == 7_000


@pytest.mark.policy("R-195")
def test_a_person_in_several_groups_gets_one_supplement() -> None:
    assert december(120_000, {ELDERLY, ILL, OLD_SOLDIER}, set(), set()).supplement_fen == 10_500
    person = Beneficiary("m", "p", frozenset({ELDERLY, ILL}))
    assert supplements_of(person, policy().supplement) == 1
    assert supplements_of(person, policy(supplement={"once": False}).supplement) == 2


@pytest.mark.parametrize(
    ("standard_fen", "rounding", "each_fen"),
    [
        (70_003, Rounding.HALF_UP, 10_500),  # 10,500.45
        (70_010, Rounding.HALF_UP, 10_502),  # 10,501.50
        (70_010, Rounding.DOWN, 10_501),
        (70_003, Rounding.UP, 10_501),
    ],
)
def test_a_fraction_of_a_fen_is_settled_as_the_policy_says(
    standard_fen: int, rounding: Rounding, each_fen: int
) -> None:
    law = policy(income={"standard_urban_fen": standard_fen}, supplement={"rounding": rounding})
    assert reckon(law, DECEMBER, Aid.DIBAO, Area.URBAN, family({ELDERLY}), 0).supplement_each_fen == each_fen


@pytest.mark.parametrize("aid", [aid for aid in Aid if aid is not Aid.DIBAO])
def test_other_aids_have_no_formula_yet(aid: Aid) -> None:
    with pytest.raises(NoFormula, match="aid"):
        reckon(policy(), DECEMBER, aid, Area.URBAN, family(set()), 0)


def test_a_region_that_pays_by_tiers_is_not_paid_by_difference() -> None:
    with pytest.raises(NoFormula, match="method"):
        reckon(policy(benefit={"method": BenefitMethod.TIERS}), DECEMBER, Aid.DIBAO, Area.URBAN, family(set()), 0)


@pytest.mark.parametrize(("members", "income_fen"), [((), 0), ((set(),), -1)])
def test_nobody_and_negative_income_are_refused(members: tuple[set[SupplementGroup], ...], income_fen: int) -> None:
    with pytest.raises(ValueError, match="household"):
        december(income_fen, *members)


@pytest.mark.policy("R-188")
def test_the_arithmetic_reads_line_by_line_and_every_line_works_out() -> None:
    one = december(120_000, {ELDERLY}, {MINOR}, set())
    shown = {step.code: step for step in steps(one)}
    assert {code: step.result_fen for code, step in shown.items()} == {
        "full_standard": 210_000,
        "shortfall": 90_000,
        "supplement": 21_000,
        "amount": 111_000,
    }
    assert shown["full_standard"].working == "70000 × 3"
    assert shown["shortfall"].working == "max(0, 210000 − 120000)"
    assert shown["supplement"].working == "10500 × 2"
    assert shown["amount"].working == "90000 + 21000"
    assert (one.policy_pack, one.policy_hash) == ("yichun@2026.1", policy().hash)
