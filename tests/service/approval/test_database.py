"""What no statement may do, whoever speaks SQL as the service; what nobody finds in the tables in clear."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import pytest

from chassis.callers import Caller
from policies.calendar import start_of_day
from services.approval.domain.moves import MOVES
from services.approval.domain.words import State
from tests.service.approval import world
from tests.service.approval.bed import TABLES, Approval
from tests.service.approval.world import TOWNSHIP

UPDATE = """
update cases set state = $2, revision = revision + 1, case_version = case_version + $3, survey_round = survey_round + $4
where case_id = $1 returning state
"""
RECORDS = TABLES.replace("applications, cases, ", "").split(", outbox")[0].split(", ")


@pytest.mark.policy("R-114")
async def test_the_database_holds_the_very_table_of_the_domain(approval: Approval) -> None:
    rows = await approval.bed.rows("select source, target, opens from case_moves")
    kept = {(row["source"], row["target"], row["opens"]) for row in rows}
    assert kept == {(way.source.value, way.target.value, way.opens) for way in MOVES}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await approval.bed.rows("insert into case_moves values ('review', 'paid', false) returning 1")


@pytest.mark.parametrize("stage", ["opened", "surveyed", "opined", "approved", "refused", "posted"])
async def test_sql_takes_no_case_where_it_may_not_go(approval: Approval, stage: str) -> None:
    """Every state from every stage: an illegal move, or a legal one without its record, is refused."""
    _, case = await getattr(approval, stage)()
    source = State(case["state"]["code"])
    legal = {way.target: way for way in MOVES if way.source is source}
    bare = {State.REVIEW, State.HELD, State.CLOSED}
    for target in State:
        if target is source or (target in legal and target in bare):
            continue
        opens = int(target in legal and legal[target].opens)
        with pytest.raises(asyncpg.RaiseError):
            await approval.bed.rows(UPDATE, case["case_id"], target.value, opens, 0)


@pytest.mark.policy("R-112")
async def test_sql_makes_no_decision_without_survey_and_opinion(approval: Approval) -> None:
    _, case = await approval.opened()
    with pytest.raises(asyncpg.RaiseError, match="no opinion without a survey"):
        await approval.bed.rows(UPDATE, case["case_id"], "opined", 0, 0)
    insert = """
    insert into decisions (decision_id, case_id, office, case_version, outcome, survey_id, opinion_id, report_id,
        report_version, makers, decided_by, decided_at, decision_hash, record)
    values ('dec_forged', $1, $2, 1, 'approved', $3, $4, 'rep', 1, array['clerk'], $5, now(), sha256('x'), 'x')
    returning 1
    """
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await approval.bed.rows(insert, case["case_id"], TOWNSHIP, "srv_none", "opn_none", "leader")
    _, case = await approval.opined()
    (row,) = await approval.bed.rows("select opinion_id, survey_id from opinions where case_id = $1", case["case_id"])
    with pytest.raises(asyncpg.CheckViolationError):
        await approval.bed.rows(insert, case["case_id"], TOWNSHIP, row["survey_id"], row["opinion_id"], "clerk")


async def test_sql_opens_no_door_with_an_opinion_that_was_voided(approval: Approval) -> None:
    report, case = await approval.opined()
    await approval.hear(world.a_report(of=report, income_fen=1))
    with pytest.raises(asyncpg.RaiseError, match="no opinion on this version"):
        await approval.bed.rows(UPDATE, case["case_id"], "opined", 0, 0)
    with pytest.raises(asyncpg.RaiseError, match="earlier report"):
        await approval.bed.rows(
            "update cases set content = jsonb_set(content::jsonb, '{report,version}', '1')::json, "
            "revision = revision + 1 returning 1"
        )


async def test_a_second_decision_on_a_version_is_impossible(approval: Approval) -> None:
    await approval.approved()
    again = """
    insert into decisions select 'dec_second', case_id, office, case_version, 'refused', survey_id, opinion_id,
        report_id, report_version, makers, 'other', decided_at, decision_hash, record, note
    from decisions returning 1
    """
    with pytest.raises(asyncpg.UniqueViolationError):
        await approval.bed.rows(again)


@pytest.mark.policy("R-117", "R-125")
async def test_sql_issues_no_certificate_early_or_against_an_objection(approval: Approval) -> None:
    _, case = await approval.posted()
    forged = """
    insert into certificates (certificate_id, number, case_id, office, case_version, publicity_id, ended_on, issued_at)
    select 'crt_forged', 'JZ-0', case_id, office, case_version, publicity_id, $1, $2 from publicities returning 1
    """
    ended, over = date(2026, 9, 23), start_of_day(date(2026, 9, 24))
    with pytest.raises(asyncpg.CheckViolationError):
        await approval.bed.rows(forged, ended, over.replace(microsecond=0) - (over - over.replace(day=23)) / 86_400)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await approval.bed.rows(forged, date(2026, 9, 20), over)
    await approval.desk("clerk").done(case, "objections", world.an_objection(approval.clock.at))
    with pytest.raises(asyncpg.RaiseError, match="objection"):
        await approval.bed.rows(forged, ended, over)


async def test_a_case_keeps_its_name_and_counts_every_change(approval: Approval) -> None:
    _, case = await approval.opened()
    for statement in (
        "update cases set office = 'cn/65/' , revision = revision + 1 returning 1",
        "update cases set is_doubtful = true returning 1",
        "update cases set case_version = 2, revision = revision + 1 returning 1",
        "update cases set survey_round = 2, revision = revision + 1 returning 1",
    ):
        with pytest.raises(asyncpg.RaiseError):
            await approval.bed.rows(statement)
    with pytest.raises(asyncpg.RaiseError, match="begins under review"):
        await approval.bed.rows(
            "insert into cases select 'case_x', application_id, office, 'approved', 1, 1, 1, false, false, '{}', "
            "false, null, null, '', content from cases where case_id = $1 returning 1",
            case["case_id"],
        )


@pytest.mark.parametrize("table", RECORDS)
async def test_what_is_on_record_is_never_changed(approval: Approval, table: str) -> None:
    for statement in (f"update {table} set case_id = case_id", f"delete from {table}", f"truncate {table}"):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedColumnError)) as refused:
            await approval.bed.rows(statement)
        assert isinstance(refused.value, asyncpg.InsufficientPrivilegeError) or table == "draws"


async def test_no_case_is_deleted(approval: Approval) -> None:
    for statement in ("delete from cases", "truncate cases", "delete from applications"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await approval.bed.rows(statement)


async def test_rows_exist_only_for_offices_in_reach(approval: Approval) -> None:
    """Row-level security alone, without any query's own condition."""
    await approval.posted()
    await approval.seal()
    await approval.desk("county", world.COUNTY).post("/draws", {"office": TOWNSHIP})
    stranger = Caller("x", "clerk", "cn/2307/230799/230799002/", frozenset(), "desk")
    own = Caller("x", "clerk", TOWNSHIP, frozenset(), "desk")
    filled = [
        "applications",
        "cases",
        "surveys",
        "payees",
        "opinions",
        "decisions",
        "publicities",
        "draws",
        "spot_checks",
    ]
    for table in filled:
        assert await approval.bed.rows(f"select 1 from {table}", caller=own) != [], table
        assert await approval.bed.rows(f"select 1 from {table}", caller=stranger) == [], table
    forced = await approval.bed.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' "
        "and not (relrowsecurity and relforcerowsecurity)"
    )
    names = {row["relname"] for row in forced}
    assert names.isdisjoint({"applications", "cases", *RECORDS})


async def test_nobody_is_named_and_no_account_stands_in_clear(approval: Approval) -> None:
    report, case = await approval.opined()
    agent = world.an_agent()
    case = await approval.desk("clerk").done(case, "payee", world.a_payee(report, 3, agent=agent))
    case = await approval.desk("leader").done(case, "confirmation", world.APPROVE | {"note": "审批甲符合条件"})
    case = await approval.desk("clerk").done(case, "publicity", world.a_posting(date(2026, 9, 16)))
    approval.clock.at = start_of_day(date(2026, 9, 24))
    await approval.ring()
    (issued,) = await approval.certificates()
    assert issued.private.name == "审批甲"
    personal = ["审批甲", "代取乙", world.card(3), world.card(0), world.citizen_id(3), agent["citizen_id"], "入户所见"]
    for table in TABLES.split(", "):
        text = "".join(_readable(row) for row in await approval.bed.rows(f"select * from {table}"))
        assert [one for one in personal if one in text] == [], table


def _readable(row: dict[str, Any]) -> str:
    return "".join(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row.values()
    )
