"""The whole way in Yichun: report, survey, opinion, confirmation, seven full days, certificate, first payment."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policies.calendar import start_of_day
from tests.service.approval import world
from tests.service.approval.bed import Approval


@pytest.mark.policy("R-107", "R-108", "R-117", "R-125")
async def test_a_household_goes_from_its_report_to_its_certificate(approval: Approval) -> None:
    report, case = await approval.opened()
    assert case["state"]["code"] == "review"
    assert [lack["code"] for lack in case["lacks"]] == ["survey", "opinion"]
    clerk, leader = approval.desk("clerk"), approval.desk("leader")
    case = await clerk.done(case, "survey", world.a_survey(report, approval.clock.at))
    case = await clerk.done(case, "payee", world.a_payee(report))
    case = await clerk.done(case, "opinion", world.RECOMMEND)
    assert case["state"]["code"] == "opined"
    assert case["lacks"] == []
    case = await leader.done(case, "confirmation", world.APPROVE)
    assert case["state"]["code"] == "approved"
    (said,) = await approval.decisions()
    assert (said.decision, said.reason, said.case_version) == ("approved", "conditions_met", 1)
    assert (said.report_id, said.report_version, said.decided_on) == (report.report_id, 1, date(2026, 9, 16))
    case = await clerk.done(case, "publicity", world.a_posting(date(2026, 9, 16)))
    assert (case["state"]["code"], case["publicity_ended_on"]) == ("publicity", "2026-09-23")
    await approval.ring()
    assert await approval.certificates() == []
    approval.clock.at = start_of_day(date(2026, 9, 24))
    await approval.ring()
    (issued,) = await approval.certificates()
    assert (issued.confirmed_on, issued.publicity_ended_on) == (date(2026, 9, 16), date(2026, 9, 23))
    assert issued.decision_hash == said.decision_hash
    assert issued.household_income_month_fen == report.household_income_month_fen
    assert [one.supplement_groups for one in issued.members] == [["elderly"], []]
    assert [one.person_key for one in issued.members] == report.person_keys
    assert (issued.private.account, issued.private.member_id) == (world.card(), report.member_ids[0])
    case = await approval.line(report)
    assert case["state"]["code"] == "certified"
    assert case["certificate_number"].startswith("JZ-230799-2026-")
    await approval.hear(world.settled(report, "returned"))
    assert (await approval.line(report))["state"]["code"] == "certified"
    await approval.hear(world.settled(report))
    whole = await leader.read(case["case_id"])
    assert whole["state"]["code"] == "paid"
    assert whole["paid_at"].startswith((world.NOW + timedelta(days=30)).date().isoformat())
    assert await approval.acts() == [
        "case.opened", "survey.recorded", "payee.recorded", "opinion.written", "decision.made", "publicity.posted",
        "certificate.issued", "case.paid", "case.read",
    ]  # fmt: skip
