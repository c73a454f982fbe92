"""Tax: income on which tax was declared over the last twelve months, per item code, in yuan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import TaxedIncome
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person

_ITEMS = {"wage": "0101", "labour_service": "0400", "business": "0500", "property": "0800"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["cxsy"], body["nsrxx"]


def _entry(asked: Asked, person: Person | None) -> Json:
    items = [_item(record) for record in person.facts.get(Agency.TAX, ())] if person else []
    return {"lsh": asked[0], "nsrsbh": asked[2], "jls": len(items), "sdmx": items}


def _item(record: object) -> Json:
    assert isinstance(record, TaxedIncome)
    return {
        "sdxmdm": _ITEMS[record.item],
        "sre": yuan(record.amount_fen),
        "ynssde": yuan(record.amount_fen // 3),
        "kkywrmc": "示例劳务有限公司",
        "skssq": "近十二个月",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"ztdm": "00", "ztsm": "查询成功", "sjjzsj": beijing(as_of, "%Y-%m-%d %H:%M:%S"), "nsjl": entries}


WIRE = Wire(
    agency=Agency.TAX,
    person_fields=("lsh", "nsrmc", "nsrsbh", "ajbh"),
    claim=("jls", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
