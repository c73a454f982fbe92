"""Clocks at the doors: what is left, what is overdue, what is extended, and refusals told in writing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.callers import System
from policies.calendar import Published, WorkCalendar, start_of_day
from services.approval.usecases import casework
from tests.service.approval import world
from tests.service.approval.bed import Approval

DUE = date(2026, 10, 19)


def clock(case: dict[str, Any], code: str = "decision") -> dict[str, Any]:
    (found,) = [one for one in case["clocks"] if one["code"] == code]
    clock: dict[str, Any] = found
    return clock


async def overdue(approval: Approval) -> list[str]:
    answer = await approval.desk("reader").get("/cases?overdue=true")
    return [case["case_id"] for case in answer.json()["data"]]


@pytest.mark.policy("R-118")
async def test_a_case_is_overdue_from_the_day_after_its_last_working_day(approval: Approval) -> None:
    report, case = await approval.opened()
    assert (clock(case)["due_on"], clock(case)["workdays"], clock(case)["days_left"]) == (DUE.isoformat(), 20, 19)
    approval.clock.at = start_of_day(DUE + timedelta(days=1)) - timedelta(seconds=1)
    assert clock(await approval.line(report))["is_overdue"] is False
    assert await overdue(approval) == []
    approval.clock.at = start_of_day(DUE + timedelta(days=1))
    late = clock(await approval.line(report))
    assert (late["is_overdue"], late["days_left"]) == (True, -1)
    assert await overdue(approval) == [case["case_id"]]
    answer = await approval.desk("reader").get(f"/cases?overdue=true&application_id={report.application_id}")
    assert len(answer.json()["data"]) == 1


@pytest.mark.policy("R-118")
async def test_an_extension_needs_a_reason_and_is_given_once(approval: Approval) -> None:
    _, case = await approval.opened()
    leader = approval.desk("leader")
    assert (await leader.act(case, "extension", {})).status_code == 422
    case = await leader.done(case, "extension", {"reason": "difficult_survey"})
    assert (clock(case)["workdays"], clock(case)["due_on"]) == (30, "2026-11-02")
    answer = await leader.act(case, "extension", {"reason": "objection"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already-extended")
    assert (
        await approval.desk("approver", world.COUNTY).act(case, "extension", {"reason": "objection"})
    ).status_code == 403
    approval.clock.at = start_of_day(DUE + timedelta(days=1))
    assert await overdue(approval) == []
    assert (await leader.read(case["case_id"]))["extended"]["reason"] == "difficult_survey"


async def test_what_is_decided_is_not_extended(approval: Approval) -> None:
    _, case = await approval.approved()
    answer = await approval.desk("leader").act(case, "extension", {"reason": "objection"})
    assert (answer.status_code, answer.json()["code"]) == (409, "state-unfit")


@pytest.mark.policy("R-116")
async def test_a_refusal_is_told_in_writing_within_three_working_days(approval: Approval) -> None:
    _, case = await approval.refused()
    # Decided on Wednesday the 16th; Saturday rests, Sunday the 20th is made up.
    assert clock(case, "refusal_notice")["due_on"] == "2026-09-20"
    approval.clock.at = start_of_day(date(2026, 9, 21))
    assert await overdue(approval) == [case["case_id"]]
    body = {"delivered_on": "2026-09-18", "way": "handed", "sha256": world.SHA}
    clerk = approval.desk("clerk")
    for day in ("2026-09-15", "2026-09-22"):
        answer = await clerk.act(case, "notices", body | {"delivered_on": day})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "day_unfit")
    case = await clerk.done(case, "notices", body)
    told = clock(case, "refusal_notice")
    assert (told["stopped_on"], told["is_overdue"]) == ("2026-09-18", False)
    assert await overdue(approval) == []
    answer = await clerk.act(case, "notices", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "notice-not-due")


async def test_nobody_is_told_a_refusal_that_was_not_made(approval: Approval) -> None:
    _, case = await approval.approved()
    body = {"delivered_on": "2026-09-16", "way": "post", "sha256": world.SHA}
    answer = await approval.desk("clerk").act(case, "notices", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "notice-not-due")


@pytest.mark.policy("R-118")
async def test_a_deadline_in_an_unpublished_year_is_provisional_and_reckoned_again(approval: Approval) -> None:
    report, case = await approval.opened(accepted_on=date(2026, 12, 21))
    assert clock(case)["is_provisional"] is True
    (before,) = await approval.bed.rows("select due_on, calendar from cases")
    shelf = approval.bed.database.shelf
    known = shelf.of(WorkCalendar)
    rest = {date(2027, 1, day): True for day in range(4, 9)}
    days = dict(known._named)
    published = [Published(year=2026, papers=(), days=days), Published(year=2027, papers=(), days=rest)]
    shelf._things[WorkCalendar] = WorkCalendar(published)
    try:
        async with approval.bed.database.transaction(System("approval")) as tx:
            await casework.reckon_again(tx, tx.caller, now=approval.clock.at)
        (after,) = await approval.bed.rows("select due_on, calendar from cases")
        again = await approval.line(report)
    finally:
        shelf._things[WorkCalendar] = known
    assert after["due_on"] > before["due_on"]
    assert after["calendar"] != before["calendar"]
    assert (clock(again)["due_on"], clock(again)["is_provisional"]) == (after["due_on"].isoformat(), False)
