"""Registration, income and property, each by itself; what is not known is never read as nothing."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.findings import Deposit, House, Machine, MotorVehicle, Registration
from contracts.vocabulary import Agency, Area, Finding, FlagCode, ItemKind
from services.verification.domain.conditions import Conditions, Verdict, weigh
from services.verification.domain.flags import Case, raise_flags
from services.verification.domain.household import Household
from services.verification.domain.income import verified_income
from services.verification.domain.rulings import NO_RULINGS, Ruling, Rulings
from tests.unit.verification.builders import CHECK, a_household, a_policy, declared, found_in

LIMIT = 24 * 70_000
CAR = MotorVehicle(type="car", registered_on=date(2019, 1, 1), value_fen=1, plate_mask="*")
HOUSE = House(use="residence", area_dm2=8_000, acquired_on=date(2005, 1, 1))


def weighed(
    household: Household, records: object = None, *, silent: tuple[Agency, ...] = (), rulings: Rulings = NO_RULINGS
) -> Conditions:
    found = found_in(household, records, silent=silent)  # type: ignore[arg-type]
    policy = a_policy()
    flags = raise_flags(Case(CHECK, household, policy, found))
    return weigh(household, policy, found, verified_income(household, policy, found, rulings), flags, rulings)


def verdict_of(conditions: Conditions, code: str) -> Verdict:
    return next(test.verdict for test in conditions.property_tests if test.code == code)


@pytest.mark.policy("R-077")
def test_the_three_conditions_are_evaluated_separately() -> None:
    over_income = weighed(a_household(declared(ItemKind.PENSION, 9_000_000)))
    assert (over_income.registration, over_income.income, over_income.property_rule) == (
        Verdict.MET,
        Verdict.NOT_MET,
        Verdict.MET,
    )
    with_car = weighed(a_household(), {"vehicle": {"m1": (CAR,)}})
    assert (with_car.registration, with_car.income, with_car.property_rule) == (
        Verdict.MET,
        Verdict.MET,
        Verdict.NOT_MET,
    )
    gone = Registration(status="deceased", name_matches=True, region="990101", registered_persons=1)
    assert weighed(a_household(), {"public_security": {"m1": (gone,)}}).registration is Verdict.NOT_MET


@pytest.mark.policy("R-079")
@pytest.mark.parametrize(
    ("agency", "code"),
    [
        (Agency.BANK, "deposits"),
        (Agency.SECURITIES, "securities"),
        (Agency.INSURANCE, "insurance"),
        (Agency.HOUSING, "residences"),
        (Agency.VEHICLE, "vehicles"),
        (Agency.AGRICULTURAL_MACHINERY, "machines"),
    ],
)
def test_a_silent_agency_leaves_its_test_unknown(agency: Agency, code: str) -> None:
    conditions = weighed(a_household(), silent=(agency,))
    assert verdict_of(conditions, code) is Verdict.NOT_KNOWN
    assert conditions.property_rule is Verdict.NOT_KNOWN
    assert not conditions.all_met


def test_silence_about_income_leaves_income_unknown_unless_it_already_fails() -> None:
    poor, rich = a_household(), a_household(declared(ItemKind.PENSION, 9_000_000))
    assert weighed(poor, silent=(Agency.TAX,)).income is Verdict.NOT_KNOWN
    assert weighed(rich, silent=(Agency.TAX,)).income is Verdict.NOT_MET


def test_what_the_declaration_itself_exceeds_fails_even_in_silence() -> None:
    household = a_household(declared(ItemKind.DEPOSIT, LIMIT + 1))
    assert verdict_of(weighed(household, silent=(Agency.BANK,)), "deposits") is Verdict.NOT_MET


def test_financial_assets_are_tested_together_too() -> None:
    household = a_household(
        declared(ItemKind.SECURITY, LIMIT // 2 + 1), declared(ItemKind.INSURANCE_POLICY, LIMIT // 2)
    )
    conditions = weighed(household)
    assert verdict_of(conditions, "securities") is Verdict.MET
    assert verdict_of(conditions, "financial_assets") is Verdict.NOT_MET


def test_the_limit_itself_is_allowed() -> None:
    found = {"bank": {"m1": (Deposit(bank="B", balance_fen=LIMIT, outflow_half_year_fen=0),)}}
    assert verdict_of(weighed(a_household(), found), "deposits") is Verdict.MET


@pytest.mark.policy("R-070")
def test_a_refuted_finding_no_longer_fails_a_condition() -> None:
    records = {"vehicle": {"m1": (CAR,)}, "housing": {"m1": (HOUSE, HOUSE)}}
    rulings: Rulings = {
        (FlagCode.AST_08, "m1"): Ruling(Finding.UNTRUE),
        (FlagCode.AST_05, None): Ruling(Finding.PARTLY, found_pieces=1),
    }
    assert weighed(a_household(), records).property_rule is Verdict.NOT_MET
    assert weighed(a_household(), records, rulings=rulings).property_rule is Verdict.MET


def test_a_declared_machine_counts_where_nobody_is_asked_about_it() -> None:
    urban = a_household(declared(ItemKind.MACHINE), area=Area.URBAN)
    assert verdict_of(weighed(urban), "machines") is Verdict.NOT_MET
    rural = a_household(declared(ItemKind.MACHINE))
    small = {"agricultural_machinery": {"m1": (Machine(type="small_tractor", value_fen=1),)}}
    assert verdict_of(weighed(rural, small), "machines") is Verdict.MET


@pytest.mark.policy("R-079")
@pytest.mark.parametrize(
    ("code", "agency", "records"),
    [
        ("residences", "housing", (HOUSE, HOUSE)),
        ("non_residential", "housing", (House(use="shop", area_dm2=1, acquired_on=date(2005, 1, 1)),)),
        ("recent_residences", "housing", (House(use="residence", area_dm2=1, acquired_on=date(2026, 1, 1)),)),
        ("vehicles", "vehicle", (CAR,)),
        ("machines", "agricultural_machinery", (Machine(type="harvester", value_fen=1),)),
    ],
)
def test_things_found_beyond_the_limit_fail_their_test_and_no_other(
    code: str, agency: str, records: tuple[object, ...]
) -> None:
    conditions = weighed(a_household(), {agency: {"m1": records}})
    assert [test.code for test in conditions.property_tests if test.verdict is Verdict.NOT_MET] == [code]


def test_things_declared_count_even_where_the_agency_knows_of_fewer() -> None:
    two_houses = a_household(declared(ItemKind.HOUSE, quantity=2))
    assert verdict_of(weighed(two_houses), "residences") is Verdict.NOT_MET
    assert verdict_of(weighed(a_household(declared(ItemKind.NON_RESIDENTIAL))), "non_residential") is Verdict.NOT_MET


def test_a_declared_vehicle_counts_while_the_agency_is_silent_and_is_settled_by_its_answer() -> None:
    household = a_household(declared(ItemKind.VEHICLE))
    assert verdict_of(weighed(household, silent=(Agency.VEHICLE,)), "vehicles") is Verdict.NOT_MET
    assert verdict_of(weighed(household), "vehicles") is Verdict.MET
