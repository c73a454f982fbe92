"""The treasury (国库集中支付): allocations line by line, questions about them, the details of a month (R-208)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson

from services.payments.domain.payment import Claimed

ALLOCATE = "/v1/allocations"
QUERY = "/v1/queries"
DETAILS = "/v1/details"
ROWS_MAX = 8_000

_BROKEN = (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError)


class Allotted(NamedTuple):
    """What the treasury says of lines: those it has allocated, those it has not, and its clock.

    A line in neither set was not spoken of.
    """

    allocated: frozenset[str]
    absent: frozenset[str]
    as_of: datetime


class Details(NamedTuple):
    """One page of details: (line, amount); `unreadable` are the places of rows that say nothing."""

    rows: list[tuple[str, int]]
    unreadable: list[int]
    next: int | None


def allocation(payer: str, month: str, items: Sequence[Claimed]) -> bytes:
    """One allocation per line, earmarked for the aid (R-220, R-221)."""
    return orjson.dumps(
        {
            "payer": payer,
            "month": month,
            "allocations": [
                {
                    "ref": one.line_id,
                    "amount_fen": one.amount_fen,
                    "purpose": one.purpose,
                    "valid_until": one.valid_until.isoformat(),
                }
                for one in items
            ],
        }
    )


def question(line_ids: Sequence[str]) -> bytes:
    return orjson.dumps({"refs": list(line_ids)})


def details(payer: str, month: str, after: int) -> bytes:
    return orjson.dumps({"payer": payer, "month": month, "after": after, "limit": ROWS_MAX})


def read_allotted(raw: bytes, wanted: Iterable[str]) -> Allotted | None:
    """None where the answer cannot be read."""
    asked = set(wanted)
    try:
        document = orjson.loads(raw)
        as_of = datetime.fromisoformat(document["as_of"])
        told = {str(entry["ref"]): entry["status"] for entry in document["results"]}
    except _BROKEN:
        return None
    if as_of.tzinfo is None:
        return None
    return Allotted(
        frozenset(ref for ref, status in told.items() if status == "allocated" and ref in asked),
        frozenset(ref for ref, status in told.items() if status in ("not_found", "expired") and ref in asked),
        as_of,
    )


def read_details(raw: bytes) -> Details:
    """A page of details. Raises ValueError where the page itself cannot be read."""
    try:
        document = orjson.loads(raw)
        entries, following = list(document["rows"]), document["next"]
        if following is not None and type(following) is not int:
            raise ValueError("next")
    except _BROKEN:
        raise ValueError("details") from None
    rows: list[tuple[str, int]] = []
    unreadable: list[int] = []
    for place, entry in enumerate(entries):
        ref, amount_fen = (entry.get("ref"), entry.get("amount_fen")) if isinstance(entry, dict) else (None, None)
        if type(ref) is str and type(amount_fen) is int and amount_fen > 0:
            rows.append((ref, amount_fen))
        else:
            unreadable.append(place)
    return Details(rows, unreadable, following)
