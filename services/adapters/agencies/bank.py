"""Banks (银行), through their common front: per bank the sum of all accounts; single accounts are not kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import Deposit, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, fen_of_yuan, short_text

_HAS_ACCOUNTS = {"Y": True, "N": False}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    customers = [
        {"seqNo": subject.ref, "custName": subject.name, "idNo": subject.citizen_id, "caseNo": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"purpose": purpose, "custList": customers}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["retCode"] != "000000":
            return all_malformed(subjects)
        as_of = beijing_instant(document["bizTime"], "%Y%m%d%H%M%S")
        entries = document["custList"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "seqNo", "idNo", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    banks = entry["bankList"]
    if type(banks) is not list or _HAS_ACCOUNTS[entry["acctFlag"]] is not bool(banks):
        raise ValueError("acctFlag")
    return tuple([_deposit(bank) for bank in banks])


def _deposit(bank: dict[str, Any]) -> Deposit:
    return Deposit(
        bank=short_text(bank["bankName"], 60),
        balance_fen=fen_of_yuan(bank["totalBalance"]),
        outflow_half_year_fen=fen_of_yuan(bank["largeOutflow6m"]),
    )


DESK = AgencyDesk(Agency.BANK, 200, question, read)
