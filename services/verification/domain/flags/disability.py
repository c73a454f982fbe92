"""Disability: does a valid certificate bear the declared grade?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import DisabilityCertificate
from contracts.vocabulary import Agency, FlagCode, Outcome, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_words
from services.verification.domain.words import Text

DIS_01: Final = Rule(FlagCode.DIS_01, 1, Agency.DISABLED_FEDERATION, Severity.CLARIFY)
RULES: Final = (DIS_01,)

_MISSING: Final = Text("无残疾证", "no certificate")


def flags(case: Case) -> Iterator[Flag]:
    """DIS-01 a declared grade without a certificate of that grade that is valid on the day of acceptance."""
    for member in case.household.members:
        if not member.disability_grade:
            continue
        cell = case.found.cell(Agency.DISABLED_FEDERATION, member.member_id)
        if cell is None or cell.outcome is not Outcome.ANSWERED:
            continue
        held = [record for record in cell.records if isinstance(record, DisabilityCertificate)]
        on = case.household.accepted_on
        if any(record.grade == member.disability_grade and record.valid_until >= on for record in held):
            continue
        yield raise_words(
            case,
            DIS_01,
            (cell,),
            member_id=member.member_id,
            declared=Text(f"申报残疾{member.disability_grade}级", f"grade {member.disability_grade} declared"),
            found=_certificates(held) if held else _MISSING,
        )


def _certificates(held: list[DisabilityCertificate]) -> Text:
    by_grade = sorted((record.grade, record.valid_until.isoformat()) for record in held)
    return Text(
        "；".join(f"残疾证{grade}级，有效期至{until}" for grade, until in by_grade),
        "; ".join(f"certificate of grade {grade}, valid until {until}" for grade, until in by_grade),
    )
