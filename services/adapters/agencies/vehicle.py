"""Traffic police (公安交警): motor vehicles. Of the plate only the mask is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import MotorVehicle, Record
from contracts.values import AccountNumber
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import count_of, fen_of_yuan, iso_day, iso_instant, short_text

_CLASSES: dict[str, Any] = {
    "K33": "car",
    "H31": "truck",
    "M21": "motorcycle",
    "D11": "electric_bicycle",
    "N11": "disability_aid",
}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    owners = [
        {"seq": subject.ref, "ownerName": subject.name, "ownerIdNo": subject.citizen_id, "caseNo": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"queryReason": purpose, "owners": owners}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["code"] != 200:
            return all_malformed(subjects)
        as_of = iso_instant(document["asOf"])
        entries = document["data"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "seq", "ownerIdNo", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    vehicles = entry["vehicles"]
    if type(vehicles) is not list or count_of(entry["total"]) != len(vehicles):
        raise ValueError("total")
    return tuple([_vehicle(vehicle) for vehicle in vehicles])


def _vehicle(vehicle: dict[str, Any]) -> MotorVehicle:
    return MotorVehicle(
        type=_CLASSES[vehicle["vehicleClass"]],
        registered_on=iso_day(vehicle["firstRegDate"]),
        value_fen=fen_of_yuan(vehicle["assessedValue"]),
        plate_mask=AccountNumber(short_text(vehicle["plateNo"], 12)).mask(),
    )


DESK = AgencyDesk(Agency.VEHICLE, 200, question, read)
