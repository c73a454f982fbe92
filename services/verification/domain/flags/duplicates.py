"""Assistance already received elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.findings import AidReceived
from contracts.vocabulary import Agency, FlagCode, Severity
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_words
from services.verification.domain.merge import Hit
from services.verification.domain.words import Text

DUP_01: Final = Rule(FlagCode.DUP_01, 1, Agency.CIVIL_AFFAIRS, Severity.BLOCK)
RULES: Final = (DUP_01,)
READS: Final = frozenset({AidReceived})

_NONE: Final = Text("申请救助，未申报已享受救助", "applies for aid, none declared as received")
_AID: Final = {"dibao": Text("低保", "dibao"), "tekun": Text("特困供养", "tekun")}


def flags(case: Case) -> Iterator[Flag]:
    """DUP-01 the person already receives dibao or tekun."""
    by_member: dict[str, list[Hit[AidReceived]]] = {}
    for hit in case.found.of(AidReceived):
        if hit.record.aid in _AID:
            by_member.setdefault(hit.member_id, []).append(hit)
    for member_id, hits in by_member.items():
        yield raise_words(
            case,
            DUP_01,
            [hit.answer for hit in hits],
            member_id=member_id,
            declared=_NONE,
            found=Text(
                "；".join(
                    sorted(f"自{hit.record.since}起享受{_AID[hit.record.aid].zh}({hit.record.region})" for hit in hits)
                ),
                "; ".join(
                    sorted(f"{_AID[hit.record.aid].en} since {hit.record.since} ({hit.record.region})" for hit in hits)
                ),
            ),
        )
