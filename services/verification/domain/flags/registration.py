"""Household register:

is the person who the declaration says, and is everyone of the register declared? (R-068, R-077)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import Registration
from contracts.vocabulary import Agency, FlagCode, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_words
from services.verification.domain.words import Text

REG_01: Final = Rule(FlagCode.REG_01, 1, Agency.PUBLIC_SECURITY, Severity.BLOCK)
REG_02: Final = Rule(FlagCode.REG_02, 1, Agency.PUBLIC_SECURITY, Severity.CLARIFY)
RULES: Final = (REG_01, REG_02)
READS: Final = frozenset({Registration})

_AS_DECLARED: Final = Text("按申报姓名和证件号码查询", "asked by the declared name and number")
_NOT_FOUND: Final = Text("户籍库查无此人", "no such person in the register")
_MISMATCH: Final = Text("姓名与证件号码不符", "name and number do not match")


def flags(case: Case) -> Iterator[Flag]:
    """REG-01 not found or name and number do not match; REG-02 more persons in the register than declared."""
    declared = case.size
    most = 0
    beyond = []
    for hit in case.found.of(Registration):
        record = hit.record
        if record.status == "not_found" or not record.name_matches:
            yield raise_words(
                case,
                REG_01,
                (hit.answer,),
                member_id=hit.member_id,
                declared=_AS_DECLARED,
                found=_NOT_FOUND if record.status == "not_found" else _MISMATCH,
            )
        if record.registered_persons > declared:
            beyond.append(hit.answer)
            most = max(most, record.registered_persons)
    if beyond:
        yield raise_words(
            case,
            REG_02,
            beyond,
            member_id=None,
            declared=Text(f"申报共同生活成员{declared}人", f"{declared} members declared"),
            found=Text(f"同户籍登记{most}人", f"{most} persons in the same register"),
            pieces=(declared, most),
        )
