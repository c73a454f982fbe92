"""What the demonstration found, counted: the closing table and var/demo.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from contracts.vocabulary import FlagCode


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
    shown.add_row("户/秒 households per second", f"{figures['households_per_second']:.1f}")
    shown.add_row("用时 seconds", f"{figures['seconds']:.1f}")
    return shown
