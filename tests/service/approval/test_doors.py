"""Who gets in where: permissions, offices, lists; and bad input that leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.approval import world
from tests.service.approval.bed import ALL, Approval

ACTS = {
    "survey": "surveys:record",
    "payee": "payees:record",
    "opinion": "opinions:write",
    "confirmation": "decisions:write",
    "extension": "decisions:write",
    "publicity": "publicity:write",
    "objections": "objections:record",
    "notices": "notices:record",
}


def body_of(act: str, report: Any, approval: Approval) -> dict[str, Any]:
    return {
        "survey": world.a_survey(report, approval.clock.at),
        "payee": world.a_payee(report),
        "opinion": world.RECOMMEND,
        "confirmation": world.APPROVE,
        "extension": {"reason": "objection"},
        "publicity": world.a_posting(world.ACCEPTED.replace(day=16)),
        "objections": world.an_objection(approval.clock.at),
        "notices": {"delivered_on": "2026-09-16", "way": "handed", "sha256": world.SHA},
    }[act]


@pytest.mark.parametrize("act", ACTS)
async def test_each_permission_opens_its_own_doors_only(approval: Approval, act: str) -> None:
    report, case = await approval.opened()
    without = " ".join(scope for scope in ALL.split() if scope != ACTS[act])
    answer = await approval.desk("clerk", scopes=without).act(case, act, body_of(act, report, approval))
    assert (answer.status_code, answer.json()["code"]) == (403, "permission-missing")
    answer = await approval.client.post(f"/approval/v1/cases/{case['case_id']}/{act}", json={})
    assert answer.status_code == 401


async def test_reading_needs_its_permission(approval: Approval) -> None:
    _, case = await approval.opened()
    desk = approval.desk("clerk", scopes="surveys:record")
    for path in ("/cases", f"/cases/{case['case_id']}", "/spot-checks"):
        assert (await desk.get(path)).status_code == 403


@pytest.mark.parametrize("org", ["cn/2307/230799/230799002/", "cn/65/654099/", "cn/2307/23079/"])
async def test_other_offices_see_and_change_nothing(approval: Approval, org: str) -> None:
    report, case = await approval.opined()
    stranger = approval.desk("stranger", org)
    assert (await stranger.get("/cases")).json()["data"] == []
    assert (await stranger.get(f"/cases?application_id={report.application_id}")).json()["data"] == []
    absent = await stranger.get(f"/cases/{case['case_id']}")
    unknown = await stranger.get(f"/cases/case_{'0' * 32}")
    assert (absent.status_code, absent.json()["code"]) == (unknown.status_code, unknown.json()["code"])
    for act in ACTS:
        assert (await stranger.act(case, act, body_of(act, report, approval))).status_code == 404
    assert await approval.line(report) == case
    county = approval.desk("county", world.COUNTY)
    assert len((await county.get("/cases")).json()["data"]) == 1


async def test_the_list_goes_on_page_by_page_and_by_state(approval: Approval) -> None:
    for _ in range(5):
        await approval.opened()
    await approval.surveyed()
    await approval.opined()
    desk = approval.desk("reader")
    seen: list[str] = []
    path: str | None = "/cases?limit=2&state=review"
    while path:
        content = (await desk.get(path)).json()
        seen += [case["case_id"] for case in content["data"]]
        more = content["page"]["has_more"]
        path = f"/cases?limit=2&state=review&after={content['page']['next']}" if more else None
    assert len(seen) == len(set(seen)) == 6
    assert len((await desk.get("/cases?state=opined")).json()["data"]) == 1
    assert (await desk.get("/cases?state=nowhere")).status_code == 422


async def test_a_case_read_whole_shows_masks_and_leaves_an_audit_line(approval: Approval) -> None:
    report, case = await approval.opined()
    answer = await approval.desk("reader").get(f"/cases/{case['case_id']}")
    whole = answer.json()
    assert answer.headers["etag"] == case["etag"] == whole["etag"]
    assert whole["payee"] == {"member_id": report.member_ids[0], "account": "*" * 15 + world.card()[-4:], "agent": None}
    assert whole["survey"]["form"]["living"] == "poor"
    assert whole["opinion"]["by"] == "clerk"
    assert [name for name in ("审批甲", world.card(), world.citizen_id(0)) if name in answer.text] == []
    assert (await approval.acts())[-1] == "case.read"


@pytest.mark.policy("R-094", "R-095", "R-096")
@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"surveyors": ["surveyor-1"]}, "/surveyors", "surveyors_too_few"),
        ({"surveyors": []}, "/surveyors", "too_few"),
        ({"home_entered": False}, "/home_entered", "home_not_entered"),
        ({"interviews": []}, "/interviews", "neighbour_missing"),
        ({"signatures": []}, "/signatures", "signature_missing"),
        ({"members": []}, "/members", "too_few"),
        ({"visited_at": "2026-09-17T10:00:00+08:00"}, "/visited_at", "in_future"),
        ({"visited_at": "2026-09-16T09:00:00"}, "/visited_at", "not_instant"),
        ({"living": "palace"}, "/living", "not_in_list"),
        ({"surveyors": ["a b", "c"]}, "/surveyors/0", "format"),
        ({"surveyors": [world.citizen_id(1), "c"]}, "/surveyors/0", "personal_number"),
        ({"surveyors": [world.card(1), "c"]}, "/surveyors/0", "personal_number"),
    ],
)
async def test_a_survey_that_breaks_a_rule_leaves_no_trace(
    approval: Approval, changed: dict[str, Any], pointer: str, code: str
) -> None:
    report, case = await approval.opened()
    answer = await approval.desk("clerk").act(case, "survey", world.a_survey(report, approval.clock.at, **changed))
    assert answer.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert await approval.count("surveys") == 0
    assert await approval.count("idempotency") == 0
    assert await approval.line(report) == case


@pytest.mark.policy("R-209", "R-215")
@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"account": world.card()[:-1] + str((int(world.card()[-1]) + 1) % 10)}, "/account", "card_number"),
        ({"account": "4111111111111"}, "/account", "card_number"),
        ({"account": "９" * 19}, "/account", "full_width_digit"),
        ({"member_id": "mem_nobody"}, "/member_id", "holder_not_member"),
        ({"citizen_id": "990101198001010010"}, "/citizen_id", "check_digit"),
        ({"name": "甲1"}, "/name", "format"),
        ({"agent": world.an_agent(occupation="village_cadre")}, "/agent/occupation", "staff_agent"),
        ({"agent": world.an_agent(occupation="assistance_officer")}, "/agent/occupation", "staff_agent"),
        ({"agent": world.an_agent(authorised_on="2026-09-17")}, "/agent/authorised_on", "in_future"),
    ],
)
async def test_money_goes_to_no_wrong_card(
    approval: Approval, changed: dict[str, Any], pointer: str, code: str
) -> None:
    report, case = await approval.opened()
    answer = await approval.desk("clerk").act(case, "payee", world.a_payee(report) | changed)
    assert answer.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert await approval.count("payees") == 0
    sent = [value for value in changed.values() if isinstance(value, str) and len(value) > 3 and value != "甲1"]
    assert [value for value in sent if value in answer.text] == []


async def test_the_last_card_before_the_certificate_counts(approval: Approval) -> None:
    report, case = await approval.opined()
    clerk = approval.desk("clerk")
    case = await clerk.done(case, "payee", world.a_payee(report, 5))
    whole = await clerk.read(case["case_id"])
    assert whole["payee"]["account"].endswith(world.card(5)[-4:])
    assert whole["state"]["code"] == "opined"
    assert await approval.count("payees") == 2


async def test_a_survey_cannot_be_slipped_under_an_opinion(approval: Approval) -> None:
    report, case = await approval.opined()
    answer = await approval.desk("clerk").act(case, "survey", world.a_survey(report, approval.clock.at))
    assert (answer.status_code, answer.json()["code"]) == (409, "state-unfit")
    assert await approval.line(report) == case
