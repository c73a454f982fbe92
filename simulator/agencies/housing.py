"""Real-estate registration: houses with use in Chinese, floor area in square metres and the day of registration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import House
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire
from simulator.family import Person

_USES = {"residence": "住宅", "shop": "商业", "office": "办公", "parking": "车位"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["applyReason"], body["persons"]


def _entry(asked: Asked, person: Person | None) -> Json:
    houses = [_house(record) for record in person.facts.get(Agency.HOUSING, ())] if person else []
    return {"no": asked[0], "certNo": asked[2], "hasProperty": bool(houses), "properties": houses}


def _house(record: object) -> Json:
    assert isinstance(record, House)
    return {
        "usage": _USES[record.use],
        "buildArea": f"{record.area_dm2 // 100}.{record.area_dm2 % 100:02d}",
        "registerDate": record.acquired_on.isoformat(),
        "location": f"样例路{record.area_dm2 % 200 + 1}号",
        "certificateNo": f"黑(样)不动产权第{record.area_dm2:07d}号",
        "coOwnership": "单独所有",
        "structure": "混合结构",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"resultCode": "1", "dataTime": int(as_of.timestamp() * 1_000), "result": entries}


WIRE = Wire(
    agency=Agency.HOUSING,
    person_fields=("no", "name", "certNo", "bizNo"),
    claim=("hasProperty", True),
    read=_read,
    entry=_entry,
    document=_document,
)
