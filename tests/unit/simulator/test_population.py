"""The population is what it promises: the same for ever, believable, and flagged as often as published figures say."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from contracts.values import CitizenId
from contracts.vocabulary import Agency, Area, FlagCode, Relation
from simulator.family import Household
from simulator.identity import HOUSEHOLDS, SANDBOX_FROM, person_no
from simulator.population import Population
from simulator.sandbox import SANDBOX
from tests.unit.simulator.deserved import deserved

MANY = 20_000
BELONG_TO_NO_AGENCY = {FlagCode.SYS_01, FlagCode.SYS_02}


@cache
def many() -> list[Household]:
    population = Population(20_260_630)
    return [population.household(number) for number in range(MANY)]


def test_about_a_quarter_of_households_and_a_seventh_of_persons_deserve_a_flag() -> None:
    flagged = [household for household in many() if household.planted]
    persons = sum(len(household.members) for household in many())
    carriers = sum(len({planted.member for planted in household.planted}) for household in flagged)
    assert 0.22 < len(flagged) / MANY < 0.26
    assert 0.13 < carriers / persons < 0.16
    assert 2.40 < persons / MANY < 2.50
    assert 0.38 < sum(household.area is Area.URBAN for household in many()) / MANY < 0.42


def test_every_household_deserves_exactly_what_was_planted() -> None:
    for household in many():
        assert deserved(household) == {planted.code for planted in household.planted}, household.number


def test_every_code_of_an_agency_is_planted_and_none_is_rare() -> None:
    counts = Counter(planted.code for household in many() for planted in household.planted)
    assert set(counts) == set(FlagCode) - BELONG_TO_NO_AGENCY
    assert min(counts.values()) > MANY * 0.24 * 0.01


def test_clean_households_own_small_things_that_look_like_the_forbidden_ones() -> None:
    clean = [person for household in many() if not household.planted for person in household.members]
    for agency in Agency:
        assert any(person.facts.get(agency) for person in clean), agency


def test_same_seed_same_household_whatever_was_asked_before() -> None:
    first, second = Population("run-a"), Population("run-a")
    for number in range(50):
        first.household(number)
    assert first.household(777) == second.household(777)
    assert first.household(777) != Population("run-b").household(777)


def test_ids_are_valid_unique_and_tell_gender_and_birth() -> None:
    seen: set[str] = set()
    for household in many()[:3_000]:
        for person in household.members:
            parsed = CitizenId.parse(person.citizen_id)
            assert parsed.gender is person.gender
            assert parsed.born_on == person.born_on
            assert person.citizen_id.startswith("99")
            seen.add(person.citizen_id)
    assert len(seen) == sum(len(household.members) for household in many()[:3_000])


def test_a_person_is_found_again_from_the_id_alone() -> None:
    elsewhere = Population(20_260_630)
    for household in many()[:300]:
        for person in household.members:
            assert elsewhere.person(person.citizen_id) == person
            assert person_no(person.citizen_id) == person.person_no


@pytest.mark.parametrize("spoil", ["birth", "sign", "prefix", "digits", "short", "wide"])
def test_a_changed_id_is_nobody(spoil: str) -> None:
    population = Population(20_260_630)
    good = population.household(3).members[0].citizen_id
    assert population.person(good) is not None
    changed = {
        "birth": good[:6] + ("19310101" if good[6:14] != "19310101" else "19310102") + good[14:],
        "sign": good[:17] + ("0" if good[17] != "0" else "1"),
        "prefix": "23" + good[2:],
        "digits": good[:3] + "x" + good[4:],
        "short": good[:17],
        "wide": good[:3] + "9" + good[4:],
    }[spoil]
    assert population.person(changed) is None


def test_families_are_believable() -> None:
    sizes = Counter(len(household.members) for household in many())
    assert set(sizes) == {1, 2, 3, 4, 5, 6, 7}
    for household in many():
        relations = Counter(person.relation for person in household.members)
        applicant = household.members[0]
        assert applicant.relation is Relation.APPLICANT
        assert applicant.is_adult
        assert relations[Relation.APPLICANT] == 1
        assert relations[Relation.SPOUSE] <= 1
        for person in household.members:
            assert not 16 <= person.age <= 18
            assert person.age <= 94
            if person.relation is Relation.CHILD:
                assert person.age <= applicant.age - 20
            if person.relation is Relation.PARENT:
                assert person.age >= applicant.age + 20
            if person.relation is Relation.SPOUSE:
                assert person.gender is not applicant.gender


def test_names_have_dots_and_rare_characters() -> None:
    names = [person.name for household in many() for person in household.members]
    assert 0.02 < sum("·" in name for name in names) / len(names) < 0.08
    assert any(ord(sign) > 0xFFFF for name in names for sign in name)
    assert all(2 <= len(name) <= 20 for name in names)


@pytest.mark.parametrize("number", [-1, HOUSEHOLDS])
def test_numbers_outside_the_population_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="household number"):
        Population(1).household(number)


def test_sandbox_households_do_what_their_number_says() -> None:
    for seed in range(20):
        population = Population(seed)
        for number, special in SANDBOX.items():
            household = population.household(SANDBOX_FROM + number)
            assert {planted.code for planted in household.planted} == {code for code, _ in special.plants}
            assert deserved(household) == {code for code, _ in special.plants}
            assert household.consent_missing == list(special.consent_missing)
