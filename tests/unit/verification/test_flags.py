"""Each rule: what raises it, and the nearest thing that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.findings import (
    AidReceived,
    BusinessRole,
    Cremation,
    Deposit,
    DisabilityCertificate,
    FundContribution,
    House,
    InsurancePolicy,
    Machine,
    Marriage,
    MotorVehicle,
    PovertyEntry,
    Record,
    Registration,
    SecurityHolding,
    SocialBenefit,
    SocialContribution,
    TaxedIncome,
)
from contracts.vocabulary import Agency, Employment, FlagCode, ItemKind, Relation
from services.verification.domain.flags import RULES, Case, raise_flags
from services.verification.domain.household import Household
from tests.unit.verification.builders import (
    ACCEPTED,
    AS_OF,
    CHECK,
    a_couple_with_a_child,
    a_household,
    a_member,
    a_policy,
    codes_of,
    declared,
    flags_of,
    found_in,
)

LIMIT = 24 * 70_000
"""Financial assets per head of the demo county."""
LATER = date(2030, 1, 1)


def registered(status: str = "normal", *, matches: bool = True, persons: int = 1) -> Registration:
    return Registration(status=status, name_matches=matches, region="990101", registered_persons=persons)  # type: ignore[arg-type]


def house(use: str = "residence", acquired_on: date = date(2005, 1, 1), area_dm2: int = 8_000) -> House:
    return House(use=use, area_dm2=area_dm2, acquired_on=acquired_on)  # type: ignore[arg-type]


def vehicle(type_: str) -> MotorVehicle:
    return MotorVehicle(type=type_, registered_on=date(2019, 1, 1), value_fen=1, plate_mask="*")  # type: ignore[arg-type]


def role(role_: str, status: str = "open") -> BusinessRole:
    return BusinessRole(role=role_, status=status, capital_fen=0, founded_on=date(2020, 1, 1))  # type: ignore[arg-type]


def benefit(type_: str, monthly_fen: int) -> SocialBenefit:
    return SocialBenefit(type=type_, monthly_amount_fen=monthly_fen)  # type: ignore[arg-type]


def deposit(balance_fen: int = 0, outflow_fen: int = 0) -> Deposit:
    return Deposit(bank="B1", balance_fen=balance_fen, outflow_half_year_fen=outflow_fen)


def fund(monthly_fen: int, *, is_active: bool = True) -> FundContribution:
    return FundContribution(monthly_base_fen=monthly_fen, monthly_amount_fen=1, is_active=is_active)


def certificate(grade: int, until: date = LATER) -> DisabilityCertificate:
    return DisabilityCertificate(type="physical", grade=grade, valid_until=until)


ALONE = a_household()
DISABLED = a_household(members=[a_member(disability_grade=2)])
COUPLE = a_household(members=[a_member(), a_member("m2", Relation.SPOUSE)])
JOBLESS = a_household(members=[a_member(employment=Employment.UNEMPLOYED)])

RAISES: list[tuple[FlagCode, Household, str, Record]] = [
    (FlagCode.REG_01, ALONE, "public_security", registered("not_found", matches=False)),
    (FlagCode.REG_01, ALONE, "public_security", registered(matches=False)),
    (FlagCode.REG_02, ALONE, "public_security", registered(persons=2)),
    (FlagCode.LIFE_01, ALONE, "public_security", registered("deceased")),
    (FlagCode.LIFE_01, ALONE, "public_security", registered("cancelled")),
    (FlagCode.LIFE_02, ALONE, "civil_affairs", Cremation(cremated_on=date(2024, 1, 1))),
    (FlagCode.MAR_01, ALONE, "civil_affairs", Marriage(status="married")),
    (FlagCode.MAR_01, COUPLE, "civil_affairs", Marriage(status="divorced")),
    (FlagCode.MAR_01, COUPLE, "civil_affairs", Marriage(status="single")),
    (FlagCode.INC_01, ALONE, "tax", TaxedIncome(item="wage", amount_fen=100_001)),
    (
        FlagCode.INC_01,
        a_household(declared(ItemKind.WAGE, 2_000_000)),
        "tax",
        TaxedIncome(item="labour_service", amount_fen=2_200_001),
    ),
    (FlagCode.INC_02, ALONE, "social_insurance", benefit("employee_pension", 8_334)),
    (FlagCode.INC_02, ALONE, "social_insurance", benefit("unemployment", 8_334)),
    (FlagCode.INC_02, ALONE, "social_insurance", benefit("resident_pension", 14_300 + 8_334)),
    (FlagCode.INC_03, ALONE, "housing_fund", fund(8_334)),
    (FlagCode.INC_04, JOBLESS, "social_insurance", SocialContribution(monthly_base_fen=1, is_active=True)),
    (FlagCode.AST_01, ALONE, "bank", deposit(LIMIT + 1)),
    (FlagCode.AST_02, ALONE, "bank", deposit(0, 5_000_000)),
    (FlagCode.AST_03, ALONE, "securities", SecurityHolding(market_value_fen=LIMIT, cash_fen=1)),
    (FlagCode.AST_04, ALONE, "insurance", InsurancePolicy(type="life", cash_value_fen=LIMIT + 1)),
    (FlagCode.AST_06, ALONE, "housing", house("shop")),
    (FlagCode.AST_06, ALONE, "housing", house("office")),
    (FlagCode.AST_06, ALONE, "housing", house("parking")),
    (FlagCode.AST_07, ALONE, "housing", house(acquired_on=date(2023, 9, 16))),
    (FlagCode.AST_08, ALONE, "vehicle", vehicle("car")),
    (FlagCode.AST_08, ALONE, "vehicle", vehicle("truck")),
    (FlagCode.AST_09, ALONE, "agricultural_machinery", Machine(type="large_tractor", value_fen=1)),
    (FlagCode.AST_09, ALONE, "agricultural_machinery", Machine(type="harvester", value_fen=1)),
    (FlagCode.AST_09, ALONE, "agricultural_machinery", Machine(type="vessel", value_fen=1)),
    (FlagCode.BUS_01, ALONE, "market_registration", role("legal_representative")),
    (FlagCode.BUS_01, ALONE, "market_registration", role("executive")),
    (FlagCode.BUS_01, ALONE, "market_registration", role("investor")),
    (FlagCode.BUS_02, ALONE, "market_registration", role("sole_trader")),
    (FlagCode.DUP_01, ALONE, "civil_affairs", AidReceived(aid="dibao", region="990101", since=date(2024, 1, 1))),
    (FlagCode.DUP_01, ALONE, "civil_affairs", AidReceived(aid="tekun", region="990101", since=date(2024, 1, 1))),
    (FlagCode.DIS_01, DISABLED, "disabled_federation", certificate(3)),
    (FlagCode.DIS_01, DISABLED, "disabled_federation", certificate(2, ACCEPTED - timedelta(days=1))),
    (FlagCode.POV_01, ALONE, "poverty_register", PovertyEntry(status="lifted", income_per_head_year_fen=936_001)),
]

QUIET: list[tuple[Household, str, Record]] = [
    (ALONE, "public_security", registered(persons=1)),
    (COUPLE, "civil_affairs", Marriage(status="married")),
    (COUPLE, "civil_affairs", Marriage(status="widowed")),
    (ALONE, "civil_affairs", Marriage(status="divorced")),
    (ALONE, "tax", TaxedIncome(item="wage", amount_fen=100_000)),
    (ALONE, "tax", TaxedIncome(item="property", amount_fen=9_000_000)),
    (a_household(declared(ItemKind.WAGE, 2_000_000)), "tax", TaxedIncome(item="wage", amount_fen=2_200_000)),
    (
        a_household(declared(ItemKind.BUSINESS_INCOME, 2_000_000)),
        "tax",
        TaxedIncome(item="business", amount_fen=2_100_000),
    ),
    (ALONE, "social_insurance", benefit("employee_pension", 8_333)),
    (ALONE, "social_insurance", benefit("resident_pension", 14_300)),
    (a_household(declared(ItemKind.PENSION, 3_600_000)), "social_insurance", benefit("employee_pension", 300_000)),
    (a_household(declared(ItemKind.PENSION, 2_000_000)), "social_insurance", benefit("employee_pension", 175_000)),
    (
        a_household(declared(ItemKind.UNEMPLOYMENT_BENEFIT, 1_000_000)),
        "social_insurance",
        benefit("unemployment", 90_000),
    ),
    (ALONE, "housing_fund", fund(8_333)),
    (ALONE, "housing_fund", fund(900_000, is_active=False)),
    (JOBLESS, "social_insurance", SocialContribution(monthly_base_fen=500_000, is_active=False)),
    (ALONE, "social_insurance", SocialContribution(monthly_base_fen=500_000, is_active=True)),
    (ALONE, "bank", deposit(LIMIT, 4_999_999)),
    (ALONE, "securities", SecurityHolding(market_value_fen=LIMIT, cash_fen=0)),
    (ALONE, "insurance", InsurancePolicy(type="life", cash_value_fen=LIMIT)),
    (ALONE, "housing", house(acquired_on=date(2023, 9, 15))),
    (ALONE, "vehicle", vehicle("motorcycle")),
    (ALONE, "vehicle", vehicle("electric_bicycle")),
    (ALONE, "vehicle", vehicle("disability_aid")),
    (ALONE, "agricultural_machinery", Machine(type="small_tractor", value_fen=900_000)),
    (ALONE, "market_registration", role("investor", "closed")),
    (ALONE, "market_registration", role("sole_trader", "closed")),
    (a_household(declared(ItemKind.BUSINESS)), "market_registration", role("sole_trader")),
    (ALONE, "civil_affairs", AidReceived(aid="edge", region="990101", since=date(2024, 1, 1))),
    (DISABLED, "disabled_federation", certificate(2)),
    (ALONE, "poverty_register", PovertyEntry(status="monitored", income_per_head_year_fen=936_000)),
]


@pytest.mark.policy("R-067")
@pytest.mark.policy("R-068")
@pytest.mark.parametrize(("code", "household", "agency", "record"), RAISES)
def test_a_record_raises_its_flag_and_no_other(
    code: FlagCode, household: Household, agency: str, record: Record
) -> None:
    flags = flags_of(household, **{agency: {"m1": (record,)}})
    assert [flag.code for flag in flags] == [code]
    (flag,) = flags
    assert flag.agency == agency == RULES[code].agency
    assert flag.leaf_hashes == (f"leaf-{agency}",)
    assert flag.as_of == AS_OF
    assert flag.clause.endswith(")")
    assert flag.rule == f"{code}/{RULES[code].version}"
    if flag.arithmetic and flag.found_fen is not None:
        assert flag.difference_fen == flag.found_fen - (flag.declared_fen or 0)


@pytest.mark.parametrize(("household", "agency", "record"), QUIET)
def test_what_is_declared_or_allowed_raises_nothing(household: Household, agency: str, record: Record) -> None:
    assert codes_of(household, **{agency: {"m1": (record,)}}) == []


@pytest.mark.policy("R-068")
def test_every_agency_has_a_rule() -> None:
    assert {rule.agency for rule in RULES.values()} == set(Agency)
    assert {code for code, *_ in RAISES} | {FlagCode.AST_05} == set(RULES)


def test_a_declared_disability_without_any_certificate_is_a_flag() -> None:
    assert codes_of(DISABLED) == [("DIS-01", "m1")]


def test_a_second_residence_is_a_flag_of_the_household() -> None:
    two = {"m1": (house(),), "m2": (house(acquired_on=date(2006, 1, 1)),)}
    assert codes_of(COUPLE, housing=two) == [("AST-05", None)]


def test_a_residence_owned_together_counts_once() -> None:
    assert codes_of(COUPLE, housing={"m1": (house(),), "m2": (house(),)}) == []
    assert codes_of(COUPLE, housing={"m1": (house(), house())}) == [("AST-05", None)]


def test_limits_grow_with_the_household() -> None:
    assert codes_of(COUPLE, bank={"m1": (deposit(LIMIT),), "m2": (deposit(LIMIT),)}) == []
    assert codes_of(COUPLE, bank={"m1": (deposit(LIMIT),), "m2": (deposit(LIMIT + 1),)}) == [("AST-01", None)]


def test_accounts_of_one_member_are_taken_together() -> None:
    assert codes_of(COUPLE, bank={"m2": (deposit(0, 3_000_000), deposit(0, 2_000_000))}) == [("AST-02", "m2")]
    assert codes_of(COUPLE, bank={"m1": (deposit(0, 3_000_000),), "m2": (deposit(0, 2_000_000),)}) == []


def test_marriages_of_other_relatives_are_not_compared() -> None:
    household = a_household(members=a_couple_with_a_child())
    assert codes_of(household, civil_affairs={"m3": (Marriage(status="single"),)}) == []


def test_the_same_register_raises_one_flag_for_the_household() -> None:
    both = {"m1": (registered(persons=4),), "m2": (registered(persons=4),)}
    (flag,) = flags_of(COUPLE, public_security=both)
    assert (flag.code, flag.member_id, flag.declared_pieces, flag.found_pieces) == (FlagCode.REG_02, None, 2, 4)


def test_an_agency_that_kept_silent_raises_nothing() -> None:
    found = found_in(DISABLED, silent=[Agency.DISABLED_FEDERATION])
    assert raise_flags(Case(CHECK, DISABLED, a_policy(), found)) == ()


@pytest.mark.policy("R-068")
def test_running_the_rules_again_gives_the_same_flags() -> None:
    records = {"vehicle": {"m1": (vehicle("car"),), "m2": (vehicle("truck"),)}}
    first, second = flags_of(COUPLE, **records), flags_of(COUPLE, **records)
    assert first == second
    assert len({flag.flag_id for flag in first}) == 2


@pytest.mark.policy("R-068")
def test_flags_show_an_arithmetic_that_adds_up() -> None:
    household = a_household(declared(ItemKind.WAGE, 1_000_000))
    wages = (TaxedIncome(item="wage", amount_fen=2_000_000), TaxedIncome(item="business", amount_fen=500_000))
    (flag,) = flags_of(household, tax={"m1": wages})
    *lines, total = [step.amount_fen for step in flag.arithmetic]
    assert lines == [2_000_000, 500_000, -1_000_000]
    assert total == sum(lines) == flag.difference_fen == 1_500_000
    assert (flag.declared_fen, flag.found_fen, flag.tolerance_fen) == (1_000_000, 2_500_000, 100_000)


def test_the_arithmetic_of_benefits_shows_the_exempt_part() -> None:
    (flag,) = flags_of(
        a_household(declared(ItemKind.PENSION, 120_000)),
        social_insurance={"m1": (benefit("resident_pension", 20_000), benefit("unemployment", 50_000))},
    )
    assert [step.amount_fen for step in flag.arithmetic] == [240_000, 600_000, -171_600, -120_000, 548_400]
    assert (flag.declared_fen, flag.found_fen) == (120_000, 668_400)


def test_the_arithmetic_of_a_limit_shows_what_is_beyond_it() -> None:
    (flag,) = flags_of(COUPLE, bank={"m1": (deposit(LIMIT),), "m2": (deposit(LIMIT + 7),)})
    assert [step.amount_fen for step in flag.arithmetic] == [LIMIT, LIMIT + 7, -2 * LIMIT, 7]
    assert flag.tolerance_fen == 2 * LIMIT


def test_a_region_may_allow_one_of_a_kind() -> None:
    policy = a_policy()
    allowing = replace(policy, assets=replace(policy.assets, vehicles_max=1, machines_max=1, non_residential_max=1))
    one: dict[str, dict[str, tuple[Record, ...]]] = {
        "vehicle": {"m1": (vehicle("car"),)},
        "agricultural_machinery": {"m1": (Machine(type="vessel", value_fen=1),)},
        "housing": {"m1": (house("shop"),)},
    }
    two = {agency: {"m1": records["m1"] * 2} for agency, records in one.items()}
    assert raise_flags(Case(CHECK, ALONE, allowing, found_in(ALONE, one))) == ()
    codes = [flag.code for flag in raise_flags(Case(CHECK, ALONE, allowing, found_in(ALONE, two)))]
    assert codes == [FlagCode.AST_06, FlagCode.AST_08, FlagCode.AST_09]


def test_three_years_before_a_leap_day_is_the_last_of_february() -> None:
    leap = a_household(accepted_on=date(2024, 2, 29))
    assert codes_of(leap, housing={"m1": (house(acquired_on=date(2021, 2, 28)),)}) == []
    assert codes_of(leap, housing={"m1": (house(acquired_on=date(2021, 3, 1)),)}) == [("AST-07", "m1")]


def test_the_highest_entry_of_the_poverty_register_speaks_for_the_household() -> None:
    entries = {
        "m1": (PovertyEntry(status="lifted", income_per_head_year_fen=1_000_000),),
        "m2": (PovertyEntry(status="lifted", income_per_head_year_fen=1_200_000),),
    }
    (flag,) = flags_of(COUPLE, poverty_register=entries)
    assert (flag.member_id, flag.found_fen) == (None, 1_200_000)
    assert [step.amount_fen for step in flag.arithmetic] == [1_200_000, -936_000, 264_000]


def test_a_person_not_found_and_a_name_that_differs_read_differently() -> None:
    for record, words in (
        (registered("not_found", matches=False), "no such person in the register"),
        (registered(matches=False), "name and number do not match"),
    ):
        (flag,) = flags_of(ALONE, public_security={"m1": (record,)})
        assert flag.found.en == words
