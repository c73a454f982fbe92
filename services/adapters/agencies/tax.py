"""Tax (税务): income on which tax was declared, by item code, in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import Record, TaxedIncome
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, count_of, fen_of_yuan

_ITEMS: dict[str, Any] = {"0101": "wage", "0400": "labour_service", "0500": "business", "0800": "property"}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    payers = [
        {"lsh": subject.ref, "nsrmc": subject.name, "nsrsbh": subject.citizen_id, "ajbh": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"cxsy": purpose, "nsrxx": payers}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["ztdm"] != "00":
            return all_malformed(subjects)
        as_of = beijing_instant(document["sjjzsj"], "%Y-%m-%d %H:%M:%S")
        entries = document["nsjl"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "lsh", "nsrsbh", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    items = entry["sdmx"]
    if type(items) is not list or count_of(entry["jls"]) != len(items):
        raise ValueError("jls")
    return tuple([TaxedIncome(item=_ITEMS[item["sdxmdm"]], amount_fen=fen_of_yuan(item["sre"])) for item in items])


DESK = AgencyDesk(Agency.TAX, 200, question, read)
