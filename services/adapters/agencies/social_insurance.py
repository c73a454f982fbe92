"""Human resources and social security (人社): benefits being paid, contributions through an employer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import Record, SocialBenefit, SocialContribution
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import count_of, fen_of_yuan, iso_instant

_BENEFITS: dict[str, Any] = {"110": "employee_pension", "170": "resident_pension", "210": "unemployment"}
_IS_ACTIVE = {"1": True, "2": False}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    people = [
        {"ref": subject.ref, "personName": subject.name, "idCard": subject.citizen_id, "caseId": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"reason": purpose, "people": people}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["success"] is not True:
            return all_malformed(subjects)
        as_of = iso_instant(document["asOf"])
        entries = document["people"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "ref", "idCard", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    benefits, contributions = entry["benefits"], entry["contributions"]
    if type(benefits) is not list or type(contributions) is not list:
        raise TypeError("benefits")
    if count_of(entry["benefitCount"]) != len(benefits) or count_of(entry["contributionCount"]) != len(contributions):
        raise ValueError("count")
    if not benefits and not contributions:
        return ()
    found: list[Record] = [
        SocialBenefit(
            type=_BENEFITS[benefit["insuranceKind"]], monthly_amount_fen=fen_of_yuan(benefit["monthlyAmount"])
        )
        for benefit in benefits
    ]
    for contribution in contributions:
        base_fen = fen_of_yuan(contribution["payBase"])
        found.append(SocialContribution(monthly_base_fen=base_fen, is_active=_IS_ACTIVE[contribution["payState"]]))
    return tuple(found)


DESK = AgencyDesk(Agency.SOCIAL_INSURANCE, 200, question, read)
