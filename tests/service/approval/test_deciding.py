"""Opinion and decision: what must come before, who may do it, and on what ground."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.vocabulary import Conclusion
from tests.service.approval import world
from tests.service.approval.bed import Approval
from tests.service.approval.world import APPROVE, COUNTY, RECOMMEND, REFUSE, TOWNSHIP

MEETING: dict[str, Any] = {
    "outcome": "approved",
    "reasons": ["collective_decision"],
    "path": "meeting",
    "participants": ["leader", "deputy", "third"],
    "waived": ["agency_answers"],
}


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


@pytest.mark.policy("R-093", "R-112")
async def test_nothing_is_said_about_a_household_nobody_visited(approval: Approval) -> None:
    _, case = await approval.opened()
    answer = await approval.desk("clerk").act(case, "opinion", RECOMMEND)
    assert (answer.status_code, answer.json()["code"], codes(answer)) == (409, "case-blocked", ["survey"])
    answer = await approval.desk("leader").act(case, "confirmation", APPROVE)
    assert (answer.status_code, answer.json()["code"]) == (409, "case-blocked")
    assert codes(answer) == ["survey", "opinion"]
    for outcome in (APPROVE, REFUSE):
        assert (await approval.desk("leader").act(case, "confirmation", outcome)).status_code == 409
    assert await approval.decisions() == []
    assert (await approval.line_of(case))["state"]["code"] == "review"


@pytest.mark.policy("R-069")
async def test_a_case_with_open_flags_waits(approval: Approval) -> None:
    report, case = await approval.surveyed(flags=["flag_a", "flag_b"])
    answer = await approval.desk("clerk").act(case, "opinion", RECOMMEND)
    assert (answer.status_code, codes(answer)) == (409, ["open_flags"])
    answer = await approval.desk("leader").act(case, "confirmation", APPROVE)
    assert codes(answer) == ["open_flags", "opinion"]
    await approval.hear(world.a_report(of=report))
    case = await approval.line(report)
    await approval.desk("clerk").done(case, "opinion", RECOMMEND)


@pytest.mark.policy("R-108", "R-112")
async def test_a_survey_without_an_opinion_is_not_enough(approval: Approval) -> None:
    _, case = await approval.surveyed()
    answer = await approval.desk("leader").act(case, "confirmation", APPROVE)
    assert (answer.status_code, codes(answer)) == (409, ["opinion"])


@pytest.mark.parametrize("maker", ["clerk", "surveyor-1", "surveyor-2"])
async def test_whoever_prepared_the_case_does_not_decide_it(approval: Approval, maker: str) -> None:
    report, case = await approval.opined()
    answer = await approval.desk(maker).act(case, "confirmation", APPROVE)
    assert (answer.status_code, answer.json()["code"]) == (403, "maker-is-checker")
    assert await approval.line(report) == case
    body = {**APPROVE, "path": "meeting", "participants": ["leader", "deputy", maker]}
    answer = await approval.desk("leader").act(case, "confirmation", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "maker-is-checker")


@pytest.mark.policy("R-109")
@pytest.mark.parametrize("org", [COUNTY, "cn/2307/", "cn/"])
async def test_where_power_is_delegated_only_the_township_decides(approval: Approval, org: str) -> None:
    _, case = await approval.opined()
    answer = await approval.desk("approver", org).act(case, "confirmation", APPROVE)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-the-authority")


@pytest.mark.policy("R-092", "R-107")
@pytest.mark.parametrize("act", ["survey", "payee", "opinion", "publicity", "notices"])
async def test_the_townships_own_acts_are_done_by_the_township(approval: Approval, act: str) -> None:
    report, case = await (approval.approved() if act == "publicity" else approval.surveyed())
    body = {
        "survey": world.a_survey(report, approval.clock.at),
        "payee": world.a_payee(report),
        "opinion": RECOMMEND,
        "publicity": world.a_posting(world.ACCEPTED.replace(day=16)),
        "notices": {"delivered_on": "2026-09-16", "way": "handed", "sha256": world.SHA},
    }[act]
    answer = await approval.desk("approver", COUNTY).act(case, act, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-the-authority")


async def test_a_decision_is_made_once(approval: Approval) -> None:
    _, before = await approval.opined()
    after = await approval.desk("leader").done(before, "confirmation", APPROVE)
    stale = await approval.desk("deputy").act(before, "confirmation", REFUSE)
    assert (stale.status_code, stale.json()["code"]) == (412, "if-match-stale")
    again = await approval.desk("deputy").act(after, "confirmation", REFUSE)
    assert (again.status_code, again.json()["code"]) == (409, "already-decided")
    assert [event.decision for event in await approval.decisions()] == ["approved"]
    assert await approval.count("decisions") == 1


async def test_a_decision_names_the_version_that_was_seen(approval: Approval) -> None:
    _, case = await approval.opined()
    leader = approval.desk("leader")
    answer = await leader.post(f"/cases/{case['case_id']}/confirmation", APPROVE)
    assert (answer.status_code, answer.json()["code"]) == (428, "if-match-missing")
    answer = await leader.act(case, "confirmation", APPROVE, if_match='"another"')
    assert answer.status_code == 412
    answer = await leader.act(case, "confirmation", APPROVE, if_match="*")
    assert answer.status_code == 412


async def test_the_same_request_sent_again_gets_the_same_answer(approval: Approval) -> None:
    _, case = await approval.opined()
    leader = approval.desk("leader")
    first = await leader.act(case, "confirmation", APPROVE, idempotency_key="one")
    again = await leader.act(case, "confirmation", APPROVE, idempotency_key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert (await leader.act(case, "confirmation", REFUSE, idempotency_key="one")).status_code == 422
    assert len(await approval.decisions()) == 1


@pytest.mark.policy("R-116")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"outcome": "refused", "reasons": []}, "too_few"),
        ({"outcome": "refused"}, "required"),
        ({"outcome": "refused", "reasons": ["conditions_met"]}, "reason_unfit"),
        ({"outcome": "approved", "reasons": ["income_over_standard"]}, "reason_unfit"),
        ({"outcome": "refused", "reasons": ["because"]}, "not_in_list"),
        ({"outcome": "maybe", "reasons": ["conditions_met"]}, "not_in_list"),
        ({"outcome": "approved", "reasons": ["conditions_met"], "surplus": 1}, "unknown_field"),
    ],
)
async def test_a_decision_without_a_fitting_reason_is_none(approval: Approval, body: Any, code: str) -> None:
    _, case = await approval.opined()
    answer = await approval.desk("leader").act(case, "confirmation", body)
    assert answer.status_code == 422
    assert code in codes(answer)
    assert await approval.count("decisions") == 0


@pytest.mark.policy("R-113")
async def test_a_family_over_the_standard_is_never_taken_in(approval: Approval) -> None:
    _, case = await approval.opined(conclusion=Conclusion.OVER_STANDARD, income_qualifies=False)
    for body in (APPROVE, MEETING):
        answer = await approval.desk("leader").act(case, "confirmation", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "conditions-not-met")
    await approval.desk("leader").done(case, "confirmation", REFUSE)


@pytest.mark.policy("R-120", "R-121")
async def test_what_cannot_be_known_is_decided_together(approval: Approval) -> None:
    _, case = await approval.opined(conclusion=Conclusion.INCOMPLETE, is_partial=True, income_qualifies=False)
    leader = approval.desk("leader")
    answer = await leader.act(case, "confirmation", APPROVE)
    assert (answer.status_code, answer.json()["code"]) == (409, "collective-decision-needed")
    answer = await leader.act(case, "confirmation", MEETING | {"participants": ["leader", "deputy"]})
    assert codes(answer) == ["participants_too_few"]
    await leader.done(case, "confirmation", MEETING)
    (row,) = await approval.bed.rows("select convert_from(record, 'UTF8')::jsonb as record from decisions")
    assert '"waived": ["agency_answers"]' in row["record"]
    assert '"participants": ["deputy", "leader", "third"]' in row["record"]


@pytest.mark.policy("R-114")
async def test_xinjiang_cases_name_the_missing_steps_and_are_not_decided(approval: Approval) -> None:
    """Its appraisal, its publicity before the decision and its visits do not exist; no other order is put in place."""
    report, case = await approval.opened(office=world.XINJIANG, region="654099")
    assert [step["code"] for step in case["missing_steps"]] == ["appraisal", "publicity", "spot_check"]
    clerk = approval.desk("clerk", world.XINJIANG)
    body = world.a_survey(report, approval.clock.at)
    body["signatures"][2]["signer"] = "applicant"
    case = await clerk.done(case, "survey", body)
    answer = await clerk.act(case, "opinion", RECOMMEND)
    assert (answer.status_code, answer.json()["code"], codes(answer)) == (409, "steps-missing", ["appraisal"])
    for org in ("cn/65/654099/", world.XINJIANG):
        answer = await approval.desk("approver", org).act(case, "confirmation", APPROVE)
        assert (answer.status_code, answer.json()["code"]) == (409, "steps-missing")
        assert codes(answer) == ["appraisal", "publicity", "spot_check"]
        assert "缺少环节：民主评议" in answer.text
    answer = await clerk.act(case, "publicity", world.a_posting(world.ACCEPTED.replace(day=16)))
    assert (answer.status_code, codes(answer)) == (409, ["publicity"])
    assert await approval.decisions() == []
    assert (await approval.line(report))["state"]["code"] == "review"


@pytest.mark.policy("R-142")
async def test_a_related_officer_neither_sees_nor_touches_the_case(approval: Approval) -> None:
    report, case = await approval.opened()
    kin = {"member_id": report.member_ids[1], "kinship": "sibling", "staff": "township", "officer": "cousin"}
    body = world.a_survey(report, approval.clock.at, near_relatives=[kin])
    case = await approval.desk("clerk").done(case, "survey", body)
    case = await approval.desk("clerk").done(case, "opinion", RECOMMEND)
    cousin = approval.desk("cousin")
    assert (await cousin.get(f"/cases/{case['case_id']}")).status_code == 404
    assert (await cousin.get("/cases")).json()["data"] == []
    assert (await cousin.get(f"/cases?application_id={report.application_id}")).json()["data"] == []
    assert (await cousin.act(case, "confirmation", APPROVE)).status_code == 404
    meeting = {**APPROVE, "path": "meeting", "participants": ["leader", "deputy", "cousin"]}
    assert codes(await approval.desk("leader").act(case, "confirmation", meeting)) == ["participant_is_relative"]
    assert (await approval.desk("leader").read(case["case_id"]))["is_near_relative"] is True
    await approval.desk("leader", TOWNSHIP).done(case, "confirmation", APPROVE)
