"""The paying bank (代发银行): a batch of instructions, questions about instructions, the details of a month.

An answer is read entry by entry: one that cannot be read says nothing about its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from services.payments.domain.payment import Claimed
from services.payments.domain.words import BankWord, NotDone, NotThere, Paid, Returned, Unknown

SUBMIT = "/v1/batches"
QUERY = "/v1/queries"
STATEMENT = "/v1/statements"
ROWS_MAX = 5_000
"""Rows of details asked for at a time; some 200 bytes each."""

_BROKEN = (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError)
_UNREADABLE = Unknown("malformed")


class Row(NamedTuple):
    """A line of the bank's details."""

    number: int
    instruction_id: str
    account: str
    amount_fen: int
    is_paid: bool


class Statement(NamedTuple):
    """One page of details; `unreadable` are the numbers of rows that say nothing."""

    rows: list[Row]
    unreadable: list[int]
    next: int | None


def submission(payer: str, month: str, items: Sequence[Claimed]) -> bytes:
    """The instructions of one county and month; each says until when it may be done (R-208, R-209)."""
    return orjson.dumps(
        {
            "payer": payer,
            "month": month,
            "instructions": [
                {
                    "id": one.instruction_id,
                    "account": one.payee.account.reveal(),
                    "name": one.payee.name.reveal(),
                    "amount_fen": one.amount_fen,
                    "purpose": one.purpose,
                    "valid_until": one.valid_until.isoformat(),
                    "trace": one.trace,
                }
                for one in items
            ],
        }
    )


def question(instruction_ids: Sequence[str]) -> bytes:
    return orjson.dumps({"ids": list(instruction_ids)})


def statement(payer: str, month: str, after: int) -> bytes:
    return orjson.dumps({"payer": payer, "month": month, "after": after, "limit": ROWS_MAX})


def read_words(raw: bytes, wanted: Iterable[str]) -> dict[str, BankWord]:
    """What the bank says about each instruction; Unknown about those it leaves out or speaks of unreadably."""
    told: dict[str, BankWord] = {}
    try:
        document = orjson.loads(raw)
        as_of, entries = _instant(document["as_of"]), list(document["results"])
    except _BROKEN:
        return dict.fromkeys(wanted, _UNREADABLE)
    for entry in entries:
        try:
            told[entry["id"]] = _word(entry, as_of)
        except _BROKEN:
            continue
    return {one: told.get(one, _UNREADABLE) for one in wanted}


def read_statement(raw: bytes) -> Statement:
    """A page of details. Raises ValueError where the page itself cannot be read."""
    try:
        document = orjson.loads(raw)
        entries, following = list(document["rows"]), document["next"]
        if following is not None and type(following) is not int:
            raise ValueError("next")
    except _BROKEN:
        raise ValueError("statement") from None
    rows: list[Row] = []
    unreadable: list[int] = []
    for place, entry in enumerate(entries):
        try:
            rows.append(_row(entry))
        except _BROKEN:
            number = entry.get("no") if isinstance(entry, dict) else None
            unreadable.append(number if type(number) is int else place)
    return Statement(rows, unreadable, following)


def _word(entry: Mapping[str, Any], as_of: datetime) -> BankWord:
    match entry["status"]:
        case "paid":
            return Paid(_text(entry["ref"]), _instant(entry["at"]))
        case "returned":
            return Returned(_text(entry["reason"]), _instant(entry["at"]))
        case "not_found":
            return NotThere(as_of)
        case "expired":
            return NotDone("expired")
    return _UNREADABLE


def _row(entry: Mapping[str, Any]) -> Row:
    amount_fen, status = entry["amount_fen"], entry["status"]
    if type(amount_fen) is not int or amount_fen <= 0 or status not in ("paid", "returned"):
        raise ValueError("row")
    return Row(int(entry["no"]), _text(entry["id"]), _text(entry["account"]), amount_fen, status == "paid")


def _text(value: object) -> str:
    if type(value) is not str or not 0 < len(value) <= 64:
        raise ValueError("text")
    return value


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("instant")
    return instant
