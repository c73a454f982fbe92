"""Words that stay in clear: no resident id gets through in one, and no machine-made id is taken for one."""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.values import check_sign, holds_resident_id
from services.approval.api.fields import OfficerId
from services.intake.api.fields import ExternalRef, MemberRef

SEED = 20261121
_REFUSED = "personal_number"

born = st.dates(date(1900, 1, 1), date(2026, 11, 21))
ids = st.builds(lambda day, order: _id(f"990799{day:%Y%m%d}{order:03d}"), born, st.integers(0, 999))
around = st.text("abcdefXYZ-_", max_size=6)


def _id(first: str) -> str:
    return first + check_sign(first)


def _code(adapter: TypeAdapter[str], text: str) -> str:
    """What the text is refused for; empty where it is taken."""
    try:
        adapter.validate_python(text)
    except ValidationError as refused:
        return str(refused.errors()[0]["ctx"]["error"])
    return ""


def test_a_hundred_thousand_hexadecimal_references_are_taken() -> None:
    chance = random.Random(SEED)
    taken, officers = TypeAdapter(ExternalRef), TypeAdapter(OfficerId)
    for number in range(100_000):
        ref = (
            chance.randbytes((16, 20, 32)[number % 3]).hex()
            if number % 4
            else str(uuid.UUID(int=chance.getrandbits(128)))
        )
        assert taken.validate_python(ref) == ref
        if not number % 10:
            assert officers.validate_python(ref) == ref


def test_a_hundred_thousand_references_of_a_clock_and_a_counter_are_taken() -> None:
    """Eighteen digits throughout, as many a township's system numbers its files."""
    refs = TypeAdapter(ExternalRef)
    day = date(2024, 1, 1)
    for number in range(100_000):
        ref = f"{day + timedelta(days=number % 1_000):%Y%m%d}{number:010d}"
        assert refs.validate_python(ref) == ref


@given(ids, around, around)
def test_an_id_is_refused_wherever_it_stands_in_a_word(number: str, before: str, after: str) -> None:
    for text in (f"a{before}{number}{after}", f"a{before}{number.lower()}{after}"):
        assert holds_resident_id(text)
        assert _code(TypeAdapter(ExternalRef), text) == _code(TypeAdapter(OfficerId), text) == _REFUSED
        if len(text) <= 32:
            assert _code(TypeAdapter(MemberRef), text) == _REFUSED


@pytest.mark.parametrize("digit", range(10))
@given(ids.filter(lambda number: number[17] != "X"))
def test_one_digit_more_or_a_wrong_sign_makes_it_no_id(digit: int, number: str) -> None:
    assert not holds_resident_id(f"{digit}{number}")
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    assert not holds_resident_id(wrong)
