"""Bodies: whatever is sent gives the model or a refusal, never another error; a refusal repeats nothing of it."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from chassis.bodies import BodyInvalid, BodyMalformed, parse
from chassis.faults import Fault
from chassis.refusal import FieldError, Refusal

_DIGITS = re.compile("[0-9]{6,}|[０-９]{3,}")


class Shade(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class Round(BaseModel):
    shape: Literal["round"]
    radius: int = Field(ge=1, le=9)


class Square(BaseModel):
    shape: Literal["square"]
    side: int
    shade: Shade


class Box(BaseModel):
    name: str = Field(min_length=1, max_length=12, pattern="^[a-z]+$")
    parts: list[Annotated[Round | Square, Field(discriminator="shape")]] = Field(default=[], max_length=3)
    made_on: date | None = None
    seen_at: datetime | None = None
    weights: dict[str, int] = {}
    is_open: bool = False
    ratio: float = Field(default=0.5, ge=0, le=1)


GOOD = {
    "name": "box",
    "parts": [{"shape": "round", "radius": 3}, {"shape": "square", "side": -1, "shade": "dark"}],
    "made_on": "2026-09-15",
    "seen_at": "2026-09-15T08:00:00+08:00",
    "weights": {"a": 1},
    "is_open": True,
    "ratio": 1,
}
FIELDS = [*sorted(Box.model_fields), "shape", "radius", "side", "shade", "surplus"]
PERSONAL = st.from_regex(r"99[0-9]{15}[0-9X]", fullmatch=True)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=15)
    | PERSONAL
    | st.sampled_from(["round", "square", "light", "2026-09-15", "2026-02-30", "１２", "\0"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | PERSONAL, inner, max_size=5),
    max_leaves=25,
)


def errors_of(raw: bytes) -> list[tuple[str, str]]:
    with pytest.raises(BodyInvalid) as refused:
        parse(Box, raw)
    return [(error.pointer, error.code) for error in refused.value.errors]


def has(content: Any, pointer: str) -> bool:
    """Whether the pointer leads to something in the content, or to a field missing from an object that is there."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for number, step in enumerate(steps):
        if isinstance(content, list):
            content = content[int(step)]
        elif isinstance(content, dict) and step in content:
            content = content[step]
        else:
            return isinstance(content, dict) and number == len(steps) - 1
    return True


def test_the_good_one_is_good() -> None:
    assert parse(Box, orjson.dumps(GOOD)).parts[1].shape == "square"


@given(st.binary(max_size=200))
def test_any_bytes_give_the_model_or_a_refusal(raw: bytes) -> None:
    errors = faults_of(raw)
    assert errors is None or errors


@given(JSON)
def test_any_json_gives_the_model_or_a_refusal_that_names_places_and_repeats_nothing(content: Any) -> None:
    raw = json.dumps(content).encode()
    errors = faults_of(raw)
    assert errors is None or errors
    for error in errors or ():
        assert not _DIGITS.search(f"{error.pointer} {error.code} {error.zh} {error.en}")
        assert "/?" in error.pointer or has(content, error.pointer), error.pointer


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), JSON, min_size=1))
def test_one_wrong_field_does_not_hide_another(replaced: dict[str, Any]) -> None:
    alone = {name for name, value in replaced.items() if not fits({**GOOD, name: value})}
    errors = faults_of(json.dumps({**GOOD, **replaced}).encode())
    named = {error.pointer.split("/")[1] for error in errors or ()}
    assert named <= alone
    suspect = any(re.search("[０-９\0]", json.dumps(value, ensure_ascii=False)) for value in replaced.values())
    if not suspect and "\\u0000" not in json.dumps(replaced):
        assert named == alone


def fits(content: Any) -> bool:
    return faults_of(json.dumps(content).encode()) is None


def faults_of(raw: bytes) -> tuple[FieldError, ...] | None:
    """What is wrong with a body; None when nothing is."""
    try:
        parse(Box, raw)
    except Refusal as refusal:
        return refusal.errors
    return None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": ""}, ("/name", "too_short")),
        ({"name": "a" * 13}, ("/name", "too_long")),
        ({"name": "A"}, ("/name", "format")),
        ({"name": 5}, ("/name", "not_text")),
        ({"parts": [{"shape": "round", "radius": 10}]}, ("/parts/0/radius", "too_large")),
        ({"parts": [{"shape": "round", "radius": 0}]}, ("/parts/0/radius", "too_small")),
        ({"parts": [{"shape": "round", "radius": 1.0}]}, ("/parts/0/radius", "not_integer")),
        ({"parts": [{"shape": "round", "radius": True}]}, ("/parts/0/radius", "not_integer")),
        ({"parts": [{"shape": "round", "radius": 1, "x": 1}]}, ("/parts/0/x", "unknown_field")),
        ({"parts": [{"shape": "oval"}]}, ("/parts/0", "not_in_list")),
        ({"parts": [{"radius": 1}]}, ("/parts/0", "required")),
        ({"parts": [{"shape": "square", "side": 1, "shade": "grey"}]}, ("/parts/0/shade", "not_in_list")),
        ({"parts": [GOOD["parts"][0]] * 4}, ("/parts", "too_many")),  # type: ignore[index]
        ({"parts": {}}, ("/parts", "not_list")),
        ({"made_on": "2026-02-30"}, ("/made_on", "not_date")),
        ({"made_on": 1_757_894_400}, ("/made_on", "not_date")),
        ({"seen_at": "yesterday"}, ("/seen_at", "not_instant")),
        ({"weights": {"a": "b"}}, ("/weights/a", "not_integer")),
        ({"weights": {"990000199001010010": "b"}}, ("/weights/?", "not_integer")),
        ({"weights": {"a~/b": "b"}}, ("/weights/?", "not_integer")),
        ({"is_open": 1}, ("/is_open", "not_boolean")),
        ({"ratio": "0.5"}, ("/ratio", "not_number")),
    ],
)
def test_each_fault_has_its_place_and_code(change: dict[str, Any], expected: tuple[str, str]) -> None:
    assert errors_of(orjson.dumps({**GOOD, **change})) == [expected]


def test_limits_are_told_in_both_languages() -> None:
    with pytest.raises(BodyInvalid) as refused:
        parse(Box, orjson.dumps({**GOOD, "name": "a" * 13, "parts": [{"shape": "oval"}]}))
    first, second = sorted(refused.value.errors, key=lambda error: error.pointer)
    assert (first.zh, first.en) == ("长度不得超过 12。", "At most 12 characters.")
    assert second.en == "Must be one of: 'round', 'square'."


def test_a_validator_of_the_model_says_it_in_its_own_words() -> None:
    class Told(BaseModel):
        number: str

        def model_post_init(self, _context: Any) -> None:
            raise Fault("check_digit", "校验码不符。", "The check digit does not fit.")

    with pytest.raises(BodyInvalid) as refused:
        parse(Told, b'{"number": "1"}')
    (error,) = refused.value.errors
    assert (error.pointer, error.code, error.zh) == ("", "check_digit", "校验码不符。")


def test_no_more_than_a_hundred_faults_are_listed() -> None:
    class Row(BaseModel):
        a: int

    class Rows(BaseModel):
        rows: list[Row]

    with pytest.raises(BodyInvalid) as refused:
        parse(Rows, b'{"rows": [' + b",".join([b"{}"] * 500) + b"]}")
    assert len(refused.value.errors) == 100


def test_a_number_of_ten_thousand_digits_is_refused() -> None:
    with pytest.raises(BodyMalformed):
        parse(Box, b'{"name": "box", "ratio": ' + b"1" * 10_000 + b"}")
