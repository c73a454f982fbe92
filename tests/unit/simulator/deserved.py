"""What a household deserves by the meaning of each code, judged from what the agencies know: the planting's oracle.

It is written from the meaning of the codes alone, so that a clean holding which comes near a threshold, or a planting
that trips another code, is seen here before it is blamed on a flag rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from contracts import findings
from contracts.vocabulary import Agency, Area, Employment, FlagCode, ItemKind, Relation
from simulator.family import Household, Person

STANDARD_FEN = {Area.URBAN: 70_000, Area.RURAL: 52_000}
MARGIN = 3
"""A found amount deserves a flag from three times the tolerance or limit, and is clean below 0.3 of it."""

R = TypeVar("R")


class TooNear(AssertionError):
    """An amount between clean and deserving: no rule could be blamed for either reading."""


def known(person: Person, agency: Agency, kind: type[R]) -> list[R]:
    return [record for record in person.facts.get(agency, ()) if isinstance(record, kind)]


def deserved(household: Household) -> set[FlagCode]:
    return set(_codes(household))


def _codes(household: Household) -> Iterator[FlagCode]:
    members = household.members
    for person in members:
        yield from _of_person(household, person)
    yield from _of_wealth(household)
    houses = [house for person in members for house in known(person, Agency.HOUSING, findings.House)]
    homes = [house for house in houses if house.use == "residence"]
    if len(homes) >= 2:
        yield FlagCode.AST_05
    if len(houses) > len(homes):
        yield FlagCode.AST_06
    if any(home.acquired_on > date(2024, 12, 1) for home in homes):
        yield FlagCode.AST_07
    elif any(home.acquired_on > date(2020, 1, 1) for home in homes):
        raise TooNear("a home bought neither long ago nor lately")


def _of_wealth(household: Household) -> Iterator[FlagCode]:
    members = household.members
    deposits = [record for person in members for record in known(person, Agency.BANK, findings.Deposit)]
    holdings = [record for person in members for record in known(person, Agency.SECURITIES, findings.SecurityHolding)]
    policies = [record for person in members for record in known(person, Agency.INSURANCE, findings.InsurancePolicy)]
    by_code = {
        FlagCode.AST_01: sum(record.balance_fen for record in deposits),
        FlagCode.AST_03: sum(record.market_value_fen + record.cash_fen for record in holdings),
        FlagCode.AST_04: sum(record.cash_value_fen for record in policies),
    }
    clean_fen = 0
    for code, amount_fen in by_code.items():
        if amount_fen >= MARGIN * 24 * STANDARD_FEN[Area.URBAN] * len(members):
            yield code
        else:
            clean_fen += amount_fen
    if clean_fen > 0.3 * 24 * STANDARD_FEN[Area.RURAL] * len(members):
        raise TooNear("financial assets")
    for record in deposits:
        if record.outflow_half_year_fen >= 8_000_000:
            yield FlagCode.AST_02
        elif record.outflow_half_year_fen > 1_000_000:
            raise TooNear("outflow")


def _of_person(household: Household, person: Person) -> Iterator[FlagCode]:
    (register,) = known(person, Agency.PUBLIC_SECURITY, findings.Registration)
    if register.status == "not_found" or not register.name_matches:
        yield FlagCode.REG_01
    if register.status in ("deceased", "cancelled"):
        yield FlagCode.LIFE_01
    if register.registered_persons > len(household.members):
        yield FlagCode.REG_02
    if any(vehicle.type in ("car", "truck") for vehicle in known(person, Agency.VEHICLE, findings.MotorVehicle)):
        yield FlagCode.AST_08
    yield from _of_income(household, person)
    for role in known(person, Agency.MARKET_REGISTRATION, findings.BusinessRole):
        is_declared = any(item.kind is ItemKind.BUSINESS and item.member == person.index for item in household.items)
        if role.status == "open" and role.role != "sole_trader":
            yield FlagCode.BUS_01
        elif role.status == "open" and not is_declared:
            yield FlagCode.BUS_02
    if any(found.type != "small_tractor" for found in known(person, Agency.AGRICULTURAL_MACHINERY, findings.Machine)):
        yield FlagCode.AST_09
    if person.disability_grade is not None and not any(
        certificate.grade == person.disability_grade and certificate.valid_until > date(2030, 1, 1)
        for certificate in known(person, Agency.DISABLED_FEDERATION, findings.DisabilityCertificate)
    ):
        yield FlagCode.DIS_01
    yield from _of_civil_affairs(household, person)
    for entry in known(person, Agency.POVERTY_REGISTER, findings.PovertyEntry):
        if entry.income_per_head_year_fen >= 1.5 * MARGIN * 12 * STANDARD_FEN[Area.URBAN]:
            yield FlagCode.POV_01
        elif entry.income_per_head_year_fen > 0.5 * 12 * STANDARD_FEN[Area.RURAL]:
            raise TooNear("income in the register")


def _of_income(household: Household, person: Person) -> Iterator[FlagCode]:
    wage_fen = household.declared_fen(person, ItemKind.WAGE)
    work_fen = household.declared_fen(person, ItemKind.WAGE, ItemKind.BUSINESS_INCOME)
    taxed_fen = sum(record.amount_fen for record in known(person, Agency.TAX, findings.TaxedIncome))
    if _exceeds(taxed_fen, work_fen):
        yield FlagCode.INC_01
    for fund in known(person, Agency.HOUSING_FUND, findings.FundContribution):
        if fund.is_active and _exceeds(fund.monthly_base_fen * 12, wage_fen):
            yield FlagCode.INC_03
    for kinds, item in (
        (("employee_pension", "resident_pension"), ItemKind.PENSION),
        (("unemployment",), ItemKind.UNEMPLOYMENT_BENEFIT),
    ):
        benefits = known(person, Agency.SOCIAL_INSURANCE, findings.SocialBenefit)
        paid_fen = 12 * sum(benefit.monthly_amount_fen for benefit in benefits if benefit.type in kinds)
        if _exceeds(paid_fen, household.declared_fen(person, item)):
            yield FlagCode.INC_02
    if person.employment is Employment.UNEMPLOYED and any(
        record.is_active for record in known(person, Agency.SOCIAL_INSURANCE, findings.SocialContribution)
    ):
        yield FlagCode.INC_04


def _of_civil_affairs(household: Household, person: Person) -> Iterator[FlagCode]:
    if any(aid.aid != "edge" for aid in known(person, Agency.CIVIL_AFFAIRS, findings.AidReceived)):
        yield FlagCode.DUP_01
    if known(person, Agency.CIVIL_AFFAIRS, findings.Cremation):
        yield FlagCode.LIFE_02
    has_spouse = any(member.relation is Relation.SPOUSE for member in household.members)
    for marriage in known(person, Agency.CIVIL_AFFAIRS, findings.Marriage):
        if person.relation in (Relation.APPLICANT, Relation.SPOUSE) and (marriage.status == "married") != has_spouse:
            yield FlagCode.MAR_01


def _exceeds(found_fen: int, declared_fen: int) -> bool:
    tolerance_fen = max(100_000, declared_fen // 10)
    if found_fen <= declared_fen:
        return False
    if found_fen < declared_fen + MARGIN * tolerance_fen:
        raise TooNear("income")
    return True
