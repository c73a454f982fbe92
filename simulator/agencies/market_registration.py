"""Market regulation: roles in firms and stalls by code, capital in ten thousands of yuan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import BusinessRole
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, compact
from simulator.family import Person

_ROLES = {"legal_representative": "FR", "executive": "GG", "investor": "TZ", "sole_trader": "GT"}
_STATES = {"open": "存续", "closed": "注销"}
_FEN_IN_WAN = 1_000_000


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["cxyt"], body["zrr"]


def _entry(asked: Asked, person: Person | None) -> Json:
    roles = [_role(record) for record in person.facts.get(Agency.MARKET_REGISTRATION, ())] if person else []
    return {"xh": asked[0], "sfzhm": asked[2], "ztsl": len(roles), "ztxx": roles}


def _role(record: object) -> Json:
    assert isinstance(record, BusinessRole)
    return {
        "jslx": _ROLES[record.role],
        "djzt": _STATES[record.status],
        "zczb": f"{record.capital_fen // _FEN_IN_WAN}.{record.capital_fen % _FEN_IN_WAN:06d}",
        "clrq": compact(record.founded_on),
        "tyshxydm": f"92990000{record.capital_fen % 10**10:010d}",
        "ztmc": "样例商行",
        "jyfw": "日用百货",
        "djjg": "样例市场监督管理局",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"fhdm": "200", "fhsj": beijing(as_of, "%Y%m%d%H%M%S"), "sjgs": len(entries), "zrr": entries}


WIRE = Wire(
    agency=Agency.MARKET_REGISTRATION,
    person_fields=("xh", "xm", "sfzhm", "ajbh"),
    claim=("ztsl", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
