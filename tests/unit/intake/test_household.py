"""Who may stand in a household, and what hands a paper back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.values import CitizenId
from services.intake.domain.household import PersonKeys, age
from services.intake.domain.submission import contradictions
from tests.unit.intake.households import TODAY, a_body, a_consent, a_member, a_signature, a_submission, an_id, yichun


def found(**changes: Any) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in contradictions(a_submission(**changes), yichun(), TODAY)]


def with_members(*members: dict[str, Any]) -> list[tuple[str, str]]:
    consents = [a_consent(one["ref"]) for one in {member["ref"]: member for member in members}.values()]
    return found(members=list(members), consents=consents, declaration=[])


def test_a_believable_household_has_no_fault() -> None:
    assert found() == []


@pytest.mark.policy("R-001")
def test_the_applicant_and_the_head_are_members() -> None:
    assert ("/applicant", "member_unknown") in found(applicant="m9")
    assert found(head="m9") == [("/head", "member_unknown")]


@pytest.mark.policy("R-021")
def test_exactly_one_member_is_the_applicant() -> None:
    nobody = with_members(a_member("m1", 1, relation="sibling"))
    assert nobody == [("/members/0/relation", "applicant_relation")]
    two = with_members(a_member("m1", 1), a_member("m2", 2))
    assert two == [("/members/1/relation", "applicant_relation")]


@pytest.mark.policy("R-021")
def test_an_applicant_has_one_spouse_at_most() -> None:
    members = a_member("m1", 1), a_member("m2", 2, relation="spouse"), a_member("m3", 3, relation="spouse")
    assert with_members(*members) == [("/members/2/relation", "spouse_doubled")]


@pytest.mark.policy("R-021")
def test_nobody_is_listed_twice() -> None:
    members = a_member("m1", 1), a_member("m2", 1, relation="sibling")
    assert with_members(*members) == [("/members/1/citizen_id", "person_doubled")]
    same_ref = a_member("m1", 1), a_member("m1", 2, relation="sibling")
    assert ("/members/1/ref", "ref_doubled") in with_members(*same_ref)


def test_nobody_is_born_or_signs_in_the_future() -> None:
    assert with_members(a_member("m1", 1, born_on=date(2026, 11, 22))) == [("/members/0/citizen_id", "birth_in_future")]
    assert found(signature=a_signature("m1", signed_on="2026-11-22")) == [("/signature/signed_on", "date_in_future")]
    late = [a_consent("m1", signed_on="2026-11-22"), *a_body()["consents"][1:]]
    assert found(consents=late) == [("/consents/0/signed_on", "date_in_future")]


def test_every_ref_names_a_member() -> None:
    assert found(declaration=[{"member_ref": "m9", "kind": "wage", "amount_fen": 1}]) == [
        ("/declaration/0/member_ref", "member_unknown")
    ]
    assert found(near_relatives=[{"member_ref": "m9", "handler": "village_cadre", "kinship": "child"}]) == [
        ("/near_relatives/0/member_ref", "member_unknown")
    ]
    doubled = [*a_body()["consents"], a_consent("m1")]
    assert found(consents=doubled) == [("/consents/3/member_ref", "consent_doubled")]


def test_all_faults_are_told_at_once() -> None:
    faults = found(
        head="m8",
        signature=a_signature("m9", signed_on="2027-01-01"),
        declaration=[{"member_ref": "m7", "kind": "wage", "amount_fen": 1}],
    )
    assert [pointer for pointer, _ in faults] == [
        "/head",
        "/declaration/0/member_ref",
        "/signature/signed_by",
        "/signature/signed_on",
    ]


def test_a_fault_never_repeats_what_was_sent() -> None:
    body = a_body(members=[a_member("m1", 1), a_member("m2", 1, relation="sibling")])
    for fault in contradictions(a_submission(members=body["members"]), yichun(), TODAY):
        assert body["members"][0]["citizen_id"] not in f"{fault.zh}{fault.en}{fault.pointer}{fault.code}"


@pytest.mark.policy("R-024")
@pytest.mark.parametrize(
    ("born_on", "on", "years"),
    [
        (date(2008, 11, 21), date(2026, 11, 21), 18),
        (date(2008, 11, 22), date(2026, 11, 21), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_counts_birthdays(born_on: date, on: date, years: int) -> None:
    assert age(born_on, on) == years


def test_a_person_has_the_same_key_everywhere_and_only_under_the_same_secret() -> None:
    person, other = CitizenId.parse(an_id(1)), CitizenId.parse(an_id(2))
    keys = PersonKeys(b"k" * 32)
    assert keys.of(person) == PersonKeys(b"k" * 32).of(person)
    assert keys.of(person) != keys.of(other)
    assert keys.of(person) != PersonKeys(b"l" * 32).of(person)
    with pytest.raises(ValueError, match="32 bytes"):
        PersonKeys(b"short")
