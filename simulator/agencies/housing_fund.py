"""Housing-fund centre: contributions with base and amount per month in yuan, state as a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import FundContribution
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person


def _read(body: Mapping[str, Any]) -> tuple[str, list[Asked]]:
    return body["cxyy"], [Asked(p["bh"], p["xingming"], p["zjhm"], p["ajh"]) for p in body["zgxx"]]


def _entry(asked: Asked, person: Person | None) -> Json:
    accounts = [_account(record) for record in person.facts.get(Agency.HOUSING_FUND, ())] if person else []
    return {"bh": asked.ref, "zjhm": asked.id_number, "sfkh": "是" if accounts else "否", "jcxx": accounts}


def _account(record: object) -> Json:
    assert isinstance(record, FundContribution)
    return {
        "jcjs": yuan(record.monthly_base_fen),
        "yjce": yuan(record.monthly_amount_fen),
        "jczt": "正常" if record.is_active else "封存",
        "dwmc": "示例单位",
        "jcbl": "12",
        "dkxx": [],
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"code": 0, "msg": "", "jzsj": beijing(as_of, "%Y/%m/%d %H:%M:%S"), "zgxx": entries}


WIRE = Wire(Agency.HOUSING_FUND, "bh", "zjhm", ("sfkh", "是"), _read, _entry, _document)
