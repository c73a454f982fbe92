"""Marriage: does the register of marriages agree with who is declared as spouse?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import Marriage
from contracts.vocabulary import Agency, FlagCode, Relation, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_words
from services.verification.domain.words import Text

MAR_01: Final = Rule(FlagCode.MAR_01, 1, Agency.CIVIL_AFFAIRS, Severity.CLARIFY)
RULES: Final = (MAR_01,)

_COUPLE: Final = frozenset({Relation.APPLICANT, Relation.SPOUSE})
_WITH_SPOUSE: Final = Text("申报有配偶", "a spouse is declared")
_WITHOUT_SPOUSE: Final = Text("未申报配偶", "no spouse is declared")
_STATUS: Final = {
    "married": Text("登记为已婚", "registered as married"),
    "divorced": Text("登记为离异", "registered as divorced"),
    "single": Text("无婚姻登记", "no marriage registered"),
}


def flags(case: Case) -> Iterator[Flag]:
    """MAR-01, for applicant and spouse only:

    married without a declared spouse, or a declared spouse while divorced or single.
    """
    marriages = case.found.of(Marriage)
    if not marriages:
        return
    couple = {member.member_id for member in case.household.members if member.relation in _COUPLE}
    has_spouse = any(member.relation is Relation.SPOUSE for member in case.household.members)
    for record, cell in marriages:
        contradicts = record.status in ("divorced", "single") if has_spouse else record.status == "married"
        if contradicts and cell.member_id in couple:
            yield raise_words(
                case,
                MAR_01,
                (cell,),
                member_id=cell.member_id,
                declared=_WITH_SPOUSE if has_spouse else _WITHOUT_SPOUSE,
                found=_STATUS[record.status],
            )
