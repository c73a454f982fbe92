"""Disabled persons' federation (残联): certificates. Their number contains the resident id and is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import DisabilityCertificate, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, compact_day

_CATEGORIES: dict[str, Any] = {
    "1": "visual",
    "2": "hearing",
    "3": "speech",
    "4": "physical",
    "5": "intellectual",
    "6": "mental",
    "7": "multiple",
}
_GRADES = {"1": 1, "2": 2, "3": 3, "4": 4}
_IS_CERTIFIED = {"1": True, "0": False}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    persons = [
        {"index": subject.ref, "name": subject.name, "idNumber": subject.citizen_id, "caseRef": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"reason": purpose, "persons": persons}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["retcode"] != "0":
            return all_malformed(subjects)
        as_of = beijing_instant(document["cutoff"], "%Y%m%d%H%M%S")
        entries = document["persons"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "index", "idNumber", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    held = entry["certificates"]
    if type(held) is not list or _IS_CERTIFIED[entry["certified"]] is not bool(held):
        raise ValueError("certified")
    return tuple([_certificate(certificate) for certificate in held])


def _certificate(certificate: dict[str, Any]) -> DisabilityCertificate:
    return DisabilityCertificate(
        type=_CATEGORIES[certificate["category"]],
        grade=_GRADES[certificate["level"]],
        valid_until=compact_day(certificate["expiryDate"]),
    )


DESK = AgencyDesk(Agency.DISABLED_FEDERATION, 200, question, read)
