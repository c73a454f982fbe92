"""The register of persons watched against a return to poverty (R-085, R-086)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import PovertyEntry
from contracts.vocabulary import Agency, FlagCode, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_fen, yuan
from services.verification.domain.words import Step, Text

POV_01: Final = Rule(FlagCode.POV_01, 1, Agency.POVERTY_REGISTER, Severity.INFO)
RULES: Final = (POV_01,)
READS: Final = frozenset({PovertyEntry})

_REGISTER: Final = Text("台账登记年人均收入", "yearly income per head in the register")
_LINE: Final = Text("减：低保边缘线（年）", "less the edge line, yearly")
_OVER: Final = Text("超出", "beyond")


def flags(case: Case) -> Iterator[Flag]:
    """POV-01 the register knows an income per head above the edge line.

    One flag for the household, on its highest entry.
    """
    entries = case.found.of(PovertyEntry)
    line_fen = case.policy.income.edge_limit_fen(case.household.area) * 12
    found_fen = max([hit.record.income_per_head_year_fen for hit in entries], default=0)
    if found_fen <= line_fen:
        return
    yield raise_fen(
        case,
        POV_01,
        [hit.answer for hit in entries if hit.record.income_per_head_year_fen > line_fen],
        member_id=None,
        declared_fen=line_fen,
        found_fen=found_fen,
        declared=Text(f"低保边缘线每年{yuan(line_fen)}元", f"edge line {yuan(line_fen)} yuan a year"),
        found=Text(f"台账年人均收入{yuan(found_fen)}元", f"{yuan(found_fen)} yuan a year per head in the register"),
        arithmetic=(
            Step(_REGISTER, found_fen, Agency.POVERTY_REGISTER),
            Step(_LINE, -line_fen, "policy"),
            Step(_OVER, found_fen - line_fen, "sum"),
        ),
    )
