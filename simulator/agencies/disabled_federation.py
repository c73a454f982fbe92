"""Disabled persons' federation: the certificate, whose number is id, category digit and grade digit in a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import DisabilityCertificate
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, compact
from simulator.family import Person

_CATEGORIES = {
    "visual": "1",
    "hearing": "2",
    "speech": "3",
    "physical": "4",
    "intellectual": "5",
    "mental": "6",
    "multiple": "7",
}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["reason"], body["persons"]


def _entry(asked: Asked, person: Person | None) -> Json:
    held = (
        [_certificate(asked, record) for record in person.facts.get(Agency.DISABLED_FEDERATION, ())] if person else []
    )
    return {
        "index": asked[0],
        "idNumber": asked[2],
        "certified": "1" if held else "0",
        "certificates": held,
    }


def _certificate(asked: Asked, record: object) -> Json:
    assert isinstance(record, DisabilityCertificate)
    category = _CATEGORIES[record.type]
    return {
        "category": category,
        "level": str(record.grade),
        "expiryDate": compact(record.valid_until),
        "certificateNo": f"{asked[2]}{category}{record.grade}",
        "guardian": "",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"retcode": "0", "cutoff": beijing(as_of, "%Y%m%d%H%M%S"), "persons": entries}


WIRE = Wire(
    agency=Agency.DISABLED_FEDERATION,
    person_fields=("index", "name", "idNumber", "caseRef"),
    claim=("certified", "1"),
    read=_read,
    entry=_entry,
    document=_document,
)
