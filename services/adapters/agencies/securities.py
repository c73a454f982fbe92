"""Securities depository (证券): holdings at market value and cash, whole fen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import Record, SecurityHolding
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import count_of, fen_of_number, iso_instant


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    investors = [
        {"ref": subject.ref, "name": subject.name, "id_number": subject.citizen_id, "case_ref": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"query_reason": purpose, "investors": investors}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["status"] != "OK":
            return all_malformed(subjects)
        as_of = iso_instant(document["snapshot_at"])
        entries = document["investors"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "ref", "id_number", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    holdings = entry["holdings"]
    if type(holdings) is not list or count_of(entry["holding_count"]) != len(holdings):
        raise ValueError("holding_count")
    return tuple([_holding(holding) for holding in holdings])


def _holding(holding: dict[str, Any]) -> SecurityHolding:
    return SecurityHolding(
        market_value_fen=fen_of_number(holding["market_value_fen"]), cash_fen=fen_of_number(holding["cash_fen"])
    )


DESK = AgencyDesk(Agency.SECURITIES, 200, question, read)
