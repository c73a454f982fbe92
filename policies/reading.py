"""Reads one written value as the type the model asks for. No YAML here: plain Python data in, typed values out."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, Literal, TypeVar, get_args, get_origin

from contracts.vocabulary import Word
from policies.rule import Rule

_W = TypeVar("_W", bound=Word)
_HOUR_MINUTE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z", re.ASCII)


class Wrong(Exception):
    """Why a written value is refused, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def read_value(raw: object, kind: Any, rule: Rule, *, is_money: bool) -> object:
    """The written value as `kind`, inside the bounds of its rule. Raises Wrong."""
    if get_origin(kind) is tuple:
        return _read_list(raw, get_args(kind)[0], rule)
    if get_origin(kind) is Literal:
        return _one_of(raw, get_args(kind))
    if kind is bool:
        return _read_bool(raw)
    if kind is int:
        return _read_int(raw, rule, is_money=is_money)
    if kind is time:
        return _read_time(raw)
    if isinstance(kind, type) and issubclass(kind, Word):
        return read_word(raw, kind)
    raise TypeError(f"the model uses a type that packs cannot write: {kind!r}")


def _read_list(raw: object, kind: Any, rule: Rule) -> tuple[object, ...]:
    if not isinstance(raw, list):
        raise Wrong(f"expected a list, found {named(raw)}", "write the values as [a, b]")
    values = tuple(read_value(one, kind, rule, is_money=False) for one in raw)
    if len(set(values)) != len(values):
        raise Wrong("the list names a value twice", "keep each value once")
    return values


def read_word(raw: object, words: type[_W]) -> _W:
    """The word of a closed vocabulary that is written by its code. Raises Wrong."""
    codes = {word.value: word for word in words}
    return codes[_one_of(raw, tuple(codes))]


def _one_of(raw: object, allowed: tuple[str, ...]) -> str:
    if not isinstance(raw, str) or raw not in allowed:
        shown = repr(raw) if isinstance(raw, str) else named(raw)
        raise Wrong(f"{shown} is not one of the words allowed here", f"write one of: {', '.join(allowed)}")
    return raw


def _read_bool(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise Wrong(f"expected true or false, found {named(raw)}", "write true or false without quotes")
    return raw


def _read_int(raw: object, rule: Rule, *, is_money: bool) -> int:
    if isinstance(raw, float) and is_money:
        raise Wrong(
            f"money is written as {raw}, a number with a fraction",
            f"write whole fen, for example {round(raw * 100)} for {raw} yuan",
        )
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong(
            f"expected a whole number, found {named(raw)}",
            "write a whole number without quotes; ratios are whole percent",
        )
    if raw < rule.least or (rule.most is not None and raw > rule.most):
        upper = "" if rule.most is None else f" and at most {rule.most}"
        raise Wrong(f"{raw} is out of bounds", f"write a number of at least {rule.least}{upper}")
    return raw


def _read_time(raw: object) -> time:
    match = _HOUR_MINUTE.match(raw) if isinstance(raw, str) else None
    if match is None:
        # Without quotes YAML reads 12:30 as a number in base sixty.
        raise Wrong(f"expected a time of day, found {named(raw)}", 'write it in quotes as "HH:MM"')
    return time(int(match[1]), int(match[2]))


def named(raw: object) -> str:
    """What kind of thing was written, in words; never the thing itself."""
    names = {
        bool: "true/false",
        int: "a whole number",
        float: "a number with a fraction",
        str: "a text",
        list: "a list",
        dict: "a mapping",
    }
    return "nothing" if raw is None else names.get(type(raw), f"a {type(raw).__name__}")
