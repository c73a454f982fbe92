"""Insurers' common platform: policies by class code with their cash value, wrapped in head and body."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import InsurancePolicy
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person

_CLASSES = {"life": "01", "annuity": "02", "property": "03", "health": "04"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["head"]["cxyy"], body["body"]["bbrlb"]


def _entry(asked: Asked, person: Person | None) -> Json:
    policies = [_policy(record) for record in person.facts.get(Agency.INSURANCE, ())] if person else []
    return {"xh": asked[0], "zjhm": asked[2], "bdsl": len(policies), "bdlb": policies}


def _policy(record: object) -> Json:
    assert isinstance(record, InsurancePolicy)
    return {
        "xzdm": _CLASSES[record.type],
        "xjjz": yuan(record.cash_value_fen),
        "bdh": f"PL{record.cash_value_fen:012d}",
        "bxgsmc": "示例人寿",
        "bxje": yuan(record.cash_value_fen * 5),
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"head": {"fhm": "S", "cxsj": beijing(as_of, "%Y%m%d %H%M%S")}, "body": {"bbrlb": entries}}


WIRE = Wire(
    agency=Agency.INSURANCE,
    person_fields=("xh", "bbrxm", "zjhm", "ajbh"),
    claim=("bdsl", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
