"""Amounts, dates and instants as agencies write them: taken exactly, or refused.

A text of another form raises ValueError, another JSON type TypeError.

Amounts are read digit by digit into integers, never through a float: a fraction of a fen, a sign, NaN, an exponent or a
full-width digit is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

BEIJING = timezone(timedelta(hours=8))

_HUNDREDTHS = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2})0*)?\Z")
_MILLIONTHS = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6})0*)?\Z")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z")
_LARGEST_FEN = 10**14
_FIRST_YEAR, _FIRST_YEAR_OF_DATA, _LAST_YEAR = 1900, 2000, 2200


def fen_of_yuan(text: Any) -> int:
    """`"1234.5"` yuan -> 123450 fen."""
    return hundredths(text)


def hundredths(text: Any) -> int:
    """A decimal with at most two places as whole hundredths: yuan to fen, square metres to square decimetres."""
    parts = _HUNDREDTHS.match(text)
    if parts is None:
        raise ValueError("amount")
    whole, fraction = parts.groups()
    if fraction is None:
        return int(whole) * 100
    return int(whole) * 100 + (int(fraction) if len(fraction) == 2 else int(fraction) * 10)


def fen_of_wan(text: Any) -> int:
    """`"10.5"` ten thousands of yuan -> 10500000 fen."""
    parts = _MILLIONTHS.match(text)
    if parts is None:
        raise ValueError("amount")
    whole, fraction = parts.groups()
    return int(whole) * 1_000_000 + int((fraction or "0").ljust(6, "0"))


def fen_of_number(number: object) -> int:
    """A whole number of fen; a JSON float is refused even where it is whole."""
    if type(number) is not int:
        raise TypeError("amount")
    if not 0 <= number <= _LARGEST_FEN:
        raise ValueError("amount")
    return number


def count_of(number: object) -> int:
    """How many records an entry claims."""
    if type(number) is not int or number < 0:
        raise TypeError("count")
    return number


def iso_day(text: Any) -> date:
    """`2019-03-04`."""
    return _day(_ISO_DAY.match(text))


def compact_day(text: Any) -> date:
    """`20190304`."""
    return _day(_COMPACT_DAY.match(text))


def _day(parts: re.Match[str] | None) -> date:
    if parts is None:
        raise ValueError("date")
    year = int(parts[1])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError("date")
    return date(year, int(parts[2]), int(parts[3]))


def beijing_instant(text: object, form: str) -> datetime:
    """An instant written in Beijing time in the given `strptime` form, as UTC."""
    if type(text) is not str or not text.isascii():
        raise TypeError("instant")
    return _beijing_instant(text, form)


@lru_cache(maxsize=64)
def _beijing_instant(text: str, form: str) -> datetime:
    """Kept for a moment: `strptime` takes as long as thirty entries, and calls of the same second name the same one."""
    return _sane(datetime.strptime(text, form).replace(tzinfo=BEIJING).astimezone(UTC))


def iso_instant(text: object) -> datetime:
    """An ISO 8601 instant that names its offset, as UTC."""
    if type(text) is not str:
        raise TypeError("instant")
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("instant")
    return _sane(instant.astimezone(UTC))


def epoch_ms_instant(number: object) -> datetime:
    """Milliseconds since 1970, as UTC."""
    if type(number) is not int:
        raise TypeError("instant")
    return _sane(datetime.fromtimestamp(number // 1_000, UTC) + timedelta(milliseconds=number % 1_000))


def _sane(instant: datetime) -> datetime:
    if not _FIRST_YEAR_OF_DATA <= instant.year <= _LAST_YEAR:
        raise ValueError("instant")
    return instant


def region_code(text: object) -> str:
    """A division code of 2, 4, 6 or 9 digits."""
    if type(text) is not str or len(text) not in (2, 4, 6, 9) or not (text.isascii() and text.isdigit()):
        raise ValueError("region")
    return text


def short_text(text: object, most: int) -> str:
    """A text of 1 to `most` signs without control characters."""
    if type(text) is not str or not 0 < len(text) <= most or not text.isprintable():
        raise ValueError("text")
    return text
