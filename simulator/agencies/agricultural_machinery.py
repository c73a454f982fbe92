"""Agricultural machinery supervision: machines by class code with their assessed value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import Machine
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person

_CLASSES = {"large_tractor": "DT", "harvester": "SG", "vessel": "CB", "small_tractor": "XT"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["yongtu"], body["jizhu"]


def _entry(asked: Asked, person: Person | None) -> Json:
    machines = [_machine(record) for record in person.facts.get(Agency.AGRICULTURAL_MACHINERY, ())] if person else []
    return {"xuhao": asked[0], "shenfenzheng": asked[2], "taishu": len(machines), "jiju": machines}


def _machine(record: object) -> Json:
    assert isinstance(record, Machine)
    return {
        "leixing": _CLASSES[record.type],
        "guzhi": yuan(record.value_fen),
        "paizhao": f"黑08-{record.value_fen % 100_000:05d}",
        "butie": True,
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"zhuangtai": "成功", "shijian": beijing(as_of, "%Y-%m-%d %H:%M:%S"), "jizhu": entries}


WIRE = Wire(
    agency=Agency.AGRICULTURAL_MACHINERY,
    person_fields=("xuhao", "xingming", "shenfenzheng", "anjian"),
    claim=("taishu", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
