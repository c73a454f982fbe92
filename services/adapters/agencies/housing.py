"""Housing and real-estate registration (住建/不动产): use, floor area and day of acquisition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import House, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import epoch_ms_instant, hundredths, iso_day

_USES: dict[str, Any] = {"住宅": "residence", "商业": "shop", "办公": "office", "车位": "parking"}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    persons = [
        {"no": subject.ref, "name": subject.name, "certNo": subject.citizen_id, "bizNo": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"applyReason": purpose, "persons": persons}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["resultCode"] != "1":
            return all_malformed(subjects)
        as_of = epoch_ms_instant(document["dataTime"])
        entries = document["result"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "no", "certNo", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    houses = entry["properties"]
    if type(houses) is not list or entry["hasProperty"] is not bool(houses):
        raise ValueError("hasProperty")
    return tuple([_house(house) for house in houses])


def _house(house: dict[str, Any]) -> House:
    return House(
        use=_USES[house["usage"]],
        area_dm2=hundredths(house["buildArea"]),
        acquired_on=iso_day(house["registerDate"]),
    )


DESK = AgencyDesk(Agency.HOUSING, 200, question, read)
