"""The county's draw and its results, on a real database and audit trail."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from tests.service.approval import world
from tests.service.approval.bed import Approval
from tests.service.approval.world import APPROVE, COUNTY, RECOMMEND, TOWNSHIP

IN_ORDER = {"look": "visit", "found": "in_order"}


async def drawn(approval: Approval) -> dict[str, Any]:
    await approval.seal()
    answer = await approval.desk("county", COUNTY).post("/draws", {"office": TOWNSHIP})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.policy("R-138")
async def test_half_of_the_applicants_rounded_up_and_none_twice(approval: Approval) -> None:
    for _ in range(5):
        await approval.opined()
    await approval.surveyed()
    first = await drawn(approval)
    assert (len(first["population"]), len(first["spot_checks"]), first["percent"]) == (5, 3, 50)
    answer = await approval.desk("county", COUNTY).post("/draws", {"office": TOWNSHIP})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-draw")
    await approval.opined()
    second = await drawn(approval)
    assert len(second["population"]) == len(second["spot_checks"]) == 1
    assert (await approval.acts()).count("spot_checks.drawn") == 2


@pytest.mark.policy("R-138")
async def test_a_third_party_draws_the_same_from_what_is_published(approval: Approval) -> None:
    for _ in range(7):
        await approval.opined()
    draw = await drawn(approval)
    (row,) = await approval.bed.rows("select seq, head from audit_seal order by seq desc limit 1")
    assert (draw["seal"], draw["head"]) == (row["seq"], row["head"].hex())
    seed = hashlib.sha256(b"hedui spot check v1\n" + bytes.fromhex(draw["head"]) + TOWNSHIP.encode()).digest()
    assert draw["seed"] == seed.hex()
    ids = [one["case_id"] for one in draw["population"]]
    expected = sorted(ids, key=lambda each: hashlib.sha256(seed + each.encode()).digest())[:4]
    assert {one["case_id"] for one in draw["spot_checks"]} == set(expected)
    again = await approval.desk("auditor", COUNTY).get(f"/draws/{draw['draw_id']}")
    assert again.json() == draw


async def test_doubtful_and_related_cases_are_always_drawn(approval: Approval) -> None:
    for _ in range(4):
        await approval.opined()
    flagged = world.a_report(flags=["flag_a"])
    await approval.hear(flagged, world.a_report(of=flagged))
    related = world.a_report()
    await approval.hear(related)
    clerk = approval.desk("clerk")
    kin = {"member_id": related.member_ids[0], "kinship": "parent", "staff": "committee"}
    for report, changed in ((flagged, {}), (related, {"near_relatives": [kin]})):
        case = await approval.line(report)
        case = await clerk.done(case, "survey", world.a_survey(report, approval.clock.at, **changed))
        await clerk.done(case, "opinion", RECOMMEND)
    draw = await drawn(approval)
    why = {one["case_id"]: one["why"]["code"] for one in draw["spot_checks"]}
    assert why[(await approval.line(flagged))["case_id"]] == "doubtful"
    assert why[(await approval.line(related))["case_id"]] == "near_relative"
    assert len(why) == 3


async def test_there_is_no_draw_without_a_seed_nobody_chose(approval: Approval) -> None:
    await approval.opined()
    answer = await approval.desk("county", COUNTY).post("/draws", {"office": TOWNSHIP})
    assert (answer.status_code, answer.json()["code"]) == (503, "seed-not-ready")


async def test_two_draws_at_once_share_no_applicant(approval: Approval) -> None:
    for _ in range(6):
        await approval.opined()
    await approval.seal()
    desks = [approval.desk(f"county-{place}", COUNTY) for place in range(3)]
    answers = await asyncio.gather(*(desk.post("/draws", {"office": TOWNSHIP}) for desk in desks))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await approval.count("draw_population") == 6


@pytest.mark.parametrize(
    ("org", "office", "status", "code"),
    [
        (TOWNSHIP, TOWNSHIP, 403, "not-the-authority"),
        (COUNTY, "cn/2307/230798/230798001/", 403, "not-the-authority"),
        ("cn/65/654099/", world.XINJIANG, 409, "draw-not-asked"),
    ],
)
async def test_the_county_above_draws_where_power_is_delegated(
    approval: Approval, org: str, office: str, status: int, code: str
) -> None:
    answer = await approval.desk("county", org).post("/draws", {"office": office})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.policy("R-138")
async def test_a_result_is_recorded_once_and_a_problem_is_for_people(approval: Approval) -> None:
    _, case = await approval.opined()
    (one,) = (await drawn(approval))["spot_checks"]
    county = approval.desk("county", COUNTY)
    path = f"/spot-checks/{one['spot_check_id']}/result"
    assert (await county.get("/spot-checks?done=false")).json()["data"] == [one]
    problem = {"look": "visit", "found": "problem", "rectify_by": "2026-09-30", "note": "房屋与记录不符"}
    answer = await county.post(path, problem | {"rectify_by": None})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "rectify_by_unfit")
    answer = await county.post(path, problem)
    assert answer.status_code == 201, answer.text
    assert (await county.post(path, IN_ORDER)).json()["code"] == "already-checked"
    assert (await county.get("/spot-checks?done=false")).json()["data"] == []
    assert (await county.get("/spot-checks?done=true")).json()["data"] == [answer.json()]
    whole = await county.read(case["case_id"])
    assert [task["kind"] for task in whole["tasks"]] == ["spot_check_problem"]
    assert whole["state"]["code"] == "opined"
    assert "房屋" not in str(await approval.bed.rows("select * from spot_check_results"))


@pytest.mark.parametrize("checker", ["clerk", "surveyor-1", "leader"])
async def test_nobody_checks_what_they_worked_on(approval: Approval, checker: str) -> None:
    _, case = await approval.opined()
    await approval.desk("leader").done(case, "confirmation", APPROVE)
    (one,) = (await drawn(approval))["spot_checks"]
    path = f"/spot-checks/{one['spot_check_id']}/result"
    answer = await approval.desk(checker, COUNTY).post(path, IN_ORDER)
    assert (answer.status_code, answer.json()["code"]) == (403, "maker-is-checker")
    answer = await approval.desk("somebody", TOWNSHIP).post(path, IN_ORDER)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-the-authority")
    assert (await approval.desk("county", "cn/65/654099/").post(path, IN_ORDER)).status_code == 404


async def test_the_list_goes_on_page_by_page(approval: Approval) -> None:
    for _ in range(5):
        await approval.opined()
    await drawn(approval)
    county = approval.desk("county", COUNTY)
    first = (await county.get("/spot-checks?limit=2")).json()
    second = (await county.get(f"/spot-checks?limit=2&after={first['page']['next']}")).json()
    seen = [one["spot_check_id"] for one in [*first["data"], *second["data"]]]
    assert len(set(seen)) == 3
    assert second["page"]["has_more"] is False
