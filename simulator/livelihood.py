"""What honest members do, own and declare: work, pensions, small savings, one old house, a scooter.

Nothing here deserves a flag.

Clean amounts keep far from every threshold: financial assets of a member stay under 0.3 of 24 months of the rural
standard, what agencies know of an income equals what is declared, houses were acquired long ago.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from contracts.findings import (
    AidReceived,
    BusinessRole,
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
from contracts.values import AccountNumber
from contracts.vocabulary import Agency, Area, Employment, ItemKind, Relation
from simulator.draws import Draws, Weighted
from simulator.family import Household, Person
from simulator.identity import region_of

Disability = Literal["visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple"]
Marital = Literal["married", "divorced", "widowed", "single"]
_STANDINGS: tuple[Literal["monitored", "lifted"], ...] = ("monitored", "lifted")
_ALONE_OLD: tuple[Marital, ...] = ("widowed", "widowed", "divorced")
_ALONE_YOUNG: tuple[Marital, ...] = ("divorced", "single")

YUAN = 100
BANKS = ("工商银行", "农业银行", "建设银行", "邮政储蓄银行", "农村信用社", "龙江银行", "中国银行")
DISABILITIES: tuple[Disability, ...] = ("visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple")
_PLATE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

_URBAN_WORK: Weighted[Employment] = Weighted(
    [(Employment.EMPLOYED, 0.34), (Employment.FLEXIBLE, 0.34), (Employment.UNEMPLOYED, 0.32)]
)
_RURAL_WORK: Weighted[Employment] = Weighted(
    [
        (Employment.FARMING, 0.56),
        (Employment.FLEXIBLE, 0.22),
        (Employment.EMPLOYED, 0.12),
        (Employment.UNEMPLOYED, 0.10),
    ]
)


def know(person: Person, agency: Agency, record: Record) -> None:
    """Let this agency know this about the person."""
    person.facts.setdefault(agency, []).append(record)


def plate_of(draws: Draws) -> str:
    return "黑" + draws.pick("ABCDEFG") + "".join(draws.pick(_PLATE_SIGNS) for _ in range(5))


def long_ago(draws: Draws, first_year: int = 1998, last_year: int = 2018) -> date:
    return date(draws.between(first_year, last_year), draws.between(1, 12), draws.between(1, 28))


def settle(draws: Draws, household: Household) -> None:
    """Fill in work, health, holdings and the declaration of a household without anything to hide."""
    region = region_of(household.number)
    register = draws.between(max(1, len(household.members) - 1), len(household.members))
    for person in household.members:
        _health(draws, household, person)
        _work(draws, household, person)
        know(
            person,
            Agency.PUBLIC_SECURITY,
            Registration(status="normal", name_matches=True, region=region, registered_persons=register),
        )
        if person.is_adult:
            _savings(draws, household, person)
        _spending(draws, household, person)
        person.supplement_groups = supplement_groups(person)
    _home(draws, household)
    _marriages(draws, household)
    if household.area is Area.RURAL and draws.chance(0.2):
        income = draws.between(1_500, 3_000) * YUAN
        status = draws.pick(_STANDINGS)
        for person in household.members:
            know(person, Agency.POVERTY_REGISTER, PovertyEntry(status=status, income_per_head_year_fen=income))


def supplement_groups(person: Person) -> list[str]:
    """The groups of people with a right to a supplement, as the person would tick them."""
    groups = []
    if person.disability_grade in (1, 2):
        groups.append("severely_disabled")
    if person.seriously_ill:
        groups.append("seriously_ill")
    if person.age >= 70:
        groups.append("elderly")
    if not person.is_adult:
        groups.append("minor")
    return groups


def _health(draws: Draws, household: Household, person: Person) -> None:
    roll = draws.uniform()
    if roll < (0.09 if person.is_adult else 0.03):
        grade = draws.between(1, 4)
        person.disability_grade = grade
        certificate = DisabilityCertificate(
            type=draws.pick(DISABILITIES), grade=grade, valid_until=date(draws.between(2031, 2036), 12, 31)
        )
        know(person, Agency.DISABLED_FEDERATION, certificate)
        if grade <= 2 and draws.chance(0.2):
            know(
                person,
                Agency.VEHICLE,
                MotorVehicle(
                    type="disability_aid",
                    registered_on=long_ago(draws, 2014, 2024),
                    value_fen=draws.between(20, 60) * 100 * YUAN,
                    plate_mask=AccountNumber(plate_of(draws)).mask(),
                ),
            )
    elif roll > (0.90 if person.is_elder else 0.95):
        person.seriously_ill = True


def _work(draws: Draws, household: Household, person: Person) -> None:
    rural = household.area is Area.RURAL
    if not person.is_adult:
        person.employment = Employment.MINOR
        person.is_student = person.age >= 6
    elif person.is_elder:
        _old_age(draws, household, person, rural=rural)
    elif person.age <= 24 and person.relation is Relation.CHILD and draws.chance(0.6):
        person.employment = Employment.STUDENT
        person.is_student = True
    elif person.disability_grade in (1, 2) or person.seriously_ill:
        person.employment = Employment.UNABLE
    else:
        person.employment = draws.weighted(_RURAL_WORK if rural else _URBAN_WORK)
        _earnings(draws, household, person, rural=rural)


def _old_age(draws: Draws, household: Household, person: Person, *, rural: bool) -> None:
    if rural:
        person.employment = Employment.FARMING if person.age < 68 and draws.chance(0.4) else Employment.UNABLE
        monthly = draws.between(130, 240) * YUAN
        know(person, Agency.SOCIAL_INSURANCE, SocialBenefit(type="resident_pension", monthly_amount_fen=monthly))
        household.declare(person, ItemKind.PENSION, monthly * 12)
    else:
        person.employment = Employment.RETIRED if draws.chance(0.8) else Employment.UNABLE
        if person.employment is Employment.RETIRED:
            monthly = draws.between(900, 1_900) * YUAN
            know(person, Agency.SOCIAL_INSURANCE, SocialBenefit(type="employee_pension", monthly_amount_fen=monthly))
            household.declare(person, ItemKind.PENSION, monthly * 12)


def _earnings(draws: Draws, household: Household, person: Person, *, rural: bool) -> None:
    if person.employment is Employment.EMPLOYED:
        base = draws.between(1_200, 2_600) * YUAN
        household.declare(person, ItemKind.WAGE, base * 12)
        if draws.chance(0.7):
            know(person, Agency.TAX, TaxedIncome(item="wage", amount_fen=base * 12))
        if draws.chance(0.6):
            know(person, Agency.SOCIAL_INSURANCE, SocialContribution(monthly_base_fen=base, is_active=True))
        if draws.chance(0.12):
            fund = FundContribution(monthly_base_fen=base, monthly_amount_fen=base // 10, is_active=True)
            know(person, Agency.HOUSING_FUND, fund)
    elif person.employment is Employment.FLEXIBLE:
        amount = draws.between(60, 150) * 100 * YUAN
        household.declare(person, ItemKind.WAGE, amount)
        if draws.chance(0.4):
            know(person, Agency.TAX, TaxedIncome(item="labour_service", amount_fen=amount))
        if draws.chance(0.06):
            _declared_trade(draws, household, person)
    elif person.employment is Employment.FARMING:
        household.declare(person, ItemKind.BUSINESS_INCOME, draws.between(30, 90) * 100 * YUAN)
        if draws.chance(0.2):
            small = Machine(type="small_tractor", value_fen=draws.between(30, 80) * 100 * YUAN)
            know(person, Agency.AGRICULTURAL_MACHINERY, small)
    else:
        if draws.chance(0.25):
            monthly = draws.between(700, 1_300) * YUAN
            know(person, Agency.SOCIAL_INSURANCE, SocialBenefit(type="unemployment", monthly_amount_fen=monthly))
            household.declare(person, ItemKind.UNEMPLOYMENT_BENEFIT, monthly * 12)
        elif draws.chance(0.5):
            past = draws.between(1_500, 4_000) * YUAN
            know(person, Agency.SOCIAL_INSURANCE, SocialContribution(monthly_base_fen=past, is_active=False))
            if draws.chance(0.3):
                ended = FundContribution(monthly_base_fen=past, monthly_amount_fen=past // 10, is_active=False)
                know(person, Agency.HOUSING_FUND, ended)


def _declared_trade(draws: Draws, household: Household, person: Person) -> None:
    income = draws.between(20, 60) * 100 * YUAN
    household.declare(person, ItemKind.BUSINESS, 0)
    household.declare(person, ItemKind.BUSINESS_INCOME, income)
    stall = BusinessRole(
        role="sole_trader", status="open", capital_fen=draws.between(5, 30) * 1_000 * YUAN, founded_on=long_ago(draws)
    )
    know(person, Agency.MARKET_REGISTRATION, stall)


def _savings(draws: Draws, household: Household, person: Person) -> None:
    if draws.chance(0.55):
        balance = draws.between(5_000, 230_000)
        outflow = draws.between(500, 1_500) * YUAN if draws.chance(0.1) else 0
        know(person, Agency.BANK, Deposit(bank=draws.pick(BANKS), balance_fen=balance, outflow_half_year_fen=outflow))
        household.declare(person, ItemKind.DEPOSIT, balance)
    roll = draws.uniform()
    if roll < 0.02:
        market, cash = draws.between(10_000, 50_000), draws.between(100, 9_000)
        know(person, Agency.SECURITIES, SecurityHolding(market_value_fen=market, cash_fen=cash))
        household.declare(person, ItemKind.SECURITY, market + cash)
    elif roll < 0.08:
        value = draws.between(20_000, 60_000)
        know(person, Agency.INSURANCE, InsurancePolicy(type=draws.pick(("life", "health")), cash_value_fen=value))
        household.declare(person, ItemKind.INSURANCE_POLICY, value)
    elif roll < 0.20:
        worth = draws.between(15, 50) * 100 * YUAN
        vehicle = MotorVehicle(
            type="motorcycle" if draws.chance(0.4) else "electric_bicycle",
            registered_on=long_ago(draws, 2015, 2025),
            value_fen=worth,
            plate_mask=AccountNumber(plate_of(draws)).mask(),
        )
        know(person, Agency.VEHICLE, vehicle)
        household.declare(person, ItemKind.VEHICLE, worth)
    elif roll < 0.225:
        closed = BusinessRole(
            role=draws.pick(("sole_trader", "legal_representative", "investor")),
            status="closed",
            capital_fen=draws.between(10, 100) * 1_000 * YUAN,
            founded_on=long_ago(draws),
        )
        know(person, Agency.MARKET_REGISTRATION, closed)
    elif roll < 0.235:
        edge = AidReceived(aid="edge", region=region_of(household.number), since=long_ago(draws, 2021, 2025))
        know(person, Agency.CIVIL_AFFAIRS, edge)


def _spending(draws: Draws, household: Household, person: Person) -> None:
    if person.seriously_ill:
        household.declare(person, ItemKind.MEDICAL_EXPENDITURE, draws.between(20, 300) * 100 * YUAN)
    if person.disability_grade is not None and draws.chance(0.5):
        household.declare(person, ItemKind.REHABILITATION_EXPENDITURE, draws.between(5, 60) * 100 * YUAN)
    if person.employment is Employment.STUDENT:
        household.declare(person, ItemKind.EDUCATION_EXPENDITURE, draws.between(40, 90) * 100 * YUAN)
    if person.is_elder and draws.chance(0.15):
        household.declare(person, ItemKind.MAINTENANCE, draws.between(10, 40) * 100 * YUAN)


def _home(draws: Draws, household: Household) -> None:
    if not draws.chance(0.62):
        return
    owner = draws.pick(household.adults)
    house = House(use="residence", area_dm2=draws.between(2_800, 11_000), acquired_on=long_ago(draws))
    know(owner, Agency.HOUSING, house)
    household.declare(owner, ItemKind.HOUSE, 0)


def _marriages(draws: Draws, household: Household) -> None:
    """Applicant and spouse as declared; parents who live here together are married, the others live alone."""
    relations = [person.relation for person in household.members]
    has_spouse = Relation.SPOUSE in relations
    parents = relations.count(Relation.PARENT)
    for person in household.adults:
        status: Marital = "single"
        if person.relation is Relation.SPOUSE or (person.relation is Relation.APPLICANT and has_spouse):
            status = "married"
        elif person.relation is Relation.APPLICANT:
            status = draws.pick(_ALONE_OLD if person.is_elder else _ALONE_YOUNG)
        elif person.relation is Relation.PARENT:
            status = "married" if parents == 2 else "widowed"
        know(person, Agency.CIVIL_AFFAIRS, Marriage(status=status))
