"""What the demonstration found, counted: the closing table and var/demo.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from contracts.vocabulary import FlagCode

_KINDS = {
    "approved": "予以确认 approved",
    "approved_collectively": "集体研究确认 approved in a meeting",
    "refused": "不予确认 refused, with reasons",
    "objected": "公示有异议、重新审核 objected to, decided anew",
    "withdrawn": "撤回申请 withdrawn",
}
_LEFT_OUT = {
    "no_formula": "算法未启用 no formula for this aid yet",
    "no_shortfall": "无差额 no shortfall",
    "held": "暂缓 held",
    "person_entitled_elsewhere": "已在他户 entitled elsewhere",
    "nothing_due": "无应发 nothing due",
}
_TOTALS = {
    "roster_total_fen": "名册金额 roster",
    "paid_total_fen": "系统已发放 paid, by the system",
    "treasury_total_fen": "财政拨款 allocated, by the treasury",
    "bank_total_fen": "银行代发 paid, by the bank",
    "reconciliation_difference_fen": "三方差额 difference of the three",
}


def judge(flags: Iterable[dict[str, Any]], planted: Mapping[str, list[str]]) -> dict[str, dict[str, int]]:
    """By code, one per household: planted and raised, raised without cause, planted and missed."""
    raised = {(flag["application_id"], flag["code"]["code"]) for flag in flags}
    truth = {(application_id, code) for application_id, codes in planted.items() for code in codes}
    counts: dict[str, Counter[str]] = {}
    for name, pairs in (
        ("true_positive", raised & truth),
        ("false_positive", raised - truth),
        ("false_negative", truth - raised),
    ):
        for _, code in pairs:
            counts.setdefault(code, Counter())[name] += 1
    names = ("true_positive", "false_positive", "false_negative")
    return {code: {name: counts[code][name] for name in names} for code in sorted(counts)}


def recall_and_precision(flags: Mapping[str, Mapping[str, int]]) -> tuple[float, float]:
    """Over all codes; 1.0 where there was nothing to find."""
    hits = sum(one["true_positive"] for one in flags.values())
    missed = sum(one["false_negative"] for one in flags.values())
    wrong = sum(one["false_positive"] for one in flags.values())
    return hits / (hits + missed or 1), hits / (hits + wrong or 1)


def wrong(figures: Mapping[str, Any]) -> list[str]:
    """What must not be, in plain sentences; nothing where the run is as it should be."""
    recall, precision = recall_and_precision(figures["flags"])
    roster, paid, treasury, bank = (
        figures[name] for name in ("roster_total_fen", "paid_total_fen", "treasury_total_fen", "bank_total_fen")
    )
    difference = figures["reconciliation_difference_fen"]
    said = []
    if recall < 1 or precision < 1:
        said.append(f"疑点与真实情况不符。 Flags miss the truth: recall {recall:.2f}, precision {precision:.2f}.")
    if difference or figures["differences"]:
        said.append(
            f"三方对账不平：{figures['differences']} 处，{difference} 分。"
            f" System, treasury and bank differ in {figures['differences']} places, by {difference} fen."
        )
    if not roster == paid == treasury == bank:
        said.append(
            f"名册 {roster}、已发放 {paid}、财政 {treasury}、银行 {bank} 分不相等。"
            f" Roster {roster}, paid {paid}, treasury {treasury} and bank {bank} fen are not the same."
        )
    if figures["paid_twice"]:
        said.append(f"重复发放 {figures['paid_twice']} 笔。 Paid twice: {figures['paid_twice']}.")
    if not figures["decisions"]["approved"] or not figures["roster_lines"]:
        said.append("没有可发放的对象。 Nobody was approved and paid.")
    return said


def table(figures: Mapping[str, Any]) -> Table:
    """The closing table, Chinese first."""
    shown = Table(title="核对演示 · what was done", show_lines=False)
    shown.add_column("")
    shown.add_column("", justify="right")
    shown.add_row("申请家庭 households", str(figures["households"]))
    shown.add_row("核对报告 households with a report", str(figures["reports"]))
    for outcome, count in figures["answers"].items():
        label = {"answered": "已答复 answered", "silent": "未答复 silent", "invalid": "答复无效 invalid"}[outcome]
        shown.add_row(f"部门答复 cells {label}", str(count))
    for code, counts in figures["flags"].items():
        found = f"{counts['true_positive']} ✓  {counts['false_positive']} ✗  {counts['false_negative']} 漏"
        shown.add_row(f"疑点 {code} {FlagCode(code).label}", found)
    recall, precision = recall_and_precision(figures["flags"])
    shown.add_row("查全率 recall / 查准率 precision", f"{recall:.2f} / {precision:.2f}")
    for kind, count in figures["decisions"].items():
        shown.add_row(f"审核确认 {_KINDS[kind]}", str(count))
    shown.add_row("名册月份 roster of", figures["roster_month"])
    shown.add_row("名册行数 roster lines", str(figures["roster_lines"]))
    for reason, count in figures["left_out"].items():
        shown.add_row(f"未列入名册 on no line: {_LEFT_OUT.get(reason, reason)}", str(count))
    shown.add_row("银行退回、更正后重发 returned, paid into the next card", str(figures["returned"]))
    for name, label in _TOTALS.items():
        shown.add_row(f"{label}, 元 yuan", f"{figures[name] / 100:,.2f}")
    if figures["begun"] > 1:
        shown.add_row("中断后接着做 taken up, times", str(figures["begun"]))
    shown.add_row("户/秒 households per second", f"{figures['households_per_second']:.1f}")
    shown.add_row("用时 seconds", f"{figures['seconds']:.1f}")
    return shown
