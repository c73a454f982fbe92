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
READS: Final = frozenset({Marriage})

_COUPLE: Final = frozenset({Relation.APPLICANT, Relation.SPOUSE})
_APART: Final = ("divorced", "single")
_TOGETHER: Final = ("married",)
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
    relation = {member.member_id: member.relation for member in case.household.members}
    has_spouse = Relation.SPOUSE in relation.values()
    contradicting = _APART if has_spouse else _TOGETHER
    for hit in case.found.of(Marriage):
        status = hit.record.status
        if status in contradicting and relation.get(hit.member_id) in _COUPLE:
            yield raise_words(
                case,
                MAR_01,
                (hit.answer,),
                member_id=hit.member_id,
                declared=_WITH_SPOUSE if has_spouse else _WITHOUT_SPOUSE,
                found=_STATUS[status],
            )
