"""Cursors: what was signed comes back; whatever else is sent is refused, and never read."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis.paging import CursorRefused, Cursors

KEY = base64.b64encode(hashlib.sha256(b"cursors").digest()).decode()
CURSORS = Cursors(KEY)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
VALUES = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    int: st.integers(-(2**63), 2**63 - 1),
    date: st.dates(),
    datetime: st.datetimes(timezones=OFFSETS),
}


@st.composite
def keys(draw: st.DrawFn) -> tuple[tuple[type, ...], tuple[Any, ...]]:
    kinds = tuple(draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=3)))
    return kinds, tuple(draw(VALUES[kind]) for kind in kinds)


@given(keys(), st.text(max_size=30))
def test_what_was_signed_comes_back_with_its_types(key: tuple[tuple[type, ...], tuple[Any, ...]], scope: str) -> None:
    kinds, values = key
    assume(all(kind is not str or isinstance(value, str) for kind, value in zip(kinds, values, strict=True)))
    read = CURSORS.read(scope, CURSORS.sign(scope, values), kinds)
    assert read == values
    assert [type(value) for value in read] == list(kinds)


@given(keys(), st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_cursor_is_refused(
    key: tuple[tuple[type, ...], tuple[Any, ...]], place: int, difference: int
) -> None:
    kinds, values = key
    text = CURSORS.sign("list", values)
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[place % len(raw)] ^= difference
    changed = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    with pytest.raises(CursorRefused):
        CURSORS.read("list", changed, kinds)


@given(st.text(max_size=1_200))
def test_whatever_is_sent_instead_is_refused(text: str) -> None:
    with pytest.raises(CursorRefused):
        CURSORS.read("list", text, (str,))


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_cursor_fits_its_own_list_only(scope: str, other: str) -> None:
    assume(scope != other)
    text = CURSORS.sign(scope, ("a",))
    with pytest.raises(CursorRefused):
        CURSORS.read(other, text, (str,))


def test_another_service_s_cursor_is_refused() -> None:
    stranger = Cursors(base64.b64encode(bytes(32)).decode())
    with pytest.raises(CursorRefused):
        CURSORS.read("list", stranger.sign("list", (1,)), (int,))


def test_a_day_is_no_instant() -> None:
    text = CURSORS.sign("list", (datetime(2026, 9, 15, tzinfo=UTC),))
    assert CURSORS.read("list", text, (datetime,)) == (datetime(2026, 9, 15, tzinfo=UTC),)
