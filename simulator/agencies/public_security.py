"""Public security: household registration, fields after the ministry's pinyin codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import Registration
from contracts.vocabulary import Agency, Gender
from simulator.agencies.wire import Asked, Json, Wire, beijing, compact
from simulator.family import Person

_STATES = {"normal": "1", "cancelled": "2", "deceased": "3"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["cxyy"], body["rylb"]


def _entry(asked: Asked, person: Person | None) -> Json:
    known = person.facts[Agency.PUBLIC_SECURITY][0] if person else None
    if person is None or not isinstance(known, Registration) or known.status == "not_found":
        return {"xh": asked[0], "gmsfhm": asked[2], "cxzt": "0", "xmyz": "0", "hjxx": None}
    matches = known.name_matches and asked[1] == person.name
    register = {
        "rkzt": _STATES[known.status],
        "hjqh": known.region,
        "hkrs": str(known.registered_persons),
        "xb": "1" if person.gender is Gender.MALE else "2",
        "mz": "01",
        "csrq": compact(person.born_on),
        "pcs": f"第{person.person_no % 17 + 1}派出所",
        "hkh": f"{person.person_no // 8:09d}",
    }
    return {
        "xh": asked[0],
        "gmsfhm": asked[2],
        "cxzt": "1",
        "xmyz": "1" if matches else "0",
        "hjxx": register,
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"fhm": "0000", "fhxx": "成功", "sjsj": beijing(as_of, "%Y%m%d%H%M%S"), "jg": entries}


WIRE = Wire(
    agency=Agency.PUBLIC_SECURITY,
    person_fields=("xh", "xm", "gmsfhm", "ajbh"),
    claim=("cxzt", "1"),
    read=_read,
    entry=_entry,
    document=_document,
)
