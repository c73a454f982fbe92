"""Reading: within the own jurisdiction, masked, recorded; and nothing of a person in clear where it is kept."""

from __future__ import annotations

import logging
from typing import Any

import asyncpg
import pytest

from chassis.callers import Caller
from deploy.local.platform import LocalPlatform
from services.intake.api.answers import ApplicationOut, ApplicationsOut, ReceiptOut
from services.intake.store import applications, claims
from tests.service.intake.conftest import Desk, Intake
from tests.unit.intake.households import COUNTY, TOWNSHIP, a_body, a_consent

NEIGHBOUR = "cn/2307/230799/230799002/"
LOOKALIKE = "cn/2307/230799/2307990011/"


async def test_one_application_is_shown_masked_and_the_reading_is_recorded(intake: Intake, desk: Desk) -> None:
    body = a_body(external_ref="T-1")
    receipt = await desk.accepted(body)
    ReceiptOut.model_validate(receipt)
    answer = await desk.get(f"/{receipt['application_id']}")
    shown = ApplicationOut.model_validate_json(answer.content)
    for member in body["members"]:
        assert member["citizen_id"] not in answer.text
        assert member["name"] not in answer.text
    assert "13800000000" not in answer.text
    assert shown.members[0].citizen_id == "9901************" + body["members"][0]["citizen_id"][-2:]
    assert shown.members[1].phone == "138****0000"
    assert (shown.external_ref, shown.number, shown.accepted_on) == (
        "T-1",
        receipt["number"],
        ReceiptOut.model_validate(receipt).accepted_on,
    )
    reading = (await intake.bed.rows("select * from audit where act = 'application.read'"))[0]
    assert (reading["actor"], reading["subject"], reading["office"]) == ("u-0001", receipt["application_id"], TOWNSHIP)


@pytest.mark.parametrize("office", [NEIGHBOUR, LOOKALIKE, "cn/65/654099/654099001/"])
async def test_outside_the_own_offices_an_application_is_not_there(intake: Intake, desk: Desk, office: str) -> None:
    receipt = await desk.accepted(a_body())
    application_id, member = receipt["application_id"], f"mem_{receipt['application_id'][4:]}_00"
    other = intake.desk(office)
    missing = f"/app_{'0' * 32}"
    absent = (await other.get(missing)).json()
    for answer in (
        await other.get(f"/{application_id}"),
        await other.post(f"/{application_id}/materials", {"consents": [a_consent("m1")]}),
        await other.post(f"/{application_id}/withdrawal"),
        await other.post(f"/{application_id}/consents/{member}/withdrawal"),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["detail"]) == (404, absent["code"], absent["detail"])
        assert problem["errors"] == []
    assert (await other.get()).json()["data"] == []
    assert await intake.acts() == ["application.submitted"]
    assert len(await intake.said()) == 1


async def test_the_database_itself_keeps_offices_apart(intake: Intake, desk: Desk) -> None:
    await desk.accepted(a_body())
    neighbour = Caller("u", "clerk", NEIGHBOUR, frozenset(), "desk")
    for table in ("application", "member"):
        assert await intake.bed.rows(f"select office from {table}", caller=neighbour) == []
        assert await intake.bed.rows(f"update {table} set office = office returning office", caller=neighbour) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await intake.bed.rows(
            "insert into member (member_id, application_id, office, aid, person_key)"
            " values ('mem_x', 'app_x', $1, 'dibao', $2) returning office",
            TOWNSHIP,
            bytes(32),
            caller=neighbour,
        )


async def test_the_queries_keep_offices_apart_even_where_the_database_would_not(intake: Intake, desk: Desk) -> None:
    receipt = await desk.accepted(a_body(external_ref="T-1"))
    rows = await intake.bed.rows("select person_key from member")
    neighbour = Caller("u", "clerk", NEIGHBOUR, frozenset(), "desk")
    async with intake.bed.database.transaction(neighbour) as tx:
        await tx.connection.fetch("select set_config('hedui.low', '', true), set_config('hedui.high', '~', true)")
        assert await tx.connection.fetchval("select count(*) from application") == 1
        assert await applications.get(tx, receipt["application_id"]) is None
        assert await applications.lock(tx, receipt["application_id"]) is None
        assert await applications.page(tx, after="", state=None, limit=10) == []
        assert await claims.holders(tx, [row["person_key"] for row in rows]) == {}


async def test_a_list_goes_on_where_it_stopped_and_names_nobody(intake: Intake, desk: Desk) -> None:
    taken = [(await desk.accepted(a_body(number)))["application_id"] for number in range(1, 6)]
    taken.append((await desk.submit(a_body(6, signature=None))).json()["application_id"])
    await intake.desk(NEIGHBOUR).accepted(a_body(7, region="230799002"))
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        answer = await desk.get("?limit=2" + (f"&after={after}" if after else ""))
        page = ApplicationsOut.model_validate_json(answer.content)
        seen += [one.application_id for one in page.data]
        after = page.page.next
    assert seen == sorted(taken)
    assert after is None
    incomplete = (await desk.get("?state=incomplete")).json()["data"]
    assert [one["application_id"] for one in incomplete] == taken[-1:]
    assert len((await intake.desk(COUNTY).get()).json()["data"]) == 7
    everything = (await desk.get()).text
    assert not any(name in everything for name in ("李", "王", "9901"))
    assert "application.read" not in await intake.acts()


async def test_a_cursor_is_good_for_its_own_list_only(intake: Intake, desk: Desk) -> None:
    for number in (1, 2):
        await desk.accepted(a_body(number))
    after = (await desk.get("?limit=1")).json()["page"]["next"]
    for answer in (
        await desk.get(f"?limit=1&after={after[:-2]}AA"),
        await desk.get(f"?limit=1&after={after}&state=accepted"),
        await intake.desk(COUNTY).get(f"?limit=1&after={after}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor-invalid")


async def test_nothing_that_names_a_person_is_kept_or_logged_in_clear(
    intake: Intake, desk: Desk, platform_postgres: LocalPlatform, intake_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = a_body(external_ref="T-1")
    body["consents"][2] |= {"given_by": "guardian", "guardian_relation": "grandparent", "guardian_name": "龚奶奶"}
    body["materials"][0]["name"] = "龚奶奶户口簿.pdf"
    receipt = await desk.accepted(body)
    more = {"materials": [{"sha256": "1" * 64, "name": "龚奶奶收入.pdf"}]}
    await desk.post(f"/{receipt['application_id']}/materials", more)
    await desk.submit(body)
    await desk.get(f"/{receipt['application_id']}")
    canaries = [member["citizen_id"] for member in body["members"]] + ["龚奶奶", "阿依古丽", "13800000000"]
    canaries += [member["name"] for member in body["members"]]
    admin = await asyncpg.connect(platform_postgres.admin_dsn(), database=intake_database)
    try:
        kept = await _everything(admin)
        assert receipt["application_id"] in kept, "the search finds what is there in clear"
        assert [canary for canary in canaries if canary in kept] == []
        assert [canary for canary in canaries if canary.encode().hex() in kept] == []
    finally:
        await admin.close()
    assert [canary for canary in canaries if canary in caplog.text] == []


async def _everything(admin: Any) -> str:
    """Every row of every table as text; bytes stand there in hex."""
    tables = await admin.fetch("select tablename from pg_tables where schemaname = 'public'")
    texts = [await admin.fetch(f'select t::text as row from "{table["tablename"]}" t') for table in tables]
    return "\n".join(row["row"] for rows in texts for row in rows)


async def test_a_sealed_file_moved_to_another_application_does_not_open(
    intake: Intake, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await desk.accepted(a_body(1)), await desk.accepted(a_body(2))
    await intake.bed.rows(
        "update application set people = (select people from application where application_id = $1)"
        " where application_id = $2 returning 1",
        first["application_id"],
        second["application_id"],
    )
    answer = await desk.get(f"/{second['application_id']}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert (await desk.get(f"/{first['application_id']}")).status_code == 200
