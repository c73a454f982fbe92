"""An application at the door: accepted, kept incomplete, or refused for a named reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chassis.callers import System
from contracts.events.intake import ApplicationSubmitted
from services.intake.store import applications
from tests.service.intake.conftest import Desk, Intake
from tests.unit.intake.households import COUNTY, TOWNSHIP, XINJIANG_TOWNSHIP, a_body, a_signature


async def test_a_complete_application_is_accepted_and_said_once(intake: Intake, desk: Desk) -> None:
    answer = await desk.submit(a_body(external_ref="T-1"))
    assert answer.status_code == 202
    receipt = answer.json()
    assert answer.headers["location"] == f"/intake/v1/applications/{receipt['application_id']}"
    assert (receipt["state"], receipt["accepted_on"], receipt["missing"]) == ("accepted", "2026-11-21", [])
    assert receipt["number"].startswith("SQ-230799001-20261121-")
    (event,) = await intake.said()
    assert isinstance(event, ApplicationSubmitted)
    assert (event.application_id, event.office, event.region) == (receipt["application_id"], TOWNSHIP, "230799")
    assert event.accepted_on.isoformat() == "2026-11-21"
    assert event.consented == [member.member_id for member in event.members]
    assert [(member.is_adult, member.born_on_year) for member in event.members] == [
        (True, 1980),
        (True, 1980),
        (False, 2016),
    ]
    assert [(item.kind.value, item.amount_fen) for item in event.declaration] == [
        ("wage", 1_200_000),
        ("deposit", 300_000),
    ]
    body = a_body()
    assert [(one.name, one.citizen_id) for one in event.private.people] == [
        (one["name"], one["citizen_id"]) for one in body["members"]
    ]
    assert await intake.acts() == ["application.submitted"]


@pytest.mark.policy("R-118")
async def test_the_receipt_says_by_when_the_office_must_decide(desk: Desk) -> None:
    dibao = await desk.accepted(a_body(1))
    tekun = await desk.accepted(a_body(2, aid="tekun"))
    assert (dibao["due"]["review_on"], dibao["due"]["workdays"]) == ("2026-12-18", 20)
    assert (tekun["due"]["review_on"], tekun["due"]["workdays"]) == ("2026-12-11", 15)
    assert dibao["due"]["rule_pack"].startswith("yichun@")


@pytest.mark.policy("R-001")
@pytest.mark.parametrize(
    ("office", "changes", "code"),
    [
        (TOWNSHIP, {"region": "230799002"}, "foreign-household"),
        (TOWNSHIP, {"region": "654099"}, "foreign-household"),
        (COUNTY, {"region": "230799001"}, "foreign-household"),
        ("cn/2307/", {"region": "230799"}, "outside-jurisdiction"),
        (TOWNSHIP, {"office": COUNTY}, "outside-jurisdiction"),
        (TOWNSHIP, {"office": "cn/2307/230799/230799002/", "region": "230799002"}, "outside-jurisdiction"),
    ],
)
async def test_a_household_applies_where_it_is_registered(
    intake: Intake, office: str, changes: dict[str, Any], code: str
) -> None:
    answer = await intake.desk(office).submit(a_body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert await intake.is_untouched()


@pytest.mark.policy("R-001")
async def test_a_county_window_takes_its_own_and_its_townships_households(intake: Intake) -> None:
    county = intake.desk(COUNTY)
    await county.accepted(a_body(1))
    await county.accepted(a_body(2, office=TOWNSHIP, region="230799001"))
    offices = [row["office"] for row in await intake.bed.rows("select office from application order by application_id")]
    assert offices == [COUNTY, TOWNSHIP]


@pytest.mark.policy("R-001")
async def test_in_xinjiang_the_heads_consent_is_asked_for(intake: Intake) -> None:
    body = a_body(region="654099", head="m2")
    answer = await intake.desk(XINJIANG_TOWNSHIP).submit(body)
    receipt = answer.json()
    assert (receipt["state"], [gap["code"] for gap in receipt["missing"]]) == ("incomplete", ["head_consent"])
    answer = await intake.desk(XINJIANG_TOWNSHIP).post(
        f"/{receipt['application_id']}/materials", {"head_consent": a_signature("m2")}
    )
    assert answer.json()["state"] == "accepted"


async def test_a_region_without_policies_takes_no_application(intake: Intake) -> None:
    answer = await intake.desk("cn/99/990101/990101001/").submit(a_body(region="990101"))
    assert (answer.status_code, answer.json()["code"]) == (409, "region-without-policy")
    assert await intake.is_untouched()


@pytest.mark.policy("R-005")
async def test_without_a_signed_declaration_nothing_is_accepted_or_said(intake: Intake, desk: Desk) -> None:
    receipt = (await desk.submit(a_body(signature=None))).json()
    assert (receipt["state"], receipt["accepted_on"], receipt["due"]) == ("incomplete", None, None)
    assert [gap["code"] for gap in receipt["missing"]] == ["signed_declaration"]
    assert await intake.said() == []
    assert await intake.acts() == ["application.kept_incomplete"]


@pytest.mark.policy("R-021")
async def test_a_contradictory_household_is_handed_back_with_every_fault(intake: Intake, desk: Desk) -> None:
    body = a_body(head="m8", declaration=[{"member_ref": "m9", "kind": "wage", "amount_fen": 1}])
    body["members"][2]["relation"] = "spouse"
    answer = await desk.submit(body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "application-contradictory")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/members/2/relation", "spouse_doubled"),
        ("/head", "member_unknown"),
        ("/declaration/0/member_ref", "member_unknown"),
    ]
    assert await intake.is_untouched()


@pytest.mark.policy("R-024")
async def test_without_every_consent_nothing_is_said_and_the_last_one_releases_it(intake: Intake, desk: Desk) -> None:
    body = a_body()
    last = body["consents"].pop()
    receipt = (await desk.submit(body)).json()
    assert [(gap["code"], gap["member_ref"]) for gap in receipt["missing"]] == [("guardian_consent", "m3")]
    assert await intake.said() == []
    answer = await desk.post(f"/{receipt['application_id']}/materials", {"consents": [last]})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    (event,) = await intake.said()
    assert isinstance(event, ApplicationSubmitted)
    assert len(event.consented) == len(event.members) == 3
    assert await intake.acts() == ["application.kept_incomplete", "material.added", "application.completed"]


@pytest.mark.policy("R-008")
async def test_what_is_missing_is_told_once_and_only_shrinks(intake: Intake, desk: Desk) -> None:
    answer = await desk.submit(a_body(signature=None, consents=[], materials=[], near_relatives=None))
    receipt = answer.json()
    path = f"/{receipt['application_id']}"
    told = [(gap["code"], gap["member_ref"], gap["material"]) for gap in receipt["missing"]]
    assert len(told) == 7
    full = a_body()
    still = told
    for papers in (
        {"materials": full["materials"]},
        {"signature": full["signature"], "near_relatives": []},
        {"consents": full["consents"][:2]},
        {"consents": full["consents"][2:]},
    ):
        answer = await desk.post(f"{path}/materials", papers)
        now = [(gap["code"], gap["member_ref"], gap["material"]) for gap in answer.json()["missing"]]
        assert set(now) < set(still)
        still = now
    assert answer.json()["state"] == "accepted"
    assert len(await intake.said()) == 1


@pytest.mark.policy("R-008")
async def test_nothing_new_is_asked_for_when_the_law_changes_meanwhile(intake: Intake, desk: Desk) -> None:
    body = a_body()
    body["members"][1]["disability_grade"] = 2
    body["materials"].append({"kind": "disability_certificate", "sha256": "f" * 64})
    signature = body.pop("signature")
    receipt = (await desk.submit(body)).json()
    assert [gap["code"] for gap in receipt["missing"]] == ["signed_declaration"]
    await _lose_last_material(intake, receipt["application_id"])
    answer = await desk.post(f"/{receipt['application_id']}/materials", {"signature": signature})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")


async def _lose_last_material(intake: Intake, application_id: str) -> None:
    """Take the last paper off the file, as if the checklist of its day had not asked for it."""
    async with intake.bed.database.transaction(System("intake")) as tx:
        application = await applications.lock(tx, application_id)
        assert application is not None
        papers = application.submission.materials[:-1]
        await applications.save(tx, replace(application, submission=replace(application.submission, materials=papers)))


@pytest.mark.policy("R-002")
async def test_every_refusal_names_a_reason_in_both_languages(desk: Desk) -> None:
    chinese = (await desk.submit(a_body(region="654099"))).json()
    english = (await desk.submit(a_body(region="654099"), accept_language="en")).json()
    assert chinese["code"] == english["code"] == "foreign-household"
    assert "户籍" in chinese["detail"]
    assert "registered elsewhere" in english["detail"]


@pytest.mark.policy("R-003")
async def test_an_entrusted_committee_may_hand_in(intake: Intake, desk: Desk) -> None:
    entrusted = {
        "committee": "红旗村村民委员会",
        "entrusted_on": "2026-11-20",
        "evidence": a_signature("m1")["evidence"],
    }
    await desk.accepted(a_body(entrustment=entrusted))
    (row,) = await intake.bed.rows("select filed -> 'entrustment' ->> 0 as committee from application")
    assert row["committee"] == "红旗村村民委员会"
