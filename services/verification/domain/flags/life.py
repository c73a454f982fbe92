"""Life events: death, cancelled registration, cremation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import Cremation, Registration
from contracts.vocabulary import Agency, FlagCode, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_words
from services.verification.domain.words import Text

LIFE_01: Final = Rule(FlagCode.LIFE_01, 1, Agency.PUBLIC_SECURITY, Severity.BLOCK)
LIFE_02: Final = Rule(FlagCode.LIFE_02, 1, Agency.CIVIL_AFFAIRS, Severity.BLOCK)
RULES: Final = (LIFE_01, LIFE_02)
READS: Final = frozenset({Registration, Cremation})

_LIVING: Final = Text("申报为共同生活成员", "declared as living in the household")
_DECEASED: Final = Text("户籍登记为死亡", "registered as deceased")
_CANCELLED: Final = Text("户口已注销", "registration cancelled")


def flags(case: Case) -> Iterator[Flag]:
    """LIFE-01 deceased or cancelled in the register; LIFE-02 a cremation record."""
    for hit in case.found.of(Registration):
        status = hit.record.status
        if status == "deceased" or status == "cancelled":
            yield raise_words(
                case,
                LIFE_01,
                (hit.answer,),
                member_id=hit.member_id,
                declared=_LIVING,
                found=_DECEASED if status == "deceased" else _CANCELLED,
            )
    for cremation in case.found.of(Cremation):
        on = cremation.record.cremated_on.isoformat()
        yield raise_words(
            case,
            LIFE_02,
            (cremation.answer,),
            member_id=cremation.member_id,
            declared=_LIVING,
            found=Text(f"{on}火化", f"cremated on {on}"),
        )
