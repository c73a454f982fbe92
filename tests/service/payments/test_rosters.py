"""A roster is drawn up once, signed by two, and cannot change unnoticed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.values import Month
from policies.calendar import CHINA
from services.payments.domain.roster import Head, content_hash
from tests.service.payments.bed import OFFICER, SECOND, Payments
from tests.service.payments.world import COUNTY, MONTH, NOW, OTHER_TOWNSHIP, TOWNSHIP, card, certified, decided

DRAW = {"office": COUNTY, "month": MONTH}


@pytest.mark.policy("R-204")
async def test_a_roster_opened_twice_is_one(payments: Payments) -> None:
    await payments.entitle(1)
    drawn = await payments.draw()
    again = await payments.officer.post("/rosters", DRAW)
    assert (again.status_code, again.json()["code"]) == (409, "roster-exists")
    assert again.json()["see"] == f"/payments/v1/rosters/{drawn['roster_id']}"
    assert len(await payments.bed.rows("select from lines")) == 1


async def test_of_eight_who_draw_at_once_one_succeeds(payments: Payments) -> None:
    await payments.entitle(*range(30))
    answers = await asyncio.gather(*(payments.officer.post("/rosters", DRAW) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 7
    assert len(await payments.bed.rows("select from line_months")) == 30


async def test_the_same_request_sent_again_gets_the_same_answer(payments: Payments) -> None:
    await payments.entitle(1)
    first = await payments.officer.post("/rosters", DRAW, idempotency_key="one")
    second = await payments.officer.post("/rosters", DRAW, idempotency_key="one")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


async def test_a_month_stands_on_one_line_whoever_writes(payments: Payments) -> None:
    """The Santander case: whatever runs twice, the database holds a month of an entitlement once (INV-24)."""
    await payments.entitle(1)
    await payments.draw()
    with pytest.raises(asyncpg.UniqueViolationError, match="line_months_once"):
        await payments.sql(
            "insert into line_months select 'line_other', entitlement_id, office, month, standard_fen, members,"
            " income_fen, shortfall_fen, supplement_each_fen, supplements, supplement_fen, amount_fen, policy_pack,"
            " policy_hash from line_months"
        )


@pytest.mark.policy("R-203")
async def test_the_roster_waits_for_the_ledger_to_close(payments: Payments) -> None:
    await payments.entitle(1)
    closes = datetime(2026, 11, 24, tzinfo=CHINA)
    payments.clock.at = (closes - timedelta(milliseconds=1)).astimezone(UTC)
    early = await payments.officer.post("/rosters", DRAW)
    assert (early.status_code, early.json()["code"]) == (409, "ledger-still-open")
    assert "2026-11-24 00:00" in early.json()["errors"][0]["detail"]
    payments.clock.at = closes.astimezone(UTC)
    assert (await payments.officer.post("/rosters", DRAW)).status_code == 201


@pytest.mark.policy("R-204")
async def test_a_roster_not_locked_before_the_first_shows_as_late(payments: Payments) -> None:
    await payments.entitle(1)
    roster = await payments.draw()
    assert roster["stands_before"] == "2026-12-01T00:00:00+08:00"
    first = datetime(2026, 12, 1, tzinfo=CHINA)
    for at, is_late in ((first - timedelta(milliseconds=1), False), (first, True)):
        payments.clock.at = at.astimezone(UTC)
        assert (await payments.officer.read(f"/rosters/{roster['roster_id']}"))["is_roster_late"] is is_late
    await payments.lock(roster)
    assert (await payments.officer.read(f"/rosters/{roster['roster_id']}"))["is_roster_late"]


@pytest.mark.parametrize("office", [TOWNSHIP, "cn/2307/", "cn/2307/230788/"])
async def test_only_a_county_has_a_roster(payments: Payments, office: str) -> None:
    officer = payments.desk("officer", "cn/2307/", OFFICER)
    answer = await officer.post("/rosters", {"office": office, "month": MONTH})
    assert (answer.status_code, answer.json()["code"]) == (422, "not-a-county")


async def test_another_countys_roster_is_not_ours_to_draw(payments: Payments) -> None:
    answer = await payments.officer.post("/rosters", {"office": "cn/65/654099/", "month": MONTH})
    assert (answer.status_code, answer.json()["code"]) == (403, "outside-jurisdiction")


@pytest.mark.policy("R-210", "R-194", "R-188")
async def test_a_line_shows_its_arithmetic_with_the_document_behind_each_step(payments: Payments) -> None:
    await payments.entitle(1, groups=[["elderly", "seriously_ill"], ["minor"]])
    await payments.draw()
    line = await payments.line(1)
    view = await payments.clerk.read(f"/lines/{line['line_id']}")
    (december,) = view["arithmetic"]
    assert [(step["code"], step["result_fen"]) for step in december["steps"]] == [
        ("full_standard", 210_000),
        ("shortfall", 90_000),
        ("supplement", 21_000),
        ("amount", 111_000),
    ]
    shortfall = december["steps"][1]
    assert (shortfall["basis"], shortfall["section"]) == ("document", "二(三)1")
    assert "伊民规〔2022〕2号" in shortfall["document"]
    assert december["steps"][0]["basis"] == "assumed"
    assert "line.read" in await payments.acts()


@pytest.mark.policy("R-225", "R-232")
async def test_two_different_people_sign_the_officer_first(payments: Payments) -> None:
    await payments.entitle(1)
    roster = await payments.draw()
    path, body = f"/rosters/{roster['roster_id']}/signatures", {"content_hash": roster["content_hash"]}
    first = await payments.second.post(path, body)
    assert (first.status_code, first.json()["code"]) == (409, "first-signature-missing")
    assert (await payments.officer.done(path, body))["state"]["code"] == "draft"
    itself = await payments.officer.post(path, body)
    assert (itself.status_code, itself.json()["code"]) == (403, "same-signer")
    disguised = await payments.desk("officer", COUNTY, SECOND).post(path, body)
    assert (disguised.status_code, disguised.json()["code"]) == (403, "same-signer")
    colleague = await payments.desk("colleague", COUNTY, OFFICER).post(path, body)
    assert (colleague.status_code, colleague.json()["code"]) == (409, "signed-already")
    assert (await payments.second.done(path, body))["state"]["code"] == "locked"
    third = await payments.desk("third", COUNTY, SECOND).post(path, body)
    assert (third.status_code, third.json()["code"]) == (423, "roster-locked")
    assert await payments.locked() != []


async def test_a_signature_is_for_the_content_that_was_seen(payments: Payments) -> None:
    await payments.entitle(1)
    roster = await payments.draw()
    answer = await payments.officer.post(f"/rosters/{roster['roster_id']}/signatures", {"content_hash": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (412, "other-content")


async def test_nothing_is_paid_before_the_second_signature(payments: Payments) -> None:
    await payments.entitle(1)
    roster = await payments.draw()
    path = f"/rosters/{roster['roster_id']}"
    for _ in range(2):
        early = await payments.officer.post(f"{path}/payment")
        assert (early.status_code, early.json()["code"]) == (409, "roster-not-locked")
        assert await payments.claim() == []
        await payments.officer.post(f"{path}/signatures", {"content_hash": roster["content_hash"]})
    await payments.second.done(f"{path}/signatures", {"content_hash": roster["content_hash"]})
    assert await payments.claim() == [], "locked, and still nobody has let it be paid"


EDITS = {
    "one fen more": "update lines set amount_fen = amount_fen + 1 where place = 1",
    "another household": "update lines set application_id = 'app_other' where place = 1",
    "another card": "update lines set account_key = sha256('x') where place = 1",
    "another payee's sealed card": (
        "update lines set payee = (select payee from lines where place = 2),"
        " account_key = (select account_key from lines where place = 2),"
        " payee_key = (select payee_key from lines where place = 2) where place = 1"
    ),
    "a smaller income": "update line_months set income_fen = income_fen - 1, shortfall_fen = shortfall_fen + 1,"
    " amount_fen = amount_fen + 1 where line_id = (select line_id from lines where place = 1)",
    "another law": "update line_months set policy_hash = 'x'"
    " where line_id = (select line_id from lines where place = 1)",
    "a line less": "delete from lines where place = 1",
    "a line more": (
        "insert into lines select 'line_ghost', roster_id, 99, entitlement_id, application_id, office, month, aid,"
        " decision_hash, amount_fen, account_key, payee_key, payee, trace, 'due', null, false"
        " from lines where place = 1"
    ),
    "lines change places": "update lines set place = case place when 1 then 2 when 2 then 1 else place end + 100;"
    "update lines set place = place - 100",
    "a total": "update rosters set total_fen = total_fen + 1",
    "the leaves": "update rosters set leaves = leaves || leaves",
    "the hash": "update rosters set content_hash = sha256('x')",
}


@pytest.mark.policy("R-225", "R-229")
@pytest.mark.parametrize("edit", EDITS)
async def test_whatever_is_edited_by_a_superuser_is_found_before_anything_is_sent(
    payments: Payments, edit: str
) -> None:
    await payments.entitle(*range(4))
    roster = await payments.lock(await payments.draw())
    await payments.sql(EDITS[edit])
    answer = await payments.officer.post(f"/rosters/{roster['roster_id']}/payment")
    assert (answer.status_code, answer.json()["code"]) == (409, "roster-altered")
    assert (payments.outside.paid(), payments.outside.allocated()) == ([], [])


@pytest.mark.policy("R-225", "R-229")
@pytest.mark.parametrize(
    "edit", ["one fen more", "another card", "another payee's sealed card", "a smaller income", "the hash"]
)
async def test_what_is_edited_while_the_roster_is_being_paid_stops_it(payments: Payments, edit: str) -> None:
    await payments.entitle(*range(4))
    roster = await payments.start(await payments.lock(await payments.draw()))
    await payments.sql(EDITS[edit])
    assert await payments.claim() == []
    view = await payments.officer.read(f"/rosters/{roster['roster_id']}")
    assert view["state"]["code"] == "disputed"
    assert "roster.disputed" in await payments.acts()
    assert await payments.claim() == []
    assert payments.outside.paid() == []
    altered = await payments.reconcile()
    assert ("altered", "system") in await payments.kinds(altered)


async def test_a_sealed_card_alone_cannot_be_swapped(payments: Payments) -> None:
    """The keys left as they were: the seal is bound to its own line and does not open on another."""
    await payments.entitle(*range(4))
    await payments.start(await payments.lock(await payments.draw()))
    await payments.sql("update lines set payee = (select payee from lines where place = 2) where place = 1")
    assert await payments.claim() == []
    assert [row["state"] for row in await payments.bed.rows("select state from rosters")] == ["disputed"]


@pytest.mark.policy("R-225")
async def test_a_whole_forgery_with_leaves_and_hash_reckoned_anew_lacks_the_signatures(payments: Payments) -> None:
    """Whoever can reckon every hash still cannot write the seal of a signature."""
    await payments.entitle(1)
    roster = await payments.lock(await payments.draw())
    head = Head(roster["roster_id"], COUNTY, Month.parse(MONTH), 0, 0)
    anew = content_hash(head, b"")
    await payments.sql("delete from lines")
    await payments.sql("update rosters set lines = 0, total_fen = 0, leaves = '', content_hash = $1", anew)
    await payments.sql("update signatures set content_hash = $1", anew)
    answer = await payments.officer.post(f"/rosters/{roster['roster_id']}/payment")
    assert (answer.status_code, answer.json()["code"]) == (409, "roster-altered")


@pytest.mark.parametrize(
    "edit",
    [
        "update lines set amount_fen = 1",
        "update lines set payee = ''",
        "update lines set state = 'paid'",
        "update line_months set amount_fen = amount_fen + 1, shortfall_fen = shortfall_fen + 1",
        "update rosters set total_fen = 1",
        "update rosters set state = 'draft'",
        "update rosters set month = '2026-11'",
        "insert into lines select 'line_ghost', roster_id, 99, entitlement_id, application_id, office, month, aid,"
        " decision_hash, amount_fen, account_key, payee_key, payee, trace, 'due', null, false from lines",
    ],
)
async def test_the_database_itself_refuses_changes_by_the_service(payments: Payments, edit: str) -> None:
    await payments.entitle(1)
    await payments.lock(await payments.draw())
    with pytest.raises(asyncpg.RestrictViolationError):
        await payments.bed.rows(edit)


@pytest.mark.parametrize("table", ["lines", "line_months", "rosters", "signatures", "attempts", "entries", "closings"])
async def test_the_service_has_no_right_to_delete_what_stands(payments: Payments, table: str) -> None:
    for statement in (f"delete from {table}", f"truncate {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await payments.bed.rows(statement)


async def test_a_line_that_was_paid_stays_paid(payments: Payments) -> None:
    await payments.paying(1)
    await payments.work_off()
    for edit in (
        "update lines set state = 'due'",
        "update lines set state = 'returned'",
        "update attempts set state = 'intended'",
        "update attempts set amount_fen = 1",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await payments.bed.rows(edit)


@pytest.mark.parametrize(
    "edit",
    [
        "amount_fen = amount_fen + 1",
        "payee = (select payee from attempts order by line_id desc limit 1)",
    ],
)
async def test_an_attempt_changed_by_sql_is_not_sent(payments: Payments, edit: str) -> None:
    await payments.paying(1, 2)
    await payments.claim()
    await payments.lose_workers()
    await payments.sql(f"update attempts set {edit} where line_id = (select min(line_id) from lines)")
    assert await payments.claim() == []
    (roster,) = await payments.bed.rows("select state from rosters")
    assert roster["state"] == "disputed"


async def test_counties_of_both_orders_are_drawn_apart(payments: Payments) -> None:
    xinjiang: dict[str, Any] = {"office": "cn/65/654099/654099001/", "region": "654099"}
    await payments.hear(decided(1), decided(2, **xinjiang))
    await payments.hear(certified(1), certified(2, **xinjiang, groups=[["elderly"]]))
    officer = payments.desk("officer-65", "cn/65/654099/", OFFICER)
    theirs = await officer.done("/rosters", {"office": "cn/65/654099/", "month": MONTH})
    ours = await payments.draw()
    assert (theirs["lines"], theirs["total_fen"]) == (1, 97_000)
    assert (ours["lines"], ours["total_fen"]) == (1, 90_000)
    assert (await payments.officer.get(f"/rosters/{theirs['roster_id']}")).status_code == 404


async def test_a_roster_of_nobody_can_be_locked_and_closed(payments: Payments) -> None:
    roster = await payments.lock(await payments.draw())
    assert (roster["lines"], roster["total_fen"]) == (0, 0)
    await payments.start(roster)
    assert (await payments.reconcile())["differences"] == 0
    await payments.second.done(f"/months/{MONTH}/close", {"office": COUNTY})


async def test_the_next_month_pays_the_same_household_its_own_month(payments: Payments) -> None:
    await payments.paying(1)
    await payments.work_off()
    payments.clock.at = NOW.replace(month=12)
    await payments.start(await payments.lock(await payments.draw("2027-01")))
    await payments.work_off()
    assert payments.outside.paid() == [(card(1), 90_000)] * 2
    months = await payments.bed.rows("select month from line_months order by month")
    assert [row["month"] for row in months] == ["2026-12", "2027-01"]


async def test_a_township_lists_only_its_own_lines_of_the_countys_roster(payments: Payments) -> None:
    await payments.hear(decided(1), decided(2, office=OTHER_TOWNSHIP))
    await payments.hear(certified(1), certified(2, office=OTHER_TOWNSHIP))
    roster = await payments.draw()
    assert len((await payments.officer.read(f"/rosters/{roster['roster_id']}/lines"))["data"]) == 2
    seen = (await payments.clerk.read(f"/rosters/{roster['roster_id']}/lines"))["data"]
    assert [one["office"] for one in seen] == [TOWNSHIP]
