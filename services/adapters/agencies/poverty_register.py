"""Register against a return to poverty (防返贫): standing and yearly income per head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import PovertyEntry, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, fen_of_yuan

_STANDINGS: dict[str, Any] = {"JC": "monitored", "XC": "lifted"}
_IN_REGISTER = {0: False, 1: True}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    rows = [
        {"rowId": subject.ref, "name": subject.name, "idCardNo": subject.citizen_id, "caseNo": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"reason": purpose, "rows": rows}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["result"] != "SUCCESS":
            return all_malformed(subjects)
        as_of = beijing_instant(document["statDate"], "%Y-%m-%d %H:%M:%S")
        entries = document["rows"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "rowId", "idCardNo", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    standing = entry["registerInfo"]
    if type(standing) is not list or _IN_REGISTER[entry["inRegister"]] is not bool(standing):
        raise ValueError("inRegister")
    return tuple(
        [
            PovertyEntry(
                status=_STANDINGS[line["standing"]], income_per_head_year_fen=fen_of_yuan(line["perCapitaNetIncome"])
            )
            for line in standing
        ]
    )


DESK = AgencyDesk(Agency.POVERTY_REGISTER, 200, question, read)
