"""Civil affairs (民政): marriage, assistance already received, cremation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import AidReceived, Cremation, Marriage, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, compact_day, count_of, region_code

_MARRIAGES: dict[str, Any] = {"10": "single", "20": "married", "30": "widowed", "40": "divorced"}
_AIDS: dict[str, Any] = {"DB": "dibao", "TK": "tekun", "BY": "edge"}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    persons = [
        {"xh": subject.ref, "xm": subject.name, "sfzh": subject.citizen_id, "ajbh": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"hdyy": purpose, "hdry": persons}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["jgdm"] != "0":
            return all_malformed(subjects)
        as_of = beijing_instant(document["sjsj"], "%Y-%m-%dT%H:%M:%S")
        entries = document["hdry"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "xh", "sfzh", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    marriage, aids, funeral = entry["hyxx"], entry["jzxx"], entry["bzxx"]
    if type(aids) is not list:
        raise TypeError("jzxx")
    found: list[Record] = []
    if marriage is not None:
        found.append(Marriage(status=_MARRIAGES[marriage["hyzk"]]))
    for aid in aids:
        since = compact_day(aid["qsrq"])
        found.append(AidReceived(aid=_AIDS[aid["jzlb"]], region=region_code(aid["xzqh"]), since=since))
    if funeral is not None:
        found.append(Cremation(cremated_on=compact_day(funeral["hhrq"])))
    if count_of(entry["jgsl"]) != len(found):
        raise ValueError("jgsl")
    return tuple(found)


DESK = AgencyDesk(Agency.CIVIL_AFFAIRS, 200, question, read)
