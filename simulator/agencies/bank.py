"""Banks, through their common front: per bank the sum of all accounts and the large payments out, accounts beneath."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import Deposit
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, beijing, yuan
from simulator.family import Person


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["purpose"], body["custList"]


def _entry(asked: Asked, person: Person | None) -> Json:
    banks = [_bank(record) for record in person.facts.get(Agency.BANK, ())] if person else []
    return {"seqNo": asked[0], "idNo": asked[2], "acctFlag": "Y" if banks else "N", "bankList": banks}


def _bank(record: object) -> Json:
    assert isinstance(record, Deposit)
    half = record.balance_fen // 2
    return {
        "bankName": record.bank,
        "totalBalance": yuan(record.balance_fen),
        "largeOutflow6m": yuan(record.outflow_half_year_fen),
        "acctList": [
            {"acctNo": f"6299{record.balance_fen:012d}", "acctType": "活期", "balance": yuan(half)},
            {
                "acctNo": f"6298{record.balance_fen:012d}",
                "acctType": "定期",
                "balance": yuan(record.balance_fen - half),
            },
        ],
        "wealthProducts": [],
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"retCode": "000000", "retMsg": "交易成功", "bizTime": beijing(as_of, "%Y%m%d%H%M%S"), "custList": entries}


WIRE = Wire(
    agency=Agency.BANK,
    person_fields=("seqNo", "custName", "idNo", "caseNo"),
    claim=("acctFlag", "Y"),
    read=_read,
    entry=_entry,
    document=_document,
)
