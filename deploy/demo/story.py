"""One case told from end to end, in Chinese and English, without naming anybody."""

from __future__ import annotations

from typing import Any

from contracts.vocabulary import FlagCode
from deploy.demo.township import Receipt


def tell(receipt: Receipt, versions: list[dict[str, Any]], flags: list[dict[str, Any]]) -> list[str]:
    """The way of one household, a line a step."""
    first, last = versions[0], versions[-1]
    coverage = first["coverage"]
    conclusion = first["conclusion"]
    lines = [
        f"申请 {receipt.number} 由乡镇提交并受理。 The township handed in {receipt.number}; it was accepted.",
        f"向各部门发出 {coverage['asked']} 项查询，{coverage['answered']} 项已答复。"
        f" {coverage['asked']} questions went to the agencies, {coverage['answered']} were answered.",
        f"第 1 版核对报告 {first['number']}：{conclusion['zh']}。 Report version 1: {conclusion['en']}.",
    ]
    for flag in flags:
        code = FlagCode(flag["code"]["code"])
        amounts = ""
        if flag["found_fen"] is not None:
            declared, found = (flag["declared_fen"] or 0) / 100, flag["found_fen"] / 100
            amounts = f" 申报 declared {declared:,.2f} 元, 查得 found {found:,.2f} 元."
        lines.append(
            f"疑点 {code} {code.label}：{flag['finding']['zh']}。 Flag {code}: {flag['finding']['en']}.{amounts}"
        )
    income = f"{last['income_per_head_month_fen'] / 100:,.2f}"
    lines.append(
        f"第 {last['version']} 版核对报告：{last['conclusion']['zh']}；人均月收入 {income} 元。"
        f" Report version {last['version']}: {last['conclusion']['en']}; income per head and month {income} yuan."
    )
    return lines
