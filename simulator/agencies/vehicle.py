"""Traffic police: motor vehicles, by class code and full plate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import MotorVehicle
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, yuan
from simulator.clock import BEIJING
from simulator.family import Person

_CLASSES = {"car": "K33", "truck": "H31", "motorcycle": "M21", "electric_bicycle": "D11", "disability_aid": "N11"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["queryReason"], body["owners"]


def _entry(asked: Asked, person: Person | None) -> Json:
    vehicles = [_vehicle(record) for record in person.facts.get(Agency.VEHICLE, ())] if person else []
    return {"seq": asked[0], "ownerIdNo": asked[2], "total": len(vehicles), "vehicles": vehicles}


def _vehicle(record: object) -> Json:
    assert isinstance(record, MotorVehicle)
    return {
        "vehicleClass": _CLASSES[record.type],
        "plateNo": f"黑{'ABCDEFG'[record.value_fen // 100 % 7]}{record.registered_on.day % 10}{record.plate_mask[-4:]}",
        "firstRegDate": record.registered_on.isoformat(),
        "assessedValue": yuan(record.value_fen),
        "brand": "样例牌",
        "useNature": "非营运",
        "status": "A",
        "engineNo": f"E{record.value_fen:09d}",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    instant = as_of.astimezone(BEIJING).isoformat(timespec="seconds")
    return {"code": 200, "message": "ok", "asOf": instant, "data": entries}


WIRE = Wire(
    agency=Agency.VEHICLE,
    person_fields=("seq", "ownerName", "ownerIdNo", "caseNo"),
    claim=("total", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
