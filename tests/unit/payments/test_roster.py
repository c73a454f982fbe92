"""Whatever is changed in a roster, its hash tells."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from contracts.values import Month
from services.payments.domain.benefit import Reckoning
from services.payments.domain.roster import (
    Head,
    Line,
    altered,
    content_hash,
    instruction_id,
    leaf,
    leaf_at,
)

MONTH = Reckoning(Month(2026, 12), 70_000, 3, 120_000, 90_000, 10_500, 1, 10_500, 100_500, "yichun@2026.1", "ab")
LINES = [
    Line(f"line_{n}", "ros_1", n, f"ent_{n}", f"app_{n}", "cn/23/", "dec", 100_500, b"a" * 32, b"p" * 32, (MONTH,))
    for n in range(3)
]
LEAVES = b"".join(map(leaf, LINES))
HEAD = Head("ros_1", "cn/2307/230799/", Month(2026, 12), 3, 301_500)
HASH = content_hash(HEAD, LEAVES)


def other(value: Any) -> Any:
    """The smallest change of a value."""
    match value:
        case int():
            return value + 1
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case str():
            return value + "x"
        case Month():
            return value.plus(1)
    raise AssertionError(type(value))


@pytest.mark.policy("R-225")
@pytest.mark.parametrize("field", [one.name for one in fields(Line) if one.name not in ("months", "place")])
def test_a_line_changed_in_any_field_is_found_at_its_place(field: str) -> None:
    forged = [LINES[0], replace(LINES[1], **{field: other(getattr(LINES[1], field))}), LINES[2]]
    assert altered(HEAD, HASH, LEAVES, LINES) == []
    assert altered(HEAD, HASH, LEAVES, forged) == [1]


@pytest.mark.policy("R-225")
@pytest.mark.parametrize("field", [one.name for one in fields(Reckoning)])
def test_a_figure_changed_in_the_arithmetic_is_found(field: str) -> None:
    month = replace(MONTH, **{field: other(getattr(MONTH, field))})
    assert altered(HEAD, HASH, LEAVES, [replace(LINES[0], months=(month,)), *LINES[1:]]) == [0]
    assert altered(HEAD, HASH, LEAVES, [replace(LINES[0], months=(MONTH, MONTH)), *LINES[1:]]) == [0]


@pytest.mark.parametrize("field", [one.name for one in fields(Head)])
def test_a_head_that_says_something_else_is_found(field: str) -> None:
    assert altered(replace(HEAD, **{field: other(getattr(HEAD, field))}), HASH, LEAVES, LINES) == [-1]


def test_lines_that_change_places_or_leaves_that_follow_a_forgery_are_found() -> None:
    swapped = [replace(LINES[0], place=1), replace(LINES[1], place=0), LINES[2]]
    assert altered(HEAD, HASH, LEAVES, swapped) == [1, 0]
    forged = [replace(LINES[0], amount_fen=1), *LINES[1:]]
    assert altered(HEAD, HASH, b"".join(map(leaf, forged)), forged) == [-1]
    assert altered(HEAD, HASH, LEAVES[:-32], LINES) == [-1]


def test_leaves_stand_in_their_places_and_none_beyond() -> None:
    assert [leaf_at(LEAVES, place) for place in range(3)] == [leaf(line) for line in LINES]
    assert leaf_at(LEAVES, 3) == b""


def test_an_instruction_is_named_alike_by_everybody_and_unlike_any_other() -> None:
    assert instruction_id("r", "l", 1) == instruction_id("r", "l", 1)
    names = {
        instruction_id(*one) for one in [("r", "l", 1), ("r", "l", 2), ("r", "m", 1), ("s", "l", 1), ("r", "l1", 1)]
    }
    assert len(names) == 5
    assert all(len(name) == 36 for name in names)
