"""Housing-fund centre (住房公积金): contributions with base and amount per month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import FundContribution, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, fen_of_yuan

_HAS_ACCOUNT = {"是": True, "否": False}
_IS_ACTIVE = {"正常": True, "封存": False}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    workers = [
        {"bh": subject.ref, "xingming": subject.name, "zjhm": subject.citizen_id, "ajh": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"cxyy": purpose, "zgxx": workers}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["code"] != 0:
            return all_malformed(subjects)
        as_of = beijing_instant(document["jzsj"], "%Y/%m/%d %H:%M:%S")
        entries = document["zgxx"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "bh", "zjhm", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    accounts = entry["jcxx"]
    if type(accounts) is not list or _HAS_ACCOUNT[entry["sfkh"]] is not bool(accounts):
        raise ValueError("sfkh")
    return tuple([_contribution(account) for account in accounts])


def _contribution(account: dict[str, Any]) -> FundContribution:
    return FundContribution(
        monthly_base_fen=fen_of_yuan(account["jcjs"]),
        monthly_amount_fen=fen_of_yuan(account["yjce"]),
        is_active=_IS_ACTIVE[account["jczt"]],
    )


DESK = AgencyDesk(Agency.HOUSING_FUND, 200, question, read)
