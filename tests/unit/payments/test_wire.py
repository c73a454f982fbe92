"""What bank and treasury answer is read entry by entry; what cannot be read is not known, never nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from contracts.values import is_card_number
from services.payments.agencies.bank import read_statement, read_words
from services.payments.agencies.treasury import read_allotted, read_details
from services.payments.domain.words import NotDone, NotThere, Paid, Returned, Unknown, is_final

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
NOW = AT.isoformat()
PAID_ENTRY = {"id": "a", "status": "paid", "reason": "", "ref": "B1", "at": NOW}


def answer(*entries: Any, as_of: Any = NOW) -> bytes:
    return orjson.dumps({"as_of": as_of, "results": list(entries)})


def test_each_instruction_gets_the_word_the_bank_has_for_it() -> None:
    raw = answer(
        PAID_ENTRY,
        {"id": "b", "status": "returned", "reason": "closed_account", "at": NOW},
        {"id": "c", "status": "not_found"},
        {"id": "d", "status": "expired"},
    )
    assert read_words(raw, "abcd") == {
        "a": Paid("B1", AT),
        "b": Returned("closed_account", AT),
        "c": NotThere(AT),
        "d": NotDone("expired"),
    }


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "b", "status": "perhaps"},
        {"id": "b", "status": "paid", "ref": "B2", "at": "yesterday"},
        {"id": "b", "status": "paid", "ref": "B2", "at": "2026-12-01T00:00:00"},
        {"id": "b", "status": "paid", "ref": None, "at": NOW},
        {"id": "b"},
        {"id": ["b"], "status": "paid"},
        None,
        7,
    ],
)
def test_an_entry_that_cannot_be_read_says_nothing_about_its_neighbours(entry: Any) -> None:
    told = read_words(answer(entry, PAID_ENTRY), "ab")
    assert told == {"a": Paid("B1", AT), "b": Unknown("malformed")}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"as_of":1,"results":[]}', b'{"results":[]}', answer(as_of="x")])
def test_a_document_that_cannot_be_read_leaves_everything_unknown(raw: bytes) -> None:
    assert read_words(raw, "ab") == {"a": Unknown("malformed"), "b": Unknown("malformed")}
    assert read_allotted(raw, ["l"]) is None


def test_not_found_counts_only_after_the_cut_off() -> None:
    tick = timedelta(microseconds=1)
    assert not is_final(NotThere(AT), AT)
    assert not is_final(NotThere(AT - tick), AT)
    assert is_final(NotThere(AT + tick), AT)


def test_a_stray_row_does_not_fail_the_statement() -> None:
    good = {"no": 4, "id": "a", "account": "6217", "amount_fen": 5, "status": "paid", "at": NOW}
    bad = [{**good, "no": 5, "amount_fen": 5.0}, {**good, "no": 6, "status": "?"}, None, {**good, "amount_fen": True}]
    page = read_statement(orjson.dumps({"rows": [*bad, good], "next": 9}))
    assert [row.instruction_id for row in page.rows] == ["a"]
    assert page.unreadable == [5, 6, 2, 4]
    assert page.next == 9


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"rows":[]}', b'{"rows":[],"next":"x"}', b'{"rows":null,"next":null}'])
def test_a_page_that_cannot_be_read_is_no_page(raw: bytes) -> None:
    with pytest.raises(ValueError, match="statement"):
        read_statement(raw)
    with pytest.raises(ValueError, match="details"):
        read_details(raw)


def test_the_treasury_is_believed_only_about_what_was_asked() -> None:
    raw = answer(
        {"ref": "l1", "status": "allocated"}, {"ref": "l2", "status": "not_found"}, {"ref": "x", "status": "allocated"}
    )
    told = read_allotted(raw, ["l1", "l2", "l3"])
    assert told is not None
    assert (told.allocated, told.absent) == (frozenset({"l1"}), frozenset({"l2"}))
    rows = [{"ref": "l1", "amount_fen": 5}, {"ref": "l2", "amount_fen": "5"}, {"ref": "l3", "amount_fen": 0}]
    details = read_details(orjson.dumps({"rows": rows, "next": None}))
    assert (details.rows, details.unreadable) == ([("l1", 5)], [1, 2])


@pytest.mark.policy("R-209")
def test_a_card_number_has_sixteen_to_nineteen_digits_and_a_right_check_digit() -> None:
    good = "6217000000000000019"
    luhn = [number for number in (good[:-1] + str(last) for last in range(10)) if is_card_number(number)]
    assert len(luhn) == 1
    assert not any(map(is_card_number, ["", luhn[0] + "0" * 4, luhn[0][:15], luhn[0][:-1] + "X", luhn[0] + "\n"]))
    assert not is_card_number(luhn[0].replace("1", "１"))
