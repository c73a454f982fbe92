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


def _read(body: Mapping[str, Any]) -> tuple[str, list[Asked]]:
    holders = body["persons"]
    return body["reason"], [Asked(p["index"], p["name"], p["idNumber"], p["caseRef"]) for p in holders]


def _entry(asked: Asked, person: Person | None) -> Json:
    held = (
        [_certificate(asked, record) for record in person.facts.get(Agency.DISABLED_FEDERATION, ())] if person else []
    )
    return {
        "index": asked.ref,
        "idNumber": asked.id_number,
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
        "certificateNo": f"{asked.id_number}{category}{record.grade}",
        "guardian": "",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"retcode": "0", "cutoff": beijing(as_of, "%Y%m%d%H%M%S"), "persons": entries}


WIRE = Wire(Agency.DISABLED_FEDERATION, "index", "idNumber", ("certified", "1"), _read, _entry, _document)
