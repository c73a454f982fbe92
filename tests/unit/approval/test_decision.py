"""Opinions and decisions: reasons, paths, meetings, authority, bars, and the record that is hashed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import orjson
import pytest

from contracts.vocabulary import Conclusion
from policies.words import DecisionPath, SupplementGroup
from services.approval.domain.decision import (
    Bar,
    Decision,
    Opinion,
    Waived,
    bar_of,
    decision_faults,
    is_authority,
    opinion_faults,
    record_of,
)
from services.approval.domain.words import Outcome, Reason
from tests.unit.approval.cases import COUNTY, NOW, TOWNSHIP, a_case, a_report, opined, policy

APPROVAL = Decision(outcome=Outcome.APPROVED, reasons=(Reason.CONDITIONS_MET,))
COLLECTIVE = Decision(
    outcome=Outcome.APPROVED,
    reasons=(Reason.COLLECTIVE_DECISION,),
    path=DecisionPath.MEETING,
    participants=("a", "b", "c"),
    waived=(Waived.AGENCY_ANSWERS,),
)


def codes(decision: Decision, region: str = "230799") -> list[str]:
    return [fault.code for fault in decision_faults(decision, opined(a_case(region=region)), policy(region))]


@pytest.mark.policy("R-107", "R-116")
@pytest.mark.parametrize("reason", Reason)
def test_each_reason_goes_with_one_outcome(reason: Reason) -> None:
    fits = {outcome: not opinion_faults(Opinion(recommendation=outcome, reasons=(reason,))) for outcome in Outcome}
    assert sorted(fits.values()) == [False, True]


def test_a_reason_stands_once() -> None:
    doubled = Opinion(recommendation=Outcome.APPROVED, reasons=(Reason.CONDITIONS_MET, Reason.CONDITIONS_MET))
    assert [fault.code for fault in opinion_faults(doubled)] == ["reason_doubled"]


@pytest.mark.policy("R-108")
def test_the_leader_decides_alone_or_a_meeting_of_different_people() -> None:
    assert codes(APPROVAL) == []
    meeting = replace(APPROVAL, path=DecisionPath.MEETING, participants=("a", "b", "c"))
    assert codes(meeting) == []
    assert codes(replace(meeting, participants=("a", "b", "b"))) == ["participants_too_few"]
    assert codes(replace(APPROVAL, participants=("a",))) == ["participants_not_asked"]
    assert codes(meeting, "654099") == ["path_not_provided"]


@pytest.mark.policy("R-120", "R-121")
def test_a_collective_decision_meets_and_names_what_it_waives() -> None:
    assert codes(COLLECTIVE) == []
    assert codes(replace(COLLECTIVE, waived=())) == ["waived_unfit"]
    assert codes(replace(COLLECTIVE, path=DecisionPath.LEADER, participants=())) == ["meeting_needed"]
    assert codes(replace(APPROVAL, waived=(Waived.MATERIALS,))) == ["waived_unfit"]
    assert "collective_not_provided" in codes(COLLECTIVE, "654099")


@pytest.mark.policy("R-142")
def test_a_near_relative_does_not_sit_in_the_meeting() -> None:
    case = replace(opined(), excluded=("b",))
    assert [fault.code for fault in decision_faults(COLLECTIVE, case, policy())] == ["participant_is_relative"]


@pytest.mark.policy("R-113", "R-120")
@pytest.mark.parametrize(
    ("report", "alone", "together"),
    [
        ({}, None, None),
        (
            {"conclusion": Conclusion.OVER_STANDARD, "income_qualifies": False},
            Bar.CONDITIONS_NOT_MET,
            Bar.CONDITIONS_NOT_MET,
        ),
        (
            {"conclusion": Conclusion.INCOMPLETE, "is_partial": True, "income_qualifies": False},
            Bar.COLLECTIVE_NEEDED,
            None,
        ),
        ({"conclusion": Conclusion.INCOMPLETE, "is_partial": True}, Bar.COLLECTIVE_NEEDED, None),
    ],
)
def test_who_is_over_the_standard_is_never_taken_in_and_who_is_unknown_only_together(
    report: dict[str, Any], alone: Bar | None, together: Bar | None
) -> None:
    case = opined(a_case(report=a_report(**report)))
    assert bar_of(APPROVAL, case) is alone
    assert bar_of(COLLECTIVE, case) is together
    refusal = Decision(outcome=Outcome.REFUSED, reasons=(Reason.INCOME_OVER_STANDARD,))
    assert bar_of(refusal, case) is None


@pytest.mark.policy("R-109")
@pytest.mark.parametrize(
    ("org", "township_decides", "county_decides"),
    [
        (TOWNSHIP, True, False),
        (COUNTY, False, True),
        ("cn/2307/", False, False),
        ("cn/2307/230799/230799002/", False, False),
        ("cn/", False, False),
    ],
)
def test_the_region_names_who_decides(org: str, township_decides: bool, county_decides: bool) -> None:
    assert is_authority(org, TOWNSHIP, policy("230799")) is township_decides
    assert is_authority(org, TOWNSHIP, policy("654099")) is county_decides


@pytest.mark.policy("R-121")
def test_the_record_holds_what_the_decision_stands_on_and_its_hash_is_over_it() -> None:
    def record(**changed: Any) -> tuple[bytes, str]:
        case = opined(a_case(report=a_report(**changed)))
        groups = {"m1": (SupplementGroup.ELDERLY,)}
        return record_of(case, COLLECTIVE, groups, policy(), decision_id="dec_1", by="leader", at=NOW)

    content, digest = record()
    assert digest == hashlib.sha256(content).hexdigest()
    said = orjson.loads(content)
    assert said["report"] == {"report_id": "rep_1", "version": 1, "hash": "cd" * 32}
    assert (said["participants"], said["waived"]) == (["a", "b", "c"], ["agency_answers"])
    assert said["members"] == [
        {"member_id": "m1", "supplement_groups": ["elderly"]},
        {"member_id": "m2", "supplement_groups": []},
    ]
    assert said["policy"]["hash"] == policy().hash
    assert record()[1] == digest
    assert record(household_income_month_fen=60_001)[1] != digest
