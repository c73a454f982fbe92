"""What the generator plants so that a household deserves a flag: one way per code, with wide margins.

Nothing is shared with the rules that raise flags but the vocabulary.

The margins assume a standard of 700 yuan (urban) or 520 yuan (rural) a month and head, and a limit on financial assets
of 24 months of it per head; planted amounts reach three times the household's limit, planted incomes exceed the
declared ones by three tolerances or more. Each planting leaves alone whatever another code looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Literal

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
    Registration,
    SecurityHolding,
    SocialBenefit,
    SocialContribution,
    TaxedIncome,
)
from contracts.values import AccountNumber
from contracts.vocabulary import Agency, Area, Employment, FlagCode, ItemKind, Relation
from simulator.draws import Draws, Weighted
from simulator.family import Household, Person, Planted
from simulator.livelihood import BANKS, DISABILITIES, YUAN, know, long_ago, plate_of, supplement_groups

THREE_LIMITS_PER_HEAD_FEN = 3 * 24 * 70_000
TOLERANCE_FEN = 1_000 * YUAN
"""Of a yearly income; or a tenth of the declared amount, whichever is more."""

_TAXED: tuple[Literal["wage", "labour_service", "business"], ...] = ("wage", "labour_service", "business")
_NOT_HOMES: tuple[Literal["shop", "office", "parking"], ...] = ("shop", "office", "parking")

Plant = Callable[[Draws, Household, Person], bool]
"""Alters the household; False where this member cannot carry the code (nothing altered then)."""


def _excess_fen(draws: Draws, declared_fen: int) -> int:
    """How much more than declared: at least three tolerances."""
    return 3 * max(TOLERANCE_FEN, declared_fen // 10) + draws.between(90, 300) * 100 * YUAN


def _wealth_fen(draws: Draws, household: Household) -> int:
    """An amount over three times the household's limit."""
    return THREE_LIMITS_PER_HEAD_FEN * len(household.members) * draws.between(105, 260) // 100


def _registration(household: Household, person: Person, **changes: object) -> None:
    old = person.facts[Agency.PUBLIC_SECURITY][0]
    assert isinstance(old, Registration)
    person.facts[Agency.PUBLIC_SECURITY] = [replace(old, **changes)]  # type: ignore[arg-type]


def _unregistered(draws: Draws, household: Household, person: Person) -> bool:
    if draws.chance(0.4):
        _registration(household, person, status="not_found", name_matches=False, region="", registered_persons=0)
    else:
        _registration(household, person, name_matches=False)
    return True


def _hidden_member(draws: Draws, household: Household, person: Person) -> bool:
    count = len(household.members) + draws.between(1, 2)
    for member in household.members:
        _registration(household, member, registered_persons=count)
    return True


def _dead_in_register(draws: Draws, household: Household, person: Person) -> bool:
    if person.relation is Relation.APPLICANT:
        return False
    _registration(household, person, status="deceased" if person.is_elder or draws.chance(0.5) else "cancelled")
    return True


def _cremated(draws: Draws, household: Household, person: Person) -> bool:
    if person.relation is Relation.APPLICANT:
        return False
    day = date(draws.between(2023, 2025), draws.between(1, 12), draws.between(1, 28))
    know(person, Agency.CIVIL_AFFAIRS, Cremation(cremated_on=day))
    return True


def _car(draws: Draws, household: Household, person: Person) -> bool:
    know(
        person,
        Agency.VEHICLE,
        MotorVehicle(
            type="car" if draws.chance(0.85) else "truck",
            registered_on=long_ago(draws, 2012, 2025),
            value_fen=draws.between(25, 130) * 1_000 * YUAN,
            plate_mask=AccountNumber(plate_of(draws)).mask(),
        ),
    )
    return True


def _taxed(draws: Draws, household: Household, person: Person) -> bool:
    declared = household.declared_fen(person, ItemKind.WAGE, ItemKind.BUSINESS_INCOME)
    amount = declared + _excess_fen(draws, declared)
    item = draws.pick(_TAXED)
    person.facts[Agency.TAX] = [TaxedIncome(item=item, amount_fen=amount)]
    return True


def _second_house(draws: Draws, household: Household, person: Person) -> bool:
    owned = any(
        isinstance(record, House) and record.use == "residence"
        for member in household.members
        for record in member.facts.get(Agency.HOUSING, ())
    )
    for _ in range(1 if owned else 2):
        house = House(use="residence", area_dm2=draws.between(4_000, 14_000), acquired_on=long_ago(draws))
        know(person, Agency.HOUSING, house)
    return True


def _shop(draws: Draws, household: Household, person: Person) -> bool:
    use = draws.pick(_NOT_HOMES)
    know(person, Agency.HOUSING, House(use=use, area_dm2=draws.between(1_200, 9_000), acquired_on=long_ago(draws)))
    return True


def _new_house(draws: Draws, household: Household, person: Person) -> bool:
    for member in household.members:
        homes = member.facts.get(Agency.HOUSING, [])
        member.facts[Agency.HOUSING] = [r for r in homes if not (isinstance(r, House) and r.use == "residence")]
    household.items = [item for item in household.items if item.kind is not ItemKind.HOUSE]
    bought = date(2025, draws.between(1, 12), draws.between(1, 28))
    know(person, Agency.HOUSING, House(use="residence", area_dm2=draws.between(6_000, 13_000), acquired_on=bought))
    household.declare(person, ItemKind.HOUSE, 0)
    return True


def _deposits(draws: Draws, household: Household, person: Person) -> bool:
    wealth = _wealth_fen(draws, household)
    share = wealth * draws.between(30, 70) // 100
    for balance in (share, wealth - share):
        know(person, Agency.BANK, Deposit(bank=draws.pick(BANKS), balance_fen=balance, outflow_half_year_fen=0))
    return True


def _outflow(draws: Draws, household: Household, person: Person) -> bool:
    left = draws.between(1_000, 90_000)
    outflow = draws.between(80_000, 400_000) * YUAN
    know(person, Agency.BANK, Deposit(bank=draws.pick(BANKS), balance_fen=left, outflow_half_year_fen=outflow))
    return True


def _securities(draws: Draws, household: Household, person: Person) -> bool:
    wealth = _wealth_fen(draws, household)
    cash = draws.between(0, 900_000)
    know(person, Agency.SECURITIES, SecurityHolding(market_value_fen=wealth, cash_fen=cash))
    return True


def _insurance(draws: Draws, household: Household, person: Person) -> bool:
    value = _wealth_fen(draws, household)
    know(person, Agency.INSURANCE, InsurancePolicy(type=draws.pick(("life", "annuity")), cash_value_fen=value))
    return True


def _fund(draws: Draws, household: Household, person: Person) -> bool:
    if person.is_elder:
        return False
    declared = household.declared_fen(person, ItemKind.WAGE)
    base = (declared + _excess_fen(draws, declared)) // 12 + 1
    fund = FundContribution(monthly_base_fen=base, monthly_amount_fen=base * 12 // 100, is_active=True)
    person.facts[Agency.HOUSING_FUND] = [fund]
    return True


def _benefit(draws: Draws, household: Household, person: Person) -> bool:
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


def _contribution(draws: Draws, household: Household, person: Person) -> bool:
    known = person.facts.get(Agency.SOCIAL_INSURANCE, [])
    if person.employment is not Employment.UNEMPLOYED or any(isinstance(r, SocialBenefit) for r in known):
        return False
    base = draws.between(3_000, 6_500) * YUAN
    person.facts[Agency.SOCIAL_INSURANCE] = [SocialContribution(monthly_base_fen=base, is_active=True)]
    return True


def _company(draws: Draws, household: Household, person: Person) -> bool:
    role = BusinessRole(
        role=draws.pick(("legal_representative", "executive", "investor")),
        status="open",
        capital_fen=draws.between(10, 300) * 10_000 * YUAN,
        founded_on=long_ago(draws, 2010, 2024),
    )
    know(person, Agency.MARKET_REGISTRATION, role)
    return True


def _stall(draws: Draws, household: Household, person: Person) -> bool:
    if household.declared_fen(person, ItemKind.BUSINESS_INCOME) or any(
        item.kind is ItemKind.BUSINESS for item in household.items
    ):
        return False
    capital = draws.between(1, 20) * 10_000 * YUAN
    stall = BusinessRole(role="sole_trader", status="open", capital_fen=capital, founded_on=long_ago(draws, 2012, 2024))
    know(person, Agency.MARKET_REGISTRATION, stall)
    return True


def _big_machine(draws: Draws, household: Household, person: Person) -> bool:
    if household.area is not Area.RURAL:
        return False
    machine = Machine(
        type=draws.pick(("large_tractor", "harvester", "vessel")), value_fen=draws.between(60, 300) * 1_000 * YUAN
    )
    know(person, Agency.AGRICULTURAL_MACHINERY, machine)
    return True


def _certificate(draws: Draws, household: Household, person: Person) -> bool:
    if person.disability_grade is None:
        person.disability_grade = draws.between(1, 4)
        person.supplement_groups = supplement_groups(person)
    kind = draws.pick(DISABILITIES)
    roll = draws.uniform()
    if roll < 0.4:
        grade = (person.disability_grade + draws.between(0, 2)) % 4 + 1
        valid_until = date(draws.between(2031, 2036), 12, 31)
    elif roll < 0.75:
        grade = person.disability_grade
        valid_until = date(draws.between(2017, 2024), draws.between(1, 12), 28)
    else:
        person.facts.pop(Agency.DISABLED_FEDERATION, None)
        return True
    certificate = DisabilityCertificate(type=kind, grade=grade, valid_until=valid_until)
    person.facts[Agency.DISABLED_FEDERATION] = [certificate]
    return True


def _aid_elsewhere(draws: Draws, household: Household, person: Person) -> bool:
    aid = AidReceived(
        aid="dibao" if draws.chance(0.8) else "tekun",
        region=f"99{draws.between(0, 9_999):04d}",
        since=long_ago(draws, 2016, 2024),
    )
    know(person, Agency.CIVIL_AFFAIRS, aid)
    return True


def _marriage(draws: Draws, household: Household, person: Person) -> bool:
    """A spouse nobody declared; or a declared couple whose divorce stands in the register."""
    if person.relation is not Relation.APPLICANT:
        return False
    spouse = next((member for member in household.members if member.relation is Relation.SPOUSE), None)
    if spouse is None:
        _set_marriage(person, Marriage(status="married"))
        return True
    for member in (person, spouse):
        _set_marriage(member, Marriage(status="divorced"))
    household.planted.append(Planted(FlagCode.MAR_01, spouse.index))
    return True


def _set_marriage(person: Person, marriage: Marriage) -> None:
    others = [record for record in person.facts[Agency.CIVIL_AFFAIRS] if not isinstance(record, Marriage)]
    person.facts[Agency.CIVIL_AFFAIRS] = [marriage, *others]


def _register_income(draws: Draws, household: Household, person: Person) -> bool:
    if household.area is not Area.RURAL:
        return False
    income = draws.between(390, 600) * 100 * YUAN
    for member in household.members:
        entry = PovertyEntry(status=draws.pick(("monitored", "lifted")), income_per_head_year_fen=income)
        member.facts[Agency.POVERTY_REGISTER] = [entry]
    return True


PLANTS: dict[FlagCode, tuple[float, Plant]] = {
    FlagCode.REG_01: (5, _unregistered),
    FlagCode.REG_02: (5, _hidden_member),
    FlagCode.LIFE_01: (13, _dead_in_register),
    FlagCode.LIFE_02: (12, _cremated),
    FlagCode.MAR_01: (5, _marriage),
    FlagCode.INC_01: (8, _taxed),
    FlagCode.INC_02: (9, _benefit),
    FlagCode.INC_03: (8, _fund),
    FlagCode.INC_04: (60, _contribution),
    FlagCode.AST_01: (10, _deposits),
    FlagCode.AST_02: (5, _outflow),
    FlagCode.AST_03: (4, _securities),
    FlagCode.AST_04: (5, _insurance),
    FlagCode.AST_05: (7, _second_house),
    FlagCode.AST_06: (5, _shop),
    FlagCode.AST_07: (4, _new_house),
    FlagCode.AST_08: (20, _car),
    FlagCode.AST_09: (9, _big_machine),
    FlagCode.BUS_01: (5, _company),
    FlagCode.BUS_02: (6, _stall),
    FlagCode.DUP_01: (5, _aid_elsewhere),
    FlagCode.DIS_01: (5, _certificate),
    FlagCode.POV_01: (8, _register_income),
}
"""Every code that belongs to an agency, how often it is tried, and how it is planted."""

_CODES: Weighted[FlagCode] = Weighted([(code, weight) for code, (weight, _) in PLANTS.items()])
_AT_MOST_ONE = (
    frozenset({FlagCode.REG_01, FlagCode.REG_02, FlagCode.LIFE_01}),
    frozenset({FlagCode.AST_05, FlagCode.AST_07}),
    frozenset({FlagCode.INC_02, FlagCode.INC_04}),
)
"""Codes that speak about the same records: a household gets one of each group."""


def plant(draws: Draws, household: Household, code: FlagCode, carrier: Person) -> bool:
    """Plant one code on one adult of the household; False where it does not fit there."""
    had = {planted.code for planted in household.planted}
    if code in had or any(code in group and had & group for group in _AT_MOST_ONE):
        return False
    _, way = PLANTS[code]
    if not way(draws, household, carrier):
        return False
    household.planted.append(Planted(code, carrier.index))
    return True


def plant_some(draws: Draws, household: Household) -> None:
    """Make the household deserve flags, on one to three of its adults, about every sixth of them for two reasons."""
    adults = household.adults
    roll = draws.uniform()
    wanted = min(1 if roll < 0.24 else 2 if roll < 0.82 else 3, len(adults))
    first = int(draws.uniform() * len(adults))
    for step in range(wanted):
        carrier = adults[(first + step) % len(adults)]
        for _ in range(2 if draws.chance(0.16) else 1):
            while not plant(draws, household, draws.weighted(_CODES), carrier):
                pass
