"""Faults planted where money moves: each breaks one rule."""

from __future__ import annotations

from dataclasses import replace

from tests.chaos.checkers import Invariant
from tests.chaos.checkers.books import check_books, check_ledger
from tests.chaos.checkers.money import check_money
from tests.chaos.evidence import (
    RosterLine,
)
from tests.unit.chaos.history import (
    FEN,
    MONTH,
    PAID,
)
from tests.unit.chaos.planted import Planted
from tests.unit.chaos.planting import again, both, gone, more, row

LINE = RosterLine("line_2", "ros_1", "ent_1", PAID, MONTH, f"hash-{PAID}", FEN, "due", False)
LOST, DOUBLED, BOOKS_DIFFER = Invariant.LOST, Invariant.DOUBLED, Invariant.BOOKS_DIFFER
PAID_WITHOUT_RIGHT = Invariant.PAID_WITHOUT_RIGHT
MONEY = [
    Planted(check_money, again("line_months", line_id="line_ghost"), DOUBLED, PAID, "stands on 2 lines"),
    Planted(
        check_money,
        both(row("line_months", line_id="line_ghost"), again("line_months", line_id="line_0")),
        DOUBLED,
        "ent_1",
        "stands on 2 lines",
    ),
    Planted(
        check_money,
        both(
            row("bank_lines", status="returned"),
            row("settlements", state="returned"),
            row("roster_lines", state="returned"),
            more("roster_lines", replace(LINE, state="returned")),
        ),
        Invariant.UNPAID,
        PAID,
        "line line_2 is returned",
    ),
    Planted(check_money, again("bank_lines", no=2), Invariant.PAID_TWICE, PAID, "2 payments of 201000 fen"),
    Planted(check_money, row("bank_lines", instruction_id="ghost"), PAID_WITHOUT_RIGHT, "ghost", "stands on no roster"),
    Planted(check_money, row("roster_lines", state="stopped"), PAID_WITHOUT_RIGHT, PAID, "is stopped"),
    Planted(check_money, row("rosters", state="locked"), PAID_WITHOUT_RIGHT, PAID, "roster that is locked"),
    Planted(check_money, row("rosters", state="disputed"), Invariant.UNPAID, PAID, "disputed"),
    Planted(check_money, gone("bank_lines"), Invariant.UNPAID, PAID, "line line_1 is paid"),
    Planted(check_money, more("roster_lines", LINE), Invariant.UNPAID, PAID, "line line_2 is due"),
    Planted(
        check_money,
        both(row("bank_lines", status="returned"), row("settlements", state="returned")),
        Invariant.UNPAID,
        PAID,
        "line line_1 is paid",
    ),
    Planted(
        check_money,
        both(more("roster_lines", LINE), again("line_months", line_id="line_2")),
        DOUBLED,
        PAID,
        "stands on 2 lines",
    ),
    Planted(
        check_money,
        both(
            more("roster_lines", replace(LINE, state="paid")),
            again("line_months", line_id="line_2"),
            again("settlements", instruction_id="ins_2", line_id="line_2"),
            again("bank_lines", no=2, instruction_id="ins_2"),
        ),
        Invariant.PAID_TWICE,
        PAID,
        "stands on 2 lines",
    ),
    Planted(check_money, row("line_months", amount_fen=FEN - 1), BOOKS_DIFFER, PAID, "its months make 100499"),
    Planted(
        check_money,
        both(gone("roster_lines"), gone("bank_lines"), gone("line_months")),
        Invariant.UNPAID,
        PAID,
        "on no roster of its months",
    ),
    Planted(check_money, row("roster_lines", decision_hash="x"), PAID_WITHOUT_RIGHT, PAID, "without an approval"),
    Planted(check_money, row("decisions", outcome="refused"), PAID_WITHOUT_RIGHT, PAID, "without an approval"),
    Planted(check_money, gone("certificates"), PAID_WITHOUT_RIGHT, PAID, "without a certificate"),
    Planted(check_money, row("cases", state="closed"), PAID_WITHOUT_RIGHT, PAID, "its case is closed"),
    Planted(check_money, row("cases", state="certified"), LOST, PAID, "never heard of it"),
    Planted(
        check_money,
        both(row("cases", state="held"), row("entitlements", state="held")),
        LOST,
        PAID,
        "never heard of it",
    ),
    Planted(check_money, row("cases", state="held", tasks=("paid_while_stopped",)), LOST, PAID, "never heard of it"),
]

BOOKS = [
    Planted(
        check_books, row("ledger_entries", 1, amount_fen=FEN - 1), BOOKS_DIFFER, "ins_1", "paid by the bank, paid and"
    ),
    Planted(
        check_books,
        both(more("roster_lines", replace(LINE, state="stopped")), gone("treasury_lines")),
        BOOKS_DIFFER,
        MONTH,
        "treasury 0, bank 100500",
    ),
    Planted(check_books, row("reconciliations", differences=1), BOOKS_DIFFER, "rec_1", "1 differences of 0"),
    Planted(check_books, row("reconciliations", difference_fen=1), BOOKS_DIFFER, "rec_1", "0 differences of 1"),
    Planted(check_books, row("treasury_lines", line_id="ghost"), BOOKS_DIFFER, "ghost", "stands on no roster"),
    Planted(check_books, again("treasury_lines"), BOOKS_DIFFER, PAID, "allocated [100500, 100500]"),
    Planted(check_books, row("treasury_lines", amount_fen=FEN + 1), BOOKS_DIFFER, PAID, "allocated [100501]"),
    Planted(check_books, gone("ledger_entries"), BOOKS_DIFFER, PAID, "allocation not booked"),
    Planted(check_books, gone("treasury_lines"), BOOKS_DIFFER, "line_1", "booked as allocated"),
    Planted(check_books, row("bank_lines", amount_fen=FEN + 1), BOOKS_DIFFER, "ins_1", "the bank paid [100501]"),
    Planted(check_books, gone("settlements"), BOOKS_DIFFER, "ins_1", "intended was nothing"),
    Planted(check_books, gone("ledger_entries", 1), BOOKS_DIFFER, "ins_1", "paid and not booked"),
    Planted(check_books, row("settlements", state="intended"), BOOKS_DIFFER, "ins_1", "intended and booked"),
    Planted(check_books, gone("bank_lines"), BOOKS_DIFFER, "ins_1", "the bank knows nothing"),
    Planted(check_books, row("settlements", state="returned"), BOOKS_DIFFER, "ins_1", "by our own word"),
    Planted(check_books, gone("treasury_lines"), BOOKS_DIFFER, MONTH, "treasury 0, bank 100500"),
    Planted(
        check_books, row("reconciliations", differences=1, difference_fen=1), BOOKS_DIFFER, "rec_1", "1 differences"
    ),
    Planted(check_books, row("reconciliations", state="asked"), BOOKS_DIFFER, "rec_1", "closed over"),
    Planted(check_books, gone("reconciliations"), LOST, MONTH, "closing is not on file"),
]

LEDGER_UNEVEN = Invariant.LEDGER_UNEVEN
LEDGER = [
    Planted(check_ledger, again("ledger_entries"), LEDGER_UNEVEN, "line_1", "allocated 2 times"),
    Planted(check_ledger, row("ledger_entries", amount_fen=0), LEDGER_UNEVEN, "line_1", "moves nothing"),
    Planted(check_ledger, row("ledger_entries", credit="bank"), LEDGER_UNEVEN, "line_1", "moves nothing"),
    Planted(check_ledger, row("ledger_sums", amount_fen=1 - FEN), LEDGER_UNEVEN, "ledger", "hold 1 fen"),
    Planted(check_ledger, gone("ledger_entries", 1), LEDGER_UNEVEN, "recipients", "the entries make 0"),
]
