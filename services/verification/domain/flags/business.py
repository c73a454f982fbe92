"""Commercial registration: companies held or led, and trade carried on alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import BusinessRole
from contracts.vocabulary import Agency, FlagCode, ItemKind, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_words
from services.verification.domain.merge import Hit
from services.verification.domain.words import Text

BUS_01: Final = Rule(FlagCode.BUS_01, 1, Agency.MARKET_REGISTRATION, Severity.CLARIFY)
BUS_02: Final = Rule(FlagCode.BUS_02, 1, Agency.MARKET_REGISTRATION, Severity.CLARIFY)
RULES: Final = (BUS_01, BUS_02)
READS: Final = frozenset({BusinessRole})

_ROLE: Final = {
    "legal_representative": Text("法定代表人", "legal representative"),
    "executive": Text("高管", "executive"),
    "investor": Text("股东", "investor"),
    "sole_trader": Text("个体工商户", "sole trader"),
}


def flags(case: Case) -> Iterator[Flag]:
    """BUS-01 an open role in a company; BUS-02 an open sole trade that is not declared."""
    by_member: dict[tuple[str, bool], list[Hit[BusinessRole]]] = {}
    for hit in case.found.of(BusinessRole):
        if hit.record.status == "open":
            by_member.setdefault((hit.member_id, hit.record.role == "sole_trader"), []).append(hit)
    for (member_id, is_sole_trade), hits in by_member.items():
        declared = case.household.declared_pieces(member_id, ItemKind.BUSINESS)
        if is_sole_trade and declared:
            continue
        roles = sorted({hit.record.role for hit in hits})
        yield raise_words(
            case,
            BUS_02 if is_sole_trade else BUS_01,
            [hit.answer for hit in hits],
            member_id=member_id,
            declared=Text(f"申报工商登记{declared}项", f"{declared} commercial registrations declared"),
            found=Text(
                "存续登记：" + "、".join(_ROLE[role].zh for role in roles),
                "open registration: " + ", ".join(_ROLE[role].en for role in roles),
            ),
            pieces=(declared, len(hits)),
        )
