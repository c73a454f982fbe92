"""Register of persons watched against a return to poverty: standing and yearly income per head."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import PovertyEntry
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person

_STANDINGS = {"monitored": "JC", "lifted": "XC"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["reason"], body["rows"]


def _entry(asked: Asked, person: Person | None) -> Json:
    standing = [_standing(record) for record in person.facts.get(Agency.POVERTY_REGISTER, ())] if person else []
    return {
        "rowId": asked[0],
        "idCardNo": asked[2],
        "inRegister": 1 if standing else 0,
        "registerInfo": standing,
    }


def _standing(record: object) -> Json:
    assert isinstance(record, PovertyEntry)
    return {
        "standing": _STANDINGS[record.status],
        "perCapitaNetIncome": yuan(record.income_per_head_year_fen),
        "cause": "因病",
        "helper": "样例村委会",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"result": "SUCCESS", "statDate": beijing(as_of, "%Y-%m-%d %H:%M:%S"), "rows": entries}


WIRE = Wire(
    agency=Agency.POVERTY_REGISTER,
    person_fields=("rowId", "name", "idCardNo", "caseNo"),
    claim=("inRegister", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
