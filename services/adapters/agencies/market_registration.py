"""Market regulation (市场监管): roles in firms and stalls; capital comes in ten thousands of yuan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import BusinessRole, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, compact_day, count_of, fen_of_wan

_ROLES: dict[str, Any] = {"FR": "legal_representative", "GG": "executive", "TZ": "investor", "GT": "sole_trader"}
_STATES: dict[str, Any] = {"存续": "open", "注销": "closed", "吊销": "closed"}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    persons = [
        {"xh": subject.ref, "xm": subject.name, "sfzhm": subject.citizen_id, "ajbh": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"cxyt": purpose, "zrr": persons}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["fhdm"] != "200":
            return all_malformed(subjects)
        as_of = beijing_instant(document["fhsj"], "%Y%m%d%H%M%S")
        entries = document["zrr"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "xh", "sfzhm", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    roles = entry["ztxx"]
    if type(roles) is not list or count_of(entry["ztsl"]) != len(roles):
        raise ValueError("ztsl")
    return tuple([_role(role) for role in roles])


def _role(role: dict[str, Any]) -> BusinessRole:
    return BusinessRole(
        role=_ROLES[role["jslx"]],
        status=_STATES[role["djzt"]],
        capital_fen=fen_of_wan(role["zczb"]),
        founded_on=compact_day(role["clrq"]),
    )


DESK = AgencyDesk(Agency.MARKET_REGISTRATION, 200, question, read)
