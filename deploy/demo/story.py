"""One case told from end to end, in Chinese and English, without naming anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.vocabulary import FlagCode
from deploy.demo.checking import Checked
from deploy.demo.desk import Desk
from deploy.demo.paying import Paid
from deploy.demo.treasury_office import OFFICER
from deploy.demo.world import World


def choose(checked: Checked, paid: Paid) -> str:
    """The application to tell of: with a flag and with money, as far as there is one."""
    flagged = {flag["application_id"] for flag in checked.flags}
    ids = [receipt.application_id for receipt in checked.receipts]
    return min(ids, key=lambda one: (one not in paid.lines, one not in flagged))


async def tell(
    application_id: str, checked: Checked, case: dict[str, Any], paid: Paid, desk: Desk, world: World
) -> list[str]:
    """The way of one household, a line a step, to the line in the bank's own book."""
    lines = [*_checked(application_id, checked), *_decided(case)]
    for line in paid.lines.get(application_id, ()):
        answer = await desk.ask(OFFICER, "payments", "GET", f"/lines/{line['line_id']}")
        view = answer.expect()
        lines += _paid(line, view)
        references = {attempt["instruction_id"] for attempt in view["attempts"]}
        lines += [_at_bank(row) for row in await world.money("bank") if row["id"] in references]
    return lines


def _checked(application_id: str, checked: Checked) -> Iterator[str]:
    receipt = next(one for one in checked.receipts if one.application_id == application_id)
    versions = checked.versions[application_id]
    first, last = versions[0], versions[-1]
    coverage = first["coverage"]
    yield f"申请 {receipt.number} 由乡镇提交并受理。 The township handed in {receipt.number}; it was accepted."
    yield (
        f"向各部门发出 {coverage['asked']} 项查询，{coverage['answered']} 项已答复。"
        f" {coverage['asked']} questions went to the agencies, {coverage['answered']} were answered."
    )
    yield (
        f"第 1 版核对报告 {first['number']}：{first['conclusion']['zh']}。"
        f" Report version 1: {first['conclusion']['en']}."
    )
    for flag in checked.flags_of(application_id):
        code = FlagCode(flag["code"]["code"])
        amounts = ""
        if flag["found_fen"] is not None:
            declared, found = _yuan(flag["declared_fen"] or 0), _yuan(flag["found_fen"])
            amounts = f" 申报 declared {declared} 元, 查得 found {found} 元."
        yield f"疑点 {code} {code.label}：{flag['finding']['zh']}。 Flag {code}: {flag['finding']['en']}.{amounts}"
    income = _yuan(last["income_per_head_month_fen"])
    yield (
        f"第 {last['version']} 版核对报告：{last['conclusion']['zh']}；人均月收入 {income} 元。"
        f" Report version {last['version']}: {last['conclusion']['en']}; income per head and month {income} yuan."
    )


def _decided(case: dict[str, Any]) -> Iterator[str]:
    survey, decision = case["survey"], case["decision"]
    if survey is not None:
        people = len(survey["form"]["surveyors"])
        yield f"{people} 人入户调查并签字。 {people} people visited the home and signed."
    if decision is None:
        yield f"案件 case: {case['state']['zh']}。 {case['state']['en']}."
        return
    yield (
        f"乡镇于 {decision['on']} 作出决定（第 {decision['case_version']} 次）。"
        f" The township decided on {decision['on']} (case version {decision['case_version']})."
    )
    if case["publicity"] is not None:
        ended_on = case["publicity"]["ended_on"]
        yield f"公示 7 整日，至 {ended_on}。 Posted for 7 full days, until {ended_on}."
    if case["certificate_number"] is not None:
        yield f"救助证 {case['certificate_number']}。 Certificate {case['certificate_number']}."


def _paid(line: dict[str, Any], view: dict[str, Any]) -> Iterator[str]:
    months = "、".join(line["months"])
    yield (
        f"{line['month']} 名册第 {line['place'] + 1} 行：标准 {_yuan(line['standard_fen'])} × {line['members']} 人"
        f" − 收入 {_yuan(line['income_fen'])} = 差额 {_yuan(line['shortfall_fen'])}，"
        f"加发 {_yuan(line['supplement_fen'])}；{months} 共应发 {_yuan(line['amount_fen'])} 元。"
        f" Roster {line['month']}: shortfall {_yuan(line['shortfall_fen'])} and supplement"
        f" {_yuan(line['supplement_fen'])} a month; due for {len(line['months'])}: {_yuan(line['amount_fen'])} yuan."
    )
    for attempt in view["attempts"]:
        yield (
            f"第 {attempt['number']} 次发放至账户 {attempt['account']}：{attempt['state']}。"
            f" Attempt {attempt['number']}, account {attempt['account']}: {attempt['state']}."
        )


def _at_bank(row: dict[str, Any]) -> str:
    return (
        f"银行第 {row['no']} 笔：{_yuan(row['amount_fen'])} 元，{row['status']}，追踪号 {row['trace'][3:35] or '无'}。"
        f" The bank's book, no. {row['no']}: {_yuan(row['amount_fen'])} yuan, {row['status']}."
    )


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"
