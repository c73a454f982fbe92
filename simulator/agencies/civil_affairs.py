"""Civil affairs: marriage, assistance already received, and cremation, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import AidReceived, Cremation, Marriage
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, compact
from simulator.family import Person

_MARRIAGES = {"single": "10", "married": "20", "widowed": "30", "divorced": "40"}
_AIDS = {"dibao": "DB", "tekun": "TK", "edge": "BY"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["hdyy"], body["hdry"]


def _entry(asked: Asked, person: Person | None) -> Json:
    entry: Json = {"xh": asked[0], "sfzh": asked[2], "jgsl": 0, "hyxx": None, "jzxx": [], "bzxx": None}
    if person is None:
        return entry
    known = person.facts.get(Agency.CIVIL_AFFAIRS, ())
    entry["jgsl"] = len(known)
    for record in known:
        if isinstance(record, Marriage):
            entry["hyxx"] = {"hyzk": _MARRIAGES[record.status], "djrq": "20080808", "djjg": "样例婚姻登记处"}
        elif isinstance(record, AidReceived):
            aid = {"jzlb": _AIDS[record.aid], "xzqh": record.region, "qsrq": compact(record.since), "yje": "420.00"}
            entry["jzxx"].append(aid)
        elif isinstance(record, Cremation):
            entry["bzxx"] = {"hhrq": compact(record.cremated_on), "bygmc": "样例殡仪馆", "swyy": ""}
    return entry


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"jgdm": "0", "sjsj": beijing(as_of, "%Y-%m-%dT%H:%M:%S"), "hdry": entries}


WIRE = Wire(
    agency=Agency.CIVIL_AFFAIRS,
    person_fields=("xh", "xm", "sfzh", "ajbh"),
    claim=("jgsl", 2),
    read=_read,
    entry=_entry,
    document=_document,
)
