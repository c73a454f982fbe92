"""Books as columns against books as plain rows: what is missing, other, or told twice is left over, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.books import ALLOCATED, OURS, TOLD, book, executed, set_aside
from services.payments.domain.roster import LineState

CARDS = ("1", "2")
told = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(CARDS), st.integers(1, 3)), max_size=3)
often = st.lists(st.integers(0, 2), min_size=7, max_size=7)
"""How many times a book tells of a line as it is."""
lines = st.dictionaries(
    st.integers(0, 6),
    st.tuples(
        st.integers(1, 3), st.sampled_from(CARDS), st.sampled_from(list(LineState)), st.booleans(), st.booleans()
    ),
)


def left_over(expected: Collection[tuple[object, ...]], rows: Sequence[tuple[object, ...]]) -> set[object]:
    """Names that one side has alone or otherwise, or that were told more than once, one row at a time."""
    counted = Counter(rows)
    names = Counter(row[0] for row in rows)
    return (
        {row[0] for row in expected if row not in counted}
        | {row[0] for row in rows if row not in expected}
        | {name for name, times in names.items() if times > 1}
    )


@given(lines, told, often, told, often)
def test_columns_leave_over_what_rows_leave_over(
    held: dict[int, tuple[int, str, LineState, bool, bool]],
    allocated: list[tuple[int, str, int]],
    allocated_often: list[int],
    paid: list[tuple[int, str, int]],
    paid_often: list[int],
) -> None:
    ours = [
        (f"line_{n}", f"ins_{n}", fen, card.encode(), state.value, is_allocated, died)
        for n, (fen, card, state, is_allocated, died) in held.items()
    ]
    for n, (fen, card, *_) in held.items():
        allocated = [*allocated, *[(n, card, fen)] * allocated_often[n]]
        paid = [*paid, *[(n, card, fen)] * paid_often[n]]
    treasury = [(f"line_{n}", fen) for n, _, fen in allocated]
    bank = [(f"ins_{n}", card, fen) for n, card, fen in paid]
    odd = set_aside(book(ours, OURS), book(treasury, ALLOCATED), executed(book(bank, TOLD), str.encode))

    is_paid = {row[0]: row[4] == LineState.PAID.value for row in ours}
    expected = {(row[1], row[3], row[2]) for row in ours if is_paid[row[0]]}
    assert odd.references == left_over(expected, [(name, card.encode(), fen) for name, card, fen in bank])
    promised = {(row[0], row[2]) for row in ours if is_paid[row[0]] or row[5]}
    assert odd.line_ids == left_over(promised, treasury)
    assert {one.line_id for one in odd.open_lines} == {row[0] for row in ours if not is_paid[row[0]] or row[6]}
    assert {one.line_id for one in odd.ours} == {
        row[0] for row in ours if row[1] in odd.references or row[0] in odd.line_ids
    }
    assert Counter(one.instruction_id for one in odd.bank) == Counter(
        row[0] for row in bank if row[0] in odd.references
    )
    assert odd.totals == (
        sum(row[2] for row in ours if is_paid[row[0]]),
        sum(fen for _, fen in treasury),
        sum(fen for _, _, fen in bank),
    )
