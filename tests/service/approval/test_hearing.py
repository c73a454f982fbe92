"""What approval hears: reports in versions, withdrawals, payments, in whatever order they come."""

from __future__ import annotations

import asyncio

import pytest

from contracts.vocabulary import Conclusion
from policies.calendar import start_of_day
from tests.service.approval import world
from tests.service.approval.bed import Approval


async def test_many_reports_at_once_open_one_case_each(approval: Approval) -> None:
    reports = [world.a_report() for _ in range(20)]
    await approval.hear(*reports, *reports[:5])
    assert await approval.count("cases") == 20
    assert (await approval.acts()).count("case.opened") == 20


async def test_versions_in_one_batch_and_known_versions_later(approval: Approval) -> None:
    first = world.a_report(flags=["flag_a"])
    second = world.a_report(of=first)
    await approval.hear(first, second)
    case = await approval.line(first)
    assert (case["report_version"], case["open_flags"], case["state"]["code"]) == (2, 0, "review")
    again = world.a_report(of=first, version=2, conclusion=Conclusion.OVER_STANDARD)
    await approval.hear(again, world.a_report(of=first, version=1))
    assert await approval.line(first) == case


async def test_a_changed_version_voids_the_opinion_and_leaves_the_survey(approval: Approval) -> None:
    report, case = await approval.opined()
    await approval.hear(world.a_report(of=report, flags=["flag_late"]))
    after = await approval.desk("reader").read(case["case_id"])
    assert after["state"]["code"] == "review"
    assert after["opinion"] is None
    assert after["survey"] is not None
    assert [lack["code"] for lack in after["lacks"]] == ["open_flags", "opinion"]
    assert await approval.decisions() == []


async def test_a_version_that_says_the_same_leaves_the_opinion_but_not_the_version_seen(approval: Approval) -> None:
    report, case = await approval.opined()
    await approval.hear(world.a_report(of=report))
    leader = approval.desk("leader")
    assert (await leader.act(case, "confirmation", world.APPROVE)).status_code == 412
    fresh = await approval.line(report)
    assert (fresh["state"]["code"], fresh["report_version"]) == ("opined", 2)
    await leader.done(fresh, "confirmation", world.APPROVE)
    (said,) = await approval.decisions()
    assert said.report_version == 2


@pytest.mark.parametrize("stage", ["approved", "refused", "posted"])
async def test_a_changed_version_holds_a_decision_and_asks_for_another(approval: Approval, stage: str) -> None:
    report, case = await getattr(approval, stage)()
    later = world.a_report(of=report, income_fen=70_000)
    await approval.hear(later)
    held = await approval.line(report)
    assert (held["state"]["code"], held["case_version"]) == ("held", 2)
    first, stopped = await approval.decisions()
    assert (stopped.decision, stopped.reason, stopped.case_version) == ("held", "report_changed", 1)
    assert stopped.decision_hash == first.decision_hash
    assert (stopped.report_id, stopped.report_version) == (later.report_id, 2)
    approval.clock.at = start_of_day(world.ACCEPTED.replace(month=10))
    await approval.ring()
    assert await approval.certificates() == []
    case = await approval.desk("clerk").done(held, "opinion", world.RECOMMEND)
    case = await approval.desk("leader").done(case, "confirmation", world.APPROVE)
    assert case["case_version"] == 2
    *_, second = await approval.decisions()
    assert (second.decision, second.case_version, second.report_version) == ("approved", 2, 2)


async def test_the_certificate_carries_the_income_the_decision_stood_on(approval: Approval) -> None:
    report, _ = await approval.posted(income_fen=60_000)
    approval.clock.at = start_of_day(world.ACCEPTED.replace(day=24))
    await approval.ring()
    (issued,) = await approval.certificates()
    assert issued.household_income_month_fen == 60_000
    await approval.hear(world.a_report(of=report, income_fen=61_000))
    held = await approval.line(report)
    assert held["state"]["code"] == "held"
    case = await approval.desk("clerk").done(held, "opinion", world.RECOMMEND)
    case = await approval.desk("leader").done(case, "confirmation", world.APPROVE)
    case = await approval.desk("clerk").done(case, "publicity", world.a_posting(world.ACCEPTED.replace(day=24)))
    approval.clock.at = start_of_day(world.ACCEPTED.replace(month=10, day=2))
    await approval.ring()
    _, again = await approval.certificates()
    assert (again.household_income_month_fen, again.case_version) == (61_000, 2)
    assert again.certificate_id != issued.certificate_id


async def test_what_is_paid_gets_a_task_and_is_never_stopped(approval: Approval) -> None:
    report, case = await approval.posted()
    approval.clock.at = start_of_day(world.ACCEPTED.replace(day=24))
    await approval.ring()
    await approval.hear(world.settled(report), world.settled(report))
    await approval.hear(world.a_report(of=report, conclusion=Conclusion.OVER_STANDARD))
    await approval.hear(world.withdrawn(report))
    after = await approval.desk("reader").read(case["case_id"])
    assert after["state"]["code"] == "paid"
    assert [task["kind"] for task in after["tasks"]] == ["report_after_payment", "withdrawn_after_payment"]
    assert [event.decision for event in await approval.decisions()] == ["approved"]


async def test_money_paid_while_the_case_was_held_is_for_people(approval: Approval) -> None:
    report, case = await approval.posted()
    approval.clock.at = start_of_day(world.ACCEPTED.replace(day=24))
    await approval.ring()
    await approval.hear(world.a_report(of=report, income_fen=1))
    await approval.hear(world.settled(report))
    after = await approval.desk("reader").read(case["case_id"])
    assert after["state"]["code"] == "held"
    assert [task["kind"] for task in after["tasks"]] == ["paid_while_stopped"]


@pytest.mark.parametrize("stage", ["opened", "surveyed", "opined"])
async def test_a_withdrawal_closes_an_undecided_case(approval: Approval, stage: str) -> None:
    report, _ = await getattr(approval, stage)()
    await approval.hear(world.withdrawn(report))
    case = await approval.line(report)
    assert case["state"]["code"] == "closed"
    assert await approval.decisions() == []
    await approval.hear(world.a_report(of=report, flags=["flag_x"]))
    assert await approval.line(report) == case
    answer = await approval.desk("clerk").act(case, "opinion", world.RECOMMEND)
    assert (answer.status_code, answer.json()["code"]) == (409, "state-unfit")


@pytest.mark.parametrize("stage", ["approved", "posted"])
async def test_a_withdrawal_stops_an_approval_before_money_flows(approval: Approval, stage: str) -> None:
    report, _ = await getattr(approval, stage)()
    await approval.hear(world.withdrawn(report))
    assert (await approval.line(report))["state"]["code"] == "closed"
    *_, stopped = await approval.decisions()
    assert (stopped.decision, stopped.reason) == ("held", "application_withdrawn")
    approval.clock.at = start_of_day(world.ACCEPTED.replace(month=10))
    await approval.ring()
    assert await approval.certificates() == []


async def test_a_withdrawal_that_overtakes_the_report_leaves_no_case(approval: Approval) -> None:
    report = world.a_report()
    await approval.hear(world.withdrawn(report))
    await approval.hear(report)
    assert await approval.count("cases") == 0


async def test_a_withdrawal_and_a_report_at_once_never_leave_an_open_case(approval: Approval) -> None:
    reports = [world.a_report() for _ in range(20)]
    await asyncio.gather(
        *(approval.hear(report) for report in reports), *(approval.hear(world.withdrawn(report)) for report in reports)
    )
    rows = await approval.bed.rows("select state, count(*) as n from cases group by state")
    assert {row["state"] for row in rows} <= {"closed"}
    assert await approval.count("parked") == 0


async def test_a_refusal_stands_when_the_application_is_withdrawn(approval: Approval) -> None:
    report, _ = await approval.refused()
    await approval.hear(world.withdrawn(report))
    assert (await approval.line(report))["state"]["code"] == "refused"


async def test_a_payment_nobody_decided_on_is_parked_and_others_go_on(approval: Approval) -> None:
    report, _ = await approval.posted()
    approval.clock.at = start_of_day(world.ACCEPTED.replace(day=24))
    await approval.ring()
    await approval.hear(world.settled(world.a_report()), world.settled(report))
    assert await approval.count("parked") == 1
    assert (await approval.line(report))["state"]["code"] == "paid"


async def test_a_report_from_a_region_without_policy_is_parked(approval: Approval) -> None:
    await approval.hear(world.a_report(region="110101"), world.a_report())
    assert (await approval.count("parked"), await approval.count("cases")) == (1, 1)
