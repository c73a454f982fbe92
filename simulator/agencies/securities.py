"""Securities depository: holdings per market, whole fen, instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import SecurityHolding
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire
from simulator.family import Person


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["query_reason"], body["investors"]


def _entry(asked: Asked, person: Person | None) -> Json:
    holdings = [_holding(record) for record in person.facts.get(Agency.SECURITIES, ())] if person else []
    return {"ref": asked[0], "id_number": asked[2], "holding_count": len(holdings), "holdings": holdings}


def _holding(record: object) -> Json:
    assert isinstance(record, SecurityHolding)
    return {
        "market": "SSE" if record.market_value_fen % 2 else "SZSE",
        "market_value_fen": record.market_value_fen,
        "cash_fen": record.cash_fen,
        "custodian": "示例证券",
        "account": f"A{record.market_value_fen:010d}",
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"status": "OK", "snapshot_at": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"), "investors": entries}


WIRE = Wire(
    agency=Agency.SECURITIES,
    person_fields=("ref", "name", "id_number", "case_ref"),
    claim=("holding_count", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
