"""The caseworker's doors: list, read, resolve; what a resolution needs, and what it sets going."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from contracts.findings import Deposit, MotorVehicle, TaxedIncome
from contracts.vocabulary import Agency, Conclusion
from deploy.local.platform import LocalPlatform
from tests.service.verification.conftest import Desk, Verification
from tests.service.verification.world import NOW, an_answer, an_application, answers

A_CAR = MotorVehicle(type="car", registered_on=date(2020, 1, 1), value_fen=5_000_000, plate_mask="黑F****1")
PAPER = {"kind": "sale_contract", "sha256": "ab" * 32}


def an_opinion(finding: str = "untrue", **changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "finding": finding,
        "contact": {"at": (NOW + timedelta(minutes=30)).isoformat(), "way": "visit"},
        "evidence": [PAPER] if finding == "untrue" else [],
    }
    return body | changed


@pytest.fixture
async def flagged(verification: Verification) -> Desk:
    """A desk with two open flags on its list: a car of the spouse's, and wages nobody declared."""
    opened = await verification.open(an_application())
    await verification.hear(
        *answers(
            opened,
            {
                (Agency.VEHICLE, 1): [A_CAR],
                (Agency.TAX, 0): [TaxedIncome(item="wage", amount_fen=3_000_000)],
            },
        )
    )
    verification.clock.at = NOW + timedelta(hours=1)
    return verification.desk()


async def open_flags(desk: Desk) -> dict[str, dict[str, Any]]:
    answer = await desk.get("/flags")
    assert answer.status_code == 200, answer.text
    return {line["code"]["code"]: line for line in answer.json()["data"]}


@pytest.mark.policy("R-068")
async def test_a_flag_shows_declared_found_arithmetic_source_and_day(flagged: Desk) -> None:
    line = (await open_flags(flagged))["INC-01"]
    answer = await flagged.get(f"/flags/{line['flag_id']}")
    flag = answer.json()
    assert answer.headers["etag"] == line["etag"]
    assert (flag["declared_fen"], flag["found_fen"], flag["difference_fen"]) == (0, 3_000_000, 3_000_000)
    detail = flag["detail"]
    assert [step["amount_fen"] for step in detail["arithmetic"]] == [3_000_000, 0, 3_000_000]
    assert detail["agency"]["code"] == "tax"
    assert len(detail["leaf_hashes"]) == 1
    assert detail["as_of"].startswith("2026-09-16T01:00")
    assert detail["rule"] == "INC-01/1"
    assert "R-068" in detail["clause"]
    assert (detail["zh"], detail["severity"]["zh"]) == ("工资薪金纳税收入高于申报", "须说明")


@pytest.mark.policy("R-071")
async def test_untrue_without_evidence_is_refused_and_nothing_changes(flagged: Desk) -> None:
    line = (await open_flags(flagged))["AST-08"]
    answer = await flagged.resolve(line, an_opinion(evidence=[]))
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/evidence", "evidence_missing")]
    assert (await open_flags(flagged))["AST-08"]["etag"] == line["etag"]


@pytest.mark.policy("R-069")
async def test_a_resolution_names_when_and_how_the_applicant_was_heard(flagged: Desk) -> None:
    line = (await open_flags(flagged))["AST-08"]
    body = an_opinion()
    del body["contact"]
    assert (await flagged.resolve(line, body)).status_code == 422
    for at, code in (
        (NOW + timedelta(days=1), "contact_in_future"),
        (NOW - timedelta(days=1), "contact_before_flag"),
    ):
        answer = await flagged.resolve(line, an_opinion(contact={"at": at.isoformat(), "way": "phone"}))
        assert [one["code"] for one in answer.json()["errors"]] == [code]


@pytest.mark.policy("R-070")
async def test_the_last_flag_closed_issues_the_next_version_and_the_findings_count(
    verification: Verification, flagged: Desk
) -> None:
    flags = await open_flags(flagged)
    first = await flagged.resolve(flags["AST-08"], an_opinion())
    assert first.status_code == 200, first.text
    assert first.json()["report"] is None
    assert len(await verification.reports()) == 1
    second = await flagged.resolve(flags["INC-01"], an_opinion("partly", found_fen=600_000))
    assert second.json()["report"]["version"] == 2
    before, after = await verification.reports()
    assert before.conclusion is Conclusion.FLAGS_OPEN
    assert (after.report_version, after.supersedes, after.open_flags) == (2, before.report_id, [])
    assert after.conclusion is Conclusion.NO_FLAGS
    assert after.property_qualifies
    assert after.household_income_month_fen == (600_000 - 372_000) // 12
    assert await open_flags(flagged) == {}
    closed = (await flagged.get("/flags?state=closed")).json()["data"]
    assert {line["finding"]["code"] for line in closed} == {"untrue", "partly"}
    acts = await verification.acts()
    assert acts.count("flag.resolved") == 2
    assert acts.count("report.issued") == 2


async def test_partly_true_names_less_than_was_found_in_the_flags_own_measure(flagged: Desk) -> None:
    flags = await open_flags(flagged)
    for code, changed, fault in (
        ("INC-01", {}, "found_missing"),
        ("INC-01", {"found_fen": 3_000_000}, "found_out_of_range"),
        ("INC-01", {"found_fen": 1, "found_pieces": 1}, "found_not_asked"),
        ("AST-08", {"found_pieces": 1}, "found_out_of_range"),
    ):
        answer = await flagged.resolve(flags[code], an_opinion("partly", **changed))
        assert [one["code"] for one in answer.json()["errors"]] == [fault], (code, changed)
    answer = await flagged.resolve(flags["INC-01"], an_opinion("true", found_fen=1))
    assert [one["code"] for one in answer.json()["errors"]] == ["found_not_asked"]


async def test_an_agencys_mistake_opens_one_correction_ticket(verification: Verification, flagged: Desk) -> None:
    line = (await open_flags(flagged))["AST-08"]
    answer = await flagged.resolve(line, an_opinion("agency_wrong"))
    assert answer.json()["flag"]["resolution"]["ticket_id"].startswith("fix_")
    rows = await verification.bed.rows("select flag_id, agency, state from tickets")
    assert rows == [{"flag_id": line["flag_id"], "agency": "vehicle", "state": "open"}]


async def test_a_flag_is_resolved_once_from_the_version_that_was_seen(flagged: Desk) -> None:
    line = (await open_flags(flagged))["AST-08"]
    assert (await flagged.resolve(line, an_opinion(), if_match='"other"')).status_code == 412
    headers = dict(flagged.headers)
    answer = await flagged.client.post(
        f"/verification/v1/flags/{line['flag_id']}/resolution",
        json=an_opinion(),
        headers={**headers, "idempotency-key": "without-if-match"},
    )
    assert answer.status_code == 428

    first = await flagged.resolve(line, an_opinion(), idempotency_key="one")
    again = await flagged.resolve(line, an_opinion(), idempotency_key="one")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert (await flagged.resolve(line, an_opinion(note="x"), idempotency_key="one")).status_code == 422
    assert (await flagged.resolve(line, an_opinion(), idempotency_key="two")).status_code == 412
    seen = {**line, "etag": first.headers["etag"]}
    answer = await flagged.resolve(seen, an_opinion("true"), idempotency_key="three")
    assert (answer.status_code, answer.json()["code"]) == (409, "flag-already-resolved")


async def test_a_closed_flag_is_final_for_sql_too(
    platform_postgres: LocalPlatform, verification: Verification, flagged: Desk
) -> None:
    line = (await open_flags(flagged))["AST-08"]
    await flagged.resolve(line, an_opinion())
    with pytest.raises(asyncpg.PostgresError, match="final"):
        await verification.bed.rows("update flags set state = 'open' where flag_id = $1 returning 1", line["flag_id"])
    for statement in (
        "delete from flags returning 1",
        "delete from reports returning 1",
        "update reports set version = 9 returning 1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await verification.bed.rows(statement)


async def test_new_evidence_after_a_flag_was_closed_raises_a_new_one_beside_it(verification: Verification) -> None:
    big = Deposit(bank="B1", balance_fen=9_000_000, outflow_half_year_fen=0)
    opened = await verification.open(an_application())
    bank = an_answer(opened, Agency.BANK, {(Agency.BANK, 0): [big]})
    (item,) = bank.items
    half = replace(bank, items=[replace(item, answered=item.answered[:1])])
    await verification.hear(*answers(opened, but=[Agency.BANK]), half)
    desk = verification.desk()
    verification.clock.at = NOW + timedelta(hours=1)
    first = (await open_flags(desk))["AST-01"]
    await desk.resolve(first, an_opinion())
    late = an_answer(opened, Agency.BANK, {(Agency.BANK, 0): [big], (Agency.BANK, 1): [big]})
    await verification.hear(late)
    second = (await open_flags(desk))["AST-01"]
    assert second["flag_id"] != first["flag_id"]
    assert second["found_fen"] == 18_000_000
    assert await verification.count("flags") == 2
    assert [event.report_version for event in await verification.reports()] == [1, 2, 3]


@pytest.mark.parametrize("office", ["cn/2307/230799/230799002/", "cn/65/654099/"])
async def test_other_offices_see_and_change_nothing(verification: Verification, flagged: Desk, office: str) -> None:
    line = (await open_flags(flagged))["AST-08"]
    stranger = verification.desk(office)
    assert await open_flags(stranger) == {}
    assert (await stranger.get(f"/flags/{line['flag_id']}")).status_code == 404
    assert (await stranger.resolve(line, an_opinion())).status_code == 404
    assert (await stranger.get(f"/checks/{line['check_id']}")).status_code == 404
    assert (await stranger.get(f"/checks?application_id={line['application_id']}")).status_code == 404
    assert (await stranger.get(f"/reports?application_id={line['application_id']}")).status_code == 404
    (report,) = await verification.reports()
    assert (await stranger.get(f"/reports/{report.report_id}")).status_code == 404
    county = verification.desk("cn/2307/230799/")
    assert "AST-08" in await open_flags(county)


async def test_each_permission_opens_its_own_doors_only(verification: Verification, flagged: Desk) -> None:
    line = (await open_flags(flagged))["AST-08"]
    reader = verification.desk(scopes="flags:read")
    assert (await reader.resolve(line, an_opinion())).status_code == 403
    assert (await reader.get(f"/reports?application_id={line['application_id']}")).status_code == 403
    assert (await verification.desk(scopes="reports:read").get("/flags")).status_code == 403


async def test_the_list_goes_on_page_by_page(verification: Verification) -> None:
    for _ in range(5):
        opened = await verification.open(an_application())
        await verification.hear(*answers(opened, {(Agency.VEHICLE, 0): [A_CAR]}))
    desk = verification.desk()
    seen: list[str] = []
    path: str | None = "/flags?limit=2"
    while path:
        content = (await desk.get(path)).json()
        seen += [line["flag_id"] for line in content["data"]]
        path = f"/flags?limit=2&after={content['page']['next']}" if content["page"]["has_more"] else None
    assert len(seen) == len(set(seen)) == 5
