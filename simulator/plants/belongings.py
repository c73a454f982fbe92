"""Planted in what members own: money over three times the household's limit, cars, second homes, firms, machines."""

from __future__ import annotations

from datetime import date
from typing import Literal

from contracts.findings import (
    BusinessRole,
    Deposit,
    House,
    InsurancePolicy,
    Machine,
    MotorVehicle,
    SecurityHolding,
)
from contracts.values import AccountNumber
from contracts.vocabulary import Agency, Area, ItemKind
from simulator.draws import Draws
from simulator.family import Household, Person
from simulator.livelihood import BANKS, YUAN, know, long_ago, plate_of

THREE_LIMITS_PER_HEAD_FEN = 3 * 24 * 70_000
_NOT_HOMES: tuple[Literal["shop", "office", "parking"], ...] = ("shop", "office", "parking")


def _wealth_fen(draws: Draws, household: Household) -> int:
    """An amount over three times the household's limit."""
    return THREE_LIMITS_PER_HEAD_FEN * len(household.members) * draws.between(105, 260) // 100


def car(draws: Draws, household: Household, person: Person) -> bool:
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


def second_house(draws: Draws, household: Household, person: Person) -> bool:
    owned = any(
        isinstance(record, House) and record.use == "residence"
        for member in household.members
        for record in member.facts.get(Agency.HOUSING, ())
    )
    for _ in range(1 if owned else 2):
        house = House(use="residence", area_dm2=draws.between(4_000, 14_000), acquired_on=long_ago(draws))
        know(person, Agency.HOUSING, house)
    return True


def shop(draws: Draws, household: Household, person: Person) -> bool:
    use = draws.pick(_NOT_HOMES)
    know(person, Agency.HOUSING, House(use=use, area_dm2=draws.between(1_200, 9_000), acquired_on=long_ago(draws)))
    return True


def new_house(draws: Draws, household: Household, person: Person) -> bool:
    for member in household.members:
        homes = member.facts.get(Agency.HOUSING, [])
        member.facts[Agency.HOUSING] = [r for r in homes if not (isinstance(r, House) and r.use == "residence")]
    household.items = [item for item in household.items if item.kind is not ItemKind.HOUSE]
    bought = date(2025, draws.between(1, 12), draws.between(1, 28))
    know(person, Agency.HOUSING, House(use="residence", area_dm2=draws.between(6_000, 13_000), acquired_on=bought))
    household.declare(person, ItemKind.HOUSE, 0)
    return True


def deposits(draws: Draws, household: Household, person: Person) -> bool:
    wealth = _wealth_fen(draws, household)
    share = wealth * draws.between(30, 70) // 100
    for balance in (share, wealth - share):
        know(person, Agency.BANK, Deposit(bank=draws.pick(BANKS), balance_fen=balance, outflow_half_year_fen=0))
    return True


def outflow(draws: Draws, household: Household, person: Person) -> bool:
    left = draws.between(1_000, 90_000)
    outflow = draws.between(80_000, 400_000) * YUAN
    know(person, Agency.BANK, Deposit(bank=draws.pick(BANKS), balance_fen=left, outflow_half_year_fen=outflow))
    return True


def securities(draws: Draws, household: Household, person: Person) -> bool:
    wealth = _wealth_fen(draws, household)
    cash = draws.between(0, 900_000)
    know(person, Agency.SECURITIES, SecurityHolding(market_value_fen=wealth, cash_fen=cash))
    return True


def insurance(draws: Draws, household: Household, person: Person) -> bool:
    value = _wealth_fen(draws, household)
    know(person, Agency.INSURANCE, InsurancePolicy(type=draws.pick(("life", "annuity")), cash_value_fen=value))
    return True


def company(draws: Draws, household: Household, person: Person) -> bool:
    role = BusinessRole(
        role=draws.pick(("legal_representative", "executive", "investor")),
        status="open",
        capital_fen=draws.between(10, 300) * 10_000 * YUAN,
        founded_on=long_ago(draws, 2010, 2024),
    )
    know(person, Agency.MARKET_REGISTRATION, role)
    return True


def stall(draws: Draws, household: Household, person: Person) -> bool:
    if household.declared_fen(person, ItemKind.BUSINESS_INCOME) or any(
        item.kind is ItemKind.BUSINESS for item in household.items
    ):
        return False
    capital = draws.between(1, 20) * 10_000 * YUAN
    stall = BusinessRole(role="sole_trader", status="open", capital_fen=capital, founded_on=long_ago(draws, 2012, 2024))
    know(person, Agency.MARKET_REGISTRATION, stall)
    return True


def big_machine(draws: Draws, household: Household, person: Person) -> bool:
    if household.area is not Area.RURAL:
        return False
    machine = Machine(
        type=draws.pick(("large_tractor", "harvester", "vessel")), value_fen=draws.between(60, 300) * 1_000 * YUAN
    )
    know(person, Agency.AGRICULTURAL_MACHINERY, machine)
    return True
