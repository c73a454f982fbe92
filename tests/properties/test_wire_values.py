"""Amounts on agency wires: exact against the decimal module, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.domain.wire_values import compact_day, fen_of_wan, fen_of_yuan, iso_day


@given(st.integers(0, 10**14 - 1))
def test_every_fen_comes_back(fen: int) -> None:
    assert fen_of_yuan(f"{fen // 100}.{fen % 100:02d}") == fen


@given(st.integers(0, 10**15 - 1))
def test_every_millionth_of_ten_thousand_yuan_comes_back(fen: int) -> None:
    assert fen_of_wan(f"{fen // 10**6}.{fen % 10**6:06d}") == fen


@given(st.one_of(st.text(max_size=12), st.from_regex(r"[0-9]{1,6}(\.[0-9]{0,6})?", fullmatch=True)))
def test_a_text_is_read_as_the_decimal_it_is_or_refused(text: str) -> None:
    for read, unit in ((fen_of_yuan, 100), (fen_of_wan, 1_000_000)):
        try:
            fen = read(text)
        except ValueError:
            continue
        assert Decimal(text) * unit == fen


@given(st.one_of(st.none(), st.integers(), st.floats(), st.booleans(), st.lists(st.integers())))
def test_only_text_is_an_amount_or_a_day(value: object) -> None:
    for read in (fen_of_yuan, fen_of_wan, iso_day, compact_day):
        with pytest.raises(TypeError):
            read(value)


@pytest.mark.parametrize("text", ["20260230", "20261301", "2026-1-01", "20260101 ", "２０２６0101", "2026-W01-1", ""])
def test_impossible_days_are_refused(text: str) -> None:
    for read in (iso_day, compact_day):
        with pytest.raises(ValueError):  # noqa: PT011  date() has messages of its own
            read(text)


@given(st.dates())
def test_days_come_back_within_bounds(day: object) -> None:
    text = str(day)
    for read, written in ((iso_day, text), (compact_day, text.replace("-", ""))):
        if 1900 <= int(text[:4]) <= 2200:
            assert read(written) == day
        else:
            with pytest.raises(ValueError, match="date"):
                read(written)
