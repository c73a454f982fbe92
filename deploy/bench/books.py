"""Three books of a million lines in memory: compared by the product, and by the plainest polars there is."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from services.payments.domain.books import ALLOCATED, OURS, Book, set_aside
from services.payments.domain.reconciliation import compare
from services.payments.domain.roster import LineState

_TIMES = 3
_MONTH = "2026-12"


class Reconciled(NamedTuple):
    """Medians of the same run, in seconds; `cpu_s` over all threads of the product's comparison."""

    product_s: float
    polars_s: float
    cpu_s: float

    @property
    def ratio(self) -> float:
        return self.product_s / self.polars_s


@dataclass(frozen=True)
class Books:
    """Ours in the order of the roster, the others' in orders of their own."""

    ours: Book
    treasury: Book
    bank: Book


def books_of(lines: int) -> Books:
    """Three books that agree."""
    names = [hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(lines)]
    ours = pl.DataFrame(
        {
            "line_id": [f"line_{name}" for name in names],
            "instruction_id": [f"ins_{name[::-1]}" for name in names],
            "amount_fen": [30_000 + number % 90_000 for number in range(lines)],
            "account_key": [bytes.fromhex(name) * 2 for name in names],
            "state": [LineState.PAID.value] * lines,
            "is_allocated": [True] * lines,
            "died_before": [False] * lines,
        },
        schema=dict(OURS),
    )
    treasury = ours.select(list(ALLOCATED)).sample(fraction=1, shuffle=True, seed=1)
    bank = ours.select("instruction_id", "account_key", "amount_fen").sample(fraction=1, shuffle=True, seed=2)
    return Books(ours, treasury, bank)


def reconcile(lines: int) -> Reconciled:
    """Compare so many lines both ways, in turn. Raises RuntimeError where books that agree are found to differ."""
    books = books_of(lines)
    by_product: list[tuple[float, float]] = []
    by_polars: list[tuple[float, float]] = []
    for _ in range(_TIMES):
        by_polars.append(_seconds(lambda: _joined(books)))
        by_product.append(_seconds(lambda: _compared(books)))
    product_s, cpu_s = map(statistics.median, zip(*by_product, strict=True))
    return Reconciled(product_s, statistics.median(elapsed for elapsed, _ in by_polars), cpu_s)


def _seconds(work: Callable[[], bool]) -> tuple[float, float]:
    """Elapsed, and CPU of all threads."""
    begun, cpu = time.perf_counter(), time.process_time()
    agrees = work()
    elapsed, used = time.perf_counter() - begun, time.process_time() - cpu
    if not agrees:
        raise RuntimeError("books that agree were found to differ")
    return elapsed, used


def _compared(books: Books) -> bool:
    odd = set_aside(books.ours, books.treasury, books.bank)
    return compare(odd, known={}, month=_MONTH).agrees


def _joined(books: Books) -> bool:
    """What anybody would write in polars: join all three in full, keep what differs, add up."""
    allocated = books.treasury.rename({"amount_fen": "treasury_fen"})
    executed = books.bank.rename({"amount_fen": "bank_fen", "account_key": "bank_key"})
    joined = books.ours.join(allocated, on="line_id", how="full", coalesce=True).join(
        executed, on="instruction_id", how="full", coalesce=True
    )
    apart = joined.filter(
        pl.any_horizontal(
            pl.col("amount_fen").ne_missing(pl.col("treasury_fen")),
            pl.col("amount_fen").ne_missing(pl.col("bank_fen")),
            pl.col("account_key").ne_missing(pl.col("bank_key")),
        )
    )
    totals = {joined[column].sum() for column in ("amount_fen", "treasury_fen", "bank_fen")}
    return apart.is_empty() and len(totals) == 1
