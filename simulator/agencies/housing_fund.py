"""Housing-fund centre: contributions with base and amount per month in yuan, state as a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import FundContribution
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["cxyy"], body["zgxx"]


def _entry(asked: Asked, person: Person | None) -> Json:
    accounts = [_account(record) for record in person.facts.get(Agency.HOUSING_FUND, ())] if person else []
    return {"bh": asked[0], "zjhm": asked[2], "sfkh": "是" if accounts else "否", "jcxx": accounts}


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


WIRE = Wire(
    agency=Agency.HOUSING_FUND,
    person_fields=("bh", "xingming", "zjhm", "ajh"),
    claim=("sfkh", "是"),
    read=_read,
    entry=_entry,
    document=_document,
)
