"""Public security (公安): household registration. Field names are the ministry's pinyin abbreviations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import Record, Registration
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, region_code

_STATES: dict[str, Any] = {"1": "normal", "2": "cancelled", "3": "deceased"}
_MATCHES = {"0": False, "1": True}
_MOST_PERSONS = 50
_NOT_FOUND = (Registration(status="not_found", name_matches=False, region="", registered_persons=0),)


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    persons = [
        {"xh": subject.ref, "xm": subject.name, "gmsfhm": subject.citizen_id, "ajbh": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"cxyy": purpose, "rylb": persons}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["fhm"] != "0000":
            return all_malformed(subjects)
        as_of = beijing_instant(document["sjsj"], "%Y%m%d%H%M%S")
        entries = document["jg"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "xh", "gmsfhm", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    """A person in no register is a finding of its own, so this agency never answers with an empty list."""
    if entry["cxzt"] == "0" and entry["hjxx"] is None:
        return _NOT_FOUND
    if entry["cxzt"] != "1":
        raise ValueError("cxzt")
    register = entry["hjxx"]
    persons = register["hkrs"]
    if not (persons.isascii() and persons.isdigit() and 1 <= int(persons) <= _MOST_PERSONS):
        raise ValueError("hkrs")
    return (
        Registration(
            status=_STATES[register["rkzt"]],
            name_matches=_MATCHES[entry["xmyz"]],
            region=region_code(register["hjqh"]),
            registered_persons=int(persons),
        ),
    )


DESK = AgencyDesk(Agency.PUBLIC_SECURITY, 200, question, read)
