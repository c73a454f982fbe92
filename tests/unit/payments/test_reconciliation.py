"""Each way in which books can be made to differ is found, and called what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.payments.domain.books import ALLOCATED, OURS, TOLD, book, executed, set_aside
from services.payments.domain.reconciliation import Allocated, Comparison, Executed, Known, Ours, compare
from services.payments.domain.roster import LineState

PAID = LineState.PAID
MONTH = "2026-12"


def key(number: int) -> bytes:
    return number.to_bytes(32)


class Books:
    """Three books of ten lines that agree."""

    def __init__(self) -> None:
        self.ours = [Ours(f"line_{n}", f"ins_{n}", 1_000 + n, key(n), PAID, True, False) for n in range(10)]
        self.treasury = [Allocated(f"line_{n}", 1_000 + n) for n in range(10)]
        self.bank = [Executed(f"ins_{n}", key(n), 1_000 + n) for n in range(9, -1, -1)]
        self.known: dict[str, Known] = {}
        self.altered: list[str] = []

    def compare(self) -> Comparison:
        bank = book([(one.instruction_id, one.account_key.hex(), one.amount_fen) for one in self.bank], TOLD)
        odd = set_aside(book(self.ours, OURS), book(self.treasury, ALLOCATED), executed(bank, bytes.fromhex))
        assert set(self.known) <= set(odd.strangers)
        return compare(odd, known=self.known, month=MONTH, altered=self.altered)

    def bank_row(self, number: int) -> int:
        return next(place for place, row in enumerate(self.bank) if row.instruction_id == f"ins_{number}")


def ghost(books: Books) -> None:
    books.bank.append(Executed("ins_ghost", key(99), 5_000))


def ghost_with_allocation(books: Books) -> None:
    ghost(books)
    books.treasury.append(Allocated("line_ghost", 5_000))


def dead(books: Books) -> None:
    books.ours[3] = books.ours[3]._replace(died_before=True)


def other_holder(books: Books) -> None:
    books.bank[books.bank_row(3)] = Executed("ins_3", key(33), 1_003)


def cards_swapped(books: Books) -> None:
    books.bank[books.bank_row(3)] = Executed("ins_3", key(4), 1_003)
    books.bank[books.bank_row(4)] = Executed("ins_4", key(3), 1_004)


def low_pay(books: Books) -> None:
    books.bank[books.bank_row(3)] = Executed("ins_3", key(3), 903)


def one_fen(books: Books) -> None:
    books.bank[books.bank_row(3)] = Executed("ins_3", key(3), 1_004)


def amounts_swapped(books: Books) -> None:
    books.bank[books.bank_row(3)] = Executed("ins_3", key(3), 1_004)
    books.bank[books.bank_row(4)] = Executed("ins_4", key(4), 1_003)


def not_paid(books: Books) -> None:
    del books.bank[books.bank_row(3)]


def removed_everywhere(books: Books) -> None:
    del books.bank[books.bank_row(3)]
    del books.treasury[3]


def over_allocated(books: Books) -> None:
    books.treasury[3] = Allocated("line_3", 1_004)


def file_twice(books: Books) -> None:
    books.bank += list(books.bank)


def one_twice(books: Books) -> None:
    books.bank.append(books.bank[books.bank_row(3)])


def two_attempts_paid(books: Books) -> None:
    books.bank.append(Executed("ins_3_earlier", key(3), 1_003))
    books.known["ins_3_earlier"] = Known("line_3", MONTH, is_paid=True)


def paid_behind_our_back(books: Books) -> None:
    books.ours[3] = books.ours[3]._replace(state=LineState.UNDER_WAY)


def stopped_and_paid(books: Books) -> None:
    books.ours = [one for one in books.ours if one.line_id != "line_3"]
    books.known = {"ins_3": Known("line_3", MONTH, is_paid=False), "line_3": Known("line_3", MONTH, is_paid=False)}


def other_month(books: Books) -> None:
    books.bank.append(Executed("ins_november", key(3), 700))
    books.known["ins_november"] = Known("line_november", "2026-11", is_paid=True)


def returned(books: Books) -> None:
    books.ours[3] = books.ours[3]._replace(state=LineState.RETURNED)
    del books.bank[books.bank_row(3)]


def edited(books: Books) -> None:
    books.altered.append("line_3")


MANIPULATIONS: list[tuple[Callable[[Books], None], list[tuple[str, str, str | None]]]] = [
    (ghost, [("unknown", "bank", None)]),
    (ghost_with_allocation, [("unknown", "bank", None), ("unknown", "treasury", None)]),
    (dead, [("dead_payee", "system", "line_3")]),
    (other_holder, [("account_differs", "bank", "line_3")]),
    (cards_swapped, [("account_differs", "bank", "line_3"), ("account_differs", "bank", "line_4")]),
    (low_pay, [("amount_differs", "bank", "line_3")]),
    (one_fen, [("amount_differs", "bank", "line_3")]),
    (amounts_swapped, [("amount_differs", "bank", "line_3"), ("amount_differs", "bank", "line_4")]),
    (not_paid, [("missing_in_bank", "bank", "line_3")]),
    (removed_everywhere, [("missing_in_bank", "bank", "line_3"), ("missing_in_treasury", "treasury", "line_3")]),
    (over_allocated, [("amount_differs", "treasury", "line_3")]),
    (file_twice, [("doubled", "bank", f"line_{n}") for n in range(10)]),
    (one_twice, [("doubled", "bank", "line_3")]),
    (two_attempts_paid, [("doubled", "bank", "line_3")]),
    (paid_behind_our_back, [("not_booked", "bank", "line_3"), ("unsettled", "system", "line_3")]),
    (stopped_and_paid, [("not_booked", "bank", "line_3"), ("not_booked", "treasury", "line_3")]),
    (other_month, [("wrong_month", "bank", "line_november")]),
    (returned, [("returned", "system", "line_3")]),
    (edited, [("altered", "system", "line_3")]),
]


@pytest.mark.policy("R-216", "R-217")
def test_three_books_that_agree_differ_in_nothing() -> None:
    found = Books().compare()
    assert found.agrees
    assert (found.system_fen, found.treasury_fen, found.bank_fen, found.lines) == (10_045, 10_045, 10_045, 10)
    assert found.difference_fen == 0


@pytest.mark.policy("R-216", "R-217", "R-202")
@pytest.mark.parametrize(("manipulate", "expected"), MANIPULATIONS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_manipulation_is_found_and_called_what_it_is(
    manipulate: Callable[[Books], None], expected: list[tuple[str, str, str | None]]
) -> None:
    books = Books()
    manipulate(books)
    found = books.compare()
    assert not found.agrees
    kinds = [(one.kind.value, one.side.value, one.line_id) for one in found.differences]
    assert sorted(kinds, key=str) == sorted(expected, key=str)


def test_errors_that_cancel_out_in_the_totals_still_differ() -> None:
    books = Books()
    amounts_swapped(books)
    found = books.compare()
    assert found.system_fen == found.bank_fen
    assert found.difference_fen == 2


@pytest.mark.parametrize("change", [low_pay, one_fen, over_allocated, one_twice, not_paid])
def test_the_difference_is_as_large_as_the_books_lie_apart(change: Callable[[Books], None]) -> None:
    books = Books()
    change(books)
    apart: dict[Callable[[Books], None], int] = {
        low_pay: 100,
        one_fen: 1,
        over_allocated: 1,
        one_twice: 1_003,
        not_paid: 1_003,
    }
    assert books.compare().difference_fen == apart[change]


def test_a_line_nobody_has_begun_keeps_the_month_open() -> None:
    books = Books()
    books.ours.append(Ours("line_10", "line_10", 500, key(10), LineState.DUE, False, False))
    assert [one.kind.value for one in books.compare().differences] == ["unsettled"]
