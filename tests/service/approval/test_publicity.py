"""Publicity on the service's own clock: no certificate an instant early, objections to the last second."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policies.calendar import start_of_day
from tests.service.approval import world
from tests.service.approval.bed import Approval
from tests.service.approval.world import APPROVE, RECOMMEND

OVER = start_of_day(date(2026, 9, 24))
"""Posted on the 16th: the first instant after seven full days."""
LAST_SECOND = OVER - timedelta(seconds=1)


@pytest.mark.policy("R-117", "R-125")
async def test_no_certificate_before_the_last_full_day_has_passed(approval: Approval) -> None:
    report, _ = await approval.posted()
    for at in (world.NOW + timedelta(days=3), LAST_SECOND, OVER - timedelta(microseconds=1)):
        approval.clock.at = at
        await approval.ring()
        assert await approval.certificates() == []
        assert (await approval.line(report))["state"]["code"] == "publicity"
    approval.clock.at = OVER
    await approval.ring()
    await approval.ring()
    assert len(await approval.certificates()) == 1
    assert await approval.count("certificates") == 1


@pytest.mark.policy("R-127")
async def test_an_objection_in_the_last_second_stops_it(approval: Approval) -> None:
    _, case = await approval.posted()
    approval.clock.at = LAST_SECOND
    case = await approval.desk("clerk").done(case, "objections", world.an_objection(LAST_SECOND))
    assert (case["state"]["code"], case["case_version"]) == ("review", 2)
    assert [lack["code"] for lack in case["lacks"]] == ["survey", "opinion"]
    approval.clock.at = OVER + timedelta(days=30)
    await approval.ring()
    assert await approval.certificates() == []
    approved, stopped = await approval.decisions()
    assert (stopped.decision, stopped.reason, stopped.case_version) == ("held", "objection", 1)
    assert stopped.decision_hash == approved.decision_hash


@pytest.mark.policy("R-127")
async def test_after_an_objection_the_original_procedure_runs_again(approval: Approval) -> None:
    report, case = await approval.posted()
    clerk, leader = approval.desk("clerk"), approval.desk("leader")
    case = await clerk.done(case, "objections", world.an_objection(approval.clock.at))
    answer = await clerk.act(case, "opinion", RECOMMEND)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "survey")
    case = await clerk.done(case, "survey", world.a_survey(report, approval.clock.at))
    case = await clerk.done(case, "opinion", RECOMMEND)
    case = await leader.done(case, "confirmation", APPROVE)
    case = await clerk.done(case, "publicity", world.a_posting(date(2026, 9, 16)))
    approval.clock.at = OVER
    await approval.ring()
    (issued,) = await approval.certificates()
    assert issued.case_version == 2
    whole = await leader.read(case["case_id"])
    assert len(whole["objections"]) == 1
    assert whole["is_doubtful"] is True
    assert "有车" not in str(await approval.bed.rows("select * from objections"))


@pytest.mark.policy("R-127")
async def test_an_objection_received_in_time_counts_until_the_certificate_is_issued(approval: Approval) -> None:
    _, case = await approval.posted()
    clerk = approval.desk("clerk")
    approval.clock.at = OVER + timedelta(minutes=5)
    answer = await clerk.act(case, "objections", world.an_objection(OVER))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "publicity_over")
    await clerk.done(case, "objections", world.an_objection(LAST_SECOND))
    await approval.ring()
    assert await approval.certificates() == []


async def test_an_objection_after_the_certificate_is_none(approval: Approval) -> None:
    report, _ = await approval.posted()
    approval.clock.at = OVER
    await approval.ring()
    case = await approval.line(report)
    answer = await approval.desk("clerk").act(case, "objections", world.an_objection(LAST_SECOND))
    assert (answer.status_code, answer.json()["code"]) == (409, "state-unfit")


@pytest.mark.policy("R-128")
async def test_a_posting_keeps_place_days_and_proof(approval: Approval) -> None:
    _, case = await approval.approved()
    clerk = approval.desk("clerk")
    for body, code in (
        ({**world.a_posting(date(2026, 9, 16)), "photos": []}, "too_few"),
        ({**world.a_posting(date(2026, 9, 16)), "photos": ["x"]}, "format"),
        (world.a_posting(date(2026, 9, 15)), "before_decision"),
        (world.a_posting(date(2026, 9, 17)), "in_future"),
    ):
        answer = await clerk.act(case, "publicity", body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    await clerk.done(case, "publicity", world.a_posting(date(2026, 9, 16)))
    (row,) = await approval.bed.rows("select place, posted_on, ended_on, days, photos, posted_by from publicities")
    assert row == {
        "place": "林溪村村务公开栏",
        "posted_on": date(2026, 9, 16),
        "ended_on": date(2026, 9, 23),
        "days": 7,
        "photos": [world.SHA],
        "posted_by": "clerk",
    }


async def test_what_is_refused_is_not_posted(approval: Approval) -> None:
    _, case = await approval.refused()
    answer = await approval.desk("clerk").act(case, "publicity", world.a_posting(date(2026, 9, 16)))
    assert (answer.status_code, answer.json()["code"]) == (409, "state-unfit")


@pytest.mark.policy("R-209")
async def test_without_a_card_the_certificate_waits_and_says_so(approval: Approval) -> None:
    report, case = await approval.surveyed()
    clerk, leader = approval.desk("clerk"), approval.desk("leader")
    case = await clerk.done(case, "opinion", RECOMMEND)
    case = await leader.done(case, "confirmation", APPROVE)
    case = await clerk.done(case, "publicity", world.a_posting(date(2026, 9, 16)))
    assert [lack["code"] for lack in case["lacks"]] == ["payee"]
    approval.clock.at = OVER
    await approval.ring()
    assert await approval.certificates() == []
    case = await clerk.done(case, "payee", world.a_payee(report, 7))
    await approval.ring()
    (issued,) = await approval.certificates()
    assert issued.private.account == world.card(7)
    answer = await clerk.act(await approval.line(report), "payee", world.a_payee(report, 8))
    assert (answer.status_code, answer.json()["code"]) == (409, "state-unfit")


async def test_many_publicities_end_together(approval: Approval) -> None:
    for _ in range(5):
        await approval.posted()
    approval.clock.at = OVER
    await approval.ring()
    issued = await approval.certificates()
    assert len({one.certificate_id for one in issued}) == 5
    numbers = await approval.bed.rows("select number from certificates")
    assert len({row["number"] for row in numbers}) == 5
