"""What a survey needs before it counts, fault by fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.vocabulary import ItemKind
from policies.words import SupplementGroup, SurveySigner
from services.approval.domain.survey import (
    Accord,
    Interview,
    ItemSeen,
    Kinship,
    NearRelative,
    Staff,
    Survey,
    faults_of,
)
from tests.unit.approval.cases import NOW, a_case, a_signature, a_survey, policy


def faults(survey: Survey, region: str = "230799") -> set[tuple[str, str]]:
    found = faults_of(survey, a_case(region=region), policy(region), NOW)
    return {(fault.pointer, fault.code) for fault in found}


@pytest.mark.policy("R-092", "R-095")
def test_a_survey_as_the_region_wants_it_has_no_fault() -> None:
    assert faults(a_survey()) == set()


@pytest.mark.policy("R-094")
@pytest.mark.parametrize("surveyors", [("s1",), ("s1", "s1")])
def test_two_different_people_survey(surveyors: tuple[str, ...]) -> None:
    survey = a_survey(
        surveyors=surveyors,
        signatures=(a_signature(SurveySigner.SURVEYORS, "s1"), a_signature(SurveySigner.SURVEYED, "m1")),
    )
    assert faults(survey) == {("/surveyors", "surveyors_too_few")}


@pytest.mark.policy("R-093")
def test_every_home_is_entered() -> None:
    assert faults(a_survey(home_entered=False)) == {("/home_entered", "home_not_entered")}


@pytest.mark.policy("R-095")
def test_facts_about_every_member_are_needed_once() -> None:
    first, second = a_survey().members
    assert faults(a_survey(members=(first,))) == {("/members", "member_missing")}
    assert faults(a_survey(members=(first, second, second))) == {("/members/2/member_id", "member_doubled")}
    stranger = replace(first, member_id="m9")
    assert faults(a_survey(members=(first, second, stranger))) == {("/members/2/member_id", "member_unknown")}
    unmet = tuple(replace(one, met=False) for one in (first, second))
    assert faults(a_survey(members=unmet)) == {("/members", "nobody_met")}


@pytest.mark.policy("R-095")
def test_a_neighbour_is_heard_where_the_region_wants_it() -> None:
    assert faults(a_survey(interviews=())) == {("/interviews", "neighbour_missing")}
    ahead = Interview(heard_at=NOW + timedelta(seconds=1), accord=Accord.AGREES)
    assert faults(a_survey(interviews=(ahead,))) == {("/interviews/0/heard_at", "in_future")}


@pytest.mark.policy("R-096")
def test_surveyors_and_surveyed_sign_on_the_spot() -> None:
    one, two, member = a_survey().signatures
    assert faults(a_survey(signatures=(one, member))) == {("/signatures", "signature_missing")}
    assert faults(a_survey(signatures=(one, two))) == {("/signatures", "signature_missing")}
    later = replace(member, on_spot=False)
    assert faults(a_survey(signatures=(one, two, later))) == {("/signatures/2/on_spot", "not_on_spot")}
    stranger = replace(member, by="m9")
    assert faults(a_survey(signatures=(one, two, member, stranger))) == {("/signatures/3/by", "signer_unknown")}


@pytest.mark.policy("R-096")
def test_in_xinjiang_the_applicant_signs_and_nobody_asks_where() -> None:
    one, two, member = (replace(each, on_spot=False) for each in a_survey().signatures)
    assert ("/signatures", "signature_missing") in faults(a_survey(signatures=(one, two, member)), "654099")
    applicant = replace(member, signer=SurveySigner.APPLICANT)
    assert faults(a_survey(signatures=(one, two, applicant)), "654099") == set()


@pytest.mark.policy("R-098")
def test_in_zhaotong_home_person_and_papers_are_each_confirmed() -> None:
    first, second = a_survey().members
    unseen = replace(second, papers_seen=False)
    survey = a_survey(members=(first, unseen))
    assert faults(survey) == set()
    assert faults(survey, "5306") == {("/members/1/papers_seen", "confirmation_missing")}
    assert faults(a_survey(members=(first, replace(unseen, met=False))), "5306") == set()
    assert ("/home_entered", "confirmation_missing") in faults(a_survey(home_entered=False), "5306")


def test_declared_items_are_looked_at_member_by_member() -> None:
    seen = ItemSeen(member_id="m1", kind=ItemKind.WAGE, accord=Accord.AGREES)
    assert faults(a_survey(items=(seen,))) == set()
    assert faults(a_survey(items=(replace(seen, member_id="m9"),))) == {("/items/0/member_id", "member_unknown")}


def test_a_visit_lies_between_acceptance_and_now() -> None:
    assert faults(a_survey(visited_at=NOW + timedelta(seconds=1))) == {("/visited_at", "in_future")}
    # Acceptance on the 15th begins at midnight in China, sixteen hours of the 14th in London.
    first = NOW.replace(day=14, hour=16)
    assert faults(a_survey(visited_at=first)) == set()
    assert faults(a_survey(visited_at=first - timedelta(seconds=1))) == {("/visited_at", "before_acceptance")}


def test_groups_are_confirmed_once_each_and_only_those_the_region_pays() -> None:
    first, second = a_survey().members
    twice = replace(first, supplement_groups=(SupplementGroup.ELDERLY, SupplementGroup.ELDERLY))
    assert a_survey(members=(twice, second)).groups == {"m1": (SupplementGroup.ELDERLY,), "m2": ()}
    soldier = replace(first, supplement_groups=(SupplementGroup.OLD_DEMOBILISED,))
    assert faults(a_survey(members=(soldier, second))) == set()
    assert ("/members/0/supplement_groups", "group_not_provided") in faults(
        a_survey(members=(soldier, second)), "654099"
    )


@pytest.mark.policy("R-141", "R-142")
def test_a_near_relative_is_named_and_does_not_survey() -> None:
    relative = NearRelative(member_id="m1", kinship=Kinship.SIBLING, staff=Staff.TOWNSHIP, officer="s2")
    survey = a_survey(near_relatives=(relative,))
    assert survey.excluded == ("s2",)
    assert faults(survey) == {("/surveyors", "surveyor_is_relative")}
    elsewhere = replace(relative, officer=None)
    assert faults(a_survey(near_relatives=(elsewhere,))) == set()
    stranger = replace(elsewhere, member_id="m9")
    assert faults(a_survey(near_relatives=(stranger,))) == {("/near_relatives/0/member_id", "member_unknown")}


@pytest.mark.parametrize(
    ("survey", "doubtful"),
    [
        (a_survey(), False),
        (a_survey(accord=Accord.DIFFERS), True),
        (a_survey(accord=Accord.UNCLEAR), True),
        (a_survey(interviews=(Interview(heard_at=NOW, accord=Accord.DIFFERS),)), True),
    ],
)
def test_what_differs_from_the_declaration_makes_a_case_doubtful(survey: Survey, doubtful: bool) -> None:
    assert survey.is_doubtful is doubtful
