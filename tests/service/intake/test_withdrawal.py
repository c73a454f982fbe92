"""Taking back an application or a consent, and adding papers to what stands."""

from __future__ import annotations

import pytest

from contracts.events.intake import ApplicationSubmitted, ApplicationWithdrawn, ConsentWithdrawn
from tests.service.intake.conftest import Desk, Intake
from tests.unit.intake.households import a_body, a_consent, a_signature


async def member_ids(desk: Desk, application_id: str) -> dict[str, str]:
    answer = (await desk.get(f"/{application_id}")).json()
    return {member["ref"]: member["member_id"] for member in answer["members"]}


async def test_an_accepted_application_is_taken_back_once(intake: Intake, desk: Desk) -> None:
    receipt = await desk.accepted(a_body())
    path = f"/{receipt['application_id']}/withdrawal"
    answer = await desk.post(path)
    assert (answer.status_code, answer.json()["state"], answer.json()["due"]) == (202, "withdrawn", None)
    again = await desk.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "application-withdrawn")
    submitted, withdrawn = await intake.said()
    assert isinstance(submitted, ApplicationSubmitted)
    assert isinstance(withdrawn, ApplicationWithdrawn)
    assert withdrawn.application_id == receipt["application_id"]
    assert await intake.acts() == ["application.submitted", "application.withdrawn"]


async def test_of_one_never_accepted_nothing_is_said(intake: Intake, desk: Desk) -> None:
    receipt = (await desk.submit(a_body(signature=None))).json()
    assert (await desk.post(f"/{receipt['application_id']}/withdrawal")).status_code == 202
    assert await intake.said() == []
    closed = await desk.post(f"/{receipt['application_id']}/materials", {"signature": a_signature("m1")})
    assert (closed.status_code, closed.json()["code"]) == (409, "application-withdrawn")


@pytest.mark.policy("R-024")
async def test_a_consent_is_taken_back_for_one_member(intake: Intake, desk: Desk) -> None:
    receipt = await desk.accepted(a_body())
    ids = await member_ids(desk, receipt["application_id"])
    path = f"/{receipt['application_id']}/consents/{ids['m2']}/withdrawal"
    assert (await desk.post(path)).status_code == 202
    event = (await intake.said())[-1]
    assert isinstance(event, ConsentWithdrawn)
    assert (event.application_id, event.member_id) == (receipt["application_id"], ids["m2"])
    shown = (await desk.get(f"/{receipt['application_id']}")).json()["members"]
    assert [bool(member["consent"]["withdrawn_at"]) for member in shown] == [False, True, False]
    again = await desk.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "consent-not-given")


async def test_who_is_no_member_has_no_consent_here(desk: Desk) -> None:
    receipt = await desk.accepted(a_body())
    stranger = f"mem_{receipt['application_id'][4:]}_07"
    answer = await desk.post(f"/{receipt['application_id']}/consents/{stranger}/withdrawal")
    assert (answer.status_code, answer.json()["code"]) == (404, "member-unknown")


@pytest.mark.policy("R-024")
async def test_before_acceptance_a_consent_taken_back_holds_the_application(intake: Intake, desk: Desk) -> None:
    receipt = (await desk.submit(a_body(signature=None))).json()
    application_id = receipt["application_id"]
    ids = await member_ids(desk, application_id)
    answer = await desk.post(f"/{application_id}/consents/{ids['m2']}/withdrawal")
    assert {(gap["code"], gap["member_ref"]) for gap in answer.json()["missing"]} == {
        ("signed_declaration", "m1"),
        ("own_consent", "m2"),
    }
    signed = await desk.post(f"/{application_id}/materials", {"signature": a_signature("m1")})
    assert signed.json()["state"] == "incomplete"
    assert await intake.said() == []
    renewed = await desk.post(f"/{application_id}/materials", {"consents": [a_consent("m2", signed_on="2026-11-21")]})
    assert renewed.json()["state"] == "accepted"
    assert len(await intake.said()) == 1


async def test_an_accepted_application_takes_materials_and_nothing_else(intake: Intake, desk: Desk) -> None:
    receipt = await desk.accepted(a_body())
    path = f"/{receipt['application_id']}/materials"
    more = await desk.post(path, {"materials": [{"sha256": "9" * 64, "name": "李梅的收入证明.pdf"}]})
    assert (more.status_code, more.json()["state"]) == (200, "accepted")
    other = await desk.post(path, {"consents": [a_consent("m2")]})
    assert (other.status_code, other.json()["code"]) == (409, "application-complete")
    shown = (await desk.get(f"/{receipt['application_id']}")).json()["materials"]
    assert len(shown) == 3
    assert len(await intake.said()) == 1


async def test_no_more_papers_than_a_file_holds(desk: Desk) -> None:
    receipt = await desk.accepted(a_body())
    papers = [{"sha256": f"{number:064x}"} for number in range(50)]
    statuses = [
        (await desk.post(f"/{receipt['application_id']}/materials", {"materials": papers})).status_code
        for _ in range(4)
    ]
    assert statuses == [200, 200, 200, 409]
