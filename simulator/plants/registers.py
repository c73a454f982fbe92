"""Planted in the registers of persons: who is who, lives, is married, disabled, or already helped."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from contracts.findings import (
    AidReceived,
    Cremation,
    DisabilityCertificate,
    Marriage,
    PovertyEntry,
    Registration,
)
from contracts.vocabulary import Agency, Area, FlagCode, Relation
from simulator.draws import Draws
from simulator.family import Household, Person, Planted
from simulator.livelihood import DISABILITIES, YUAN, know, long_ago, supplement_groups


def _registration(household: Household, person: Person, **changes: object) -> None:
    old = person.facts[Agency.PUBLIC_SECURITY][0]
    assert isinstance(old, Registration)
    person.facts[Agency.PUBLIC_SECURITY] = [replace(old, **changes)]


def unregistered(draws: Draws, household: Household, person: Person) -> bool:
    if draws.chance(0.4):
        _registration(household, person, status="not_found", name_matches=False, region="", registered_persons=0)
    else:
        _registration(household, person, name_matches=False)
    return True


def hidden_member(draws: Draws, household: Household, person: Person) -> bool:
    count = len(household.members) + draws.between(1, 2)
    for member in household.members:
        _registration(household, member, registered_persons=count)
    return True


def dead_in_register(draws: Draws, household: Household, person: Person) -> bool:
    if person.relation is Relation.APPLICANT:
        return False
    _registration(household, person, status="deceased" if person.is_elder or draws.chance(0.5) else "cancelled")
    return True


def cremated(draws: Draws, household: Household, person: Person) -> bool:
    if person.relation is Relation.APPLICANT:
        return False
    day = date(draws.between(2023, 2025), draws.between(1, 12), draws.between(1, 28))
    know(person, Agency.CIVIL_AFFAIRS, Cremation(cremated_on=day))
    return True


def marriage(draws: Draws, household: Household, person: Person) -> bool:
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


def certificate(draws: Draws, household: Household, person: Person) -> bool:
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


def aid_elsewhere(draws: Draws, household: Household, person: Person) -> bool:
    aid = AidReceived(
        aid="dibao" if draws.chance(0.8) else "tekun",
        region=f"99{draws.between(0, 9_999):04d}",
        since=long_ago(draws, 2016, 2024),
    )
    know(person, Agency.CIVIL_AFFAIRS, aid)
    return True


def register_income(draws: Draws, household: Household, person: Person) -> bool:
    if household.area is not Area.RURAL:
        return False
    income = draws.between(390, 600) * 100 * YUAN
    for member in household.members:
        entry = PovertyEntry(status=draws.pick(("monitored", "lifted")), income_per_head_year_fen=income)
        member.facts[Agency.POVERTY_REGISTER] = [entry]
    return True
