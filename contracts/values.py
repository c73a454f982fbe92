"""Values every service spells the same way. Standard library only.

Personal values print masked; the clear text is had only through `reveal()`, a word that is easy to search for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import NewType, Self

from contracts.vocabulary import Gender

Fen = NewType("Fen", int)
"""Money: whole fen (1/100 yuan). The only unit in code, tables and on every wire."""

_DIGITS = re.compile(r"[0-9]+\Z", re.ASCII)
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]\Z", re.ASCII)
_WRITTEN_ID = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])", re.ASCII)
_ID_LENGTH = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_OFFICE = re.compile(r"cn/(?:[0-9]{2,9}/){0,6}\Z", re.ASCII)
_EARLIEST_BIRTH = date(1850, 1, 1)


class Masked:
    """A personal text that never prints itself: `str`, `repr` and format show the mask."""

    __slots__ = ("_clear",)

    def __init__(self, clear: str) -> None:
        self._clear = clear

    def reveal(self) -> str:
        """The clear text. Callers name a purpose in the audit record of the act that needs it."""
        return self._clear

    def mask(self) -> str:
        return "*" * min(len(self._clear), 8)

    def __str__(self) -> str:
        return self.mask()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.mask()})"

    def __format__(self, spec: str) -> str:
        return format(self.mask(), spec)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Masked) and self._clear == other._clear

    def __hash__(self) -> int:
        return hash((type(self), self._clear))


class PersonName(Masked):
    """A person's name as given; the mask keeps the first character."""

    __slots__ = ()

    def mask(self) -> str:
        return self._clear[:1] + "*" * (len(self._clear) - 1)


class PhoneNumber(Masked):
    """The mask keeps three leading and four trailing digits."""

    __slots__ = ()

    def mask(self) -> str:
        return (
            self._clear[:3] + "*" * max(len(self._clear) - 7, 4) + self._clear[-4:] if len(self._clear) > 7 else "****"
        )


class AccountNumber(Masked):
    """A bank card, passbook, plate or certificate number; the mask keeps the last four signs."""

    __slots__ = ()

    def mask(self) -> str:
        return "*" * max(len(self._clear) - 4, 4) + self._clear[-4:]


def is_card_number(text: str) -> bool:
    """Whether these may be a card's 16 to 19 digits (R-209), the last one right (GB/T 17552, Luhn).

    A digit mistyped and most neighbours exchanged are seen.
    """
    if not (16 <= len(text) <= 19 and text.isascii() and text.isdigit()):
        return False
    total = 0
    for place, sign in enumerate(reversed(text)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


class CitizenId(Masked):
    """A resident identity number (GB 11643-1999): 18 signs, a real birth date, ISO 7064 MOD 11-2 check sign.

    The address part is not compared with any list of today's divisions: a number outlives its county.
    """

    __slots__ = ("_born_on",)

    _born_on: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raise ValueError with a stable code (`format`, `check_digit`, `birth_date`), never with the text itself."""
        if not _RESIDENT_ID.match(text):
            raise ValueError("format")
        if check_sign(text[:17]) != text[17]:
            raise ValueError("check_digit")
        try:
            born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
        except ValueError:
            raise ValueError("birth_date") from None
        if born < _EARLIEST_BIRTH:
            raise ValueError("birth_date")
        parsed = cls(text)
        parsed._born_on = born
        return parsed

    @property
    def born_on(self) -> date:
        """Read once: every rule about a member's age asks for it."""
        try:
            return self._born_on
        except AttributeError:
            self._born_on = date(int(self._clear[6:10]), int(self._clear[10:12]), int(self._clear[12:14]))
            return self._born_on

    @property
    def gender(self) -> Gender:
        return Gender.MALE if int(self._clear[16]) % 2 else Gender.FEMALE

    def mask(self) -> str:
        return self._clear[:4] + "*" * 12 + self._clear[-2:]


def holds_resident_id(text: str) -> bool:
    """Whether a resident id is written anywhere in the text: eighteen signs, no digit before, and right in every way.

    Opaque ids are hexadecimal and have long runs of digits by chance. That such a run has just this length, a real
    birth date and the right check sign does not happen; each of the three alone does.
    """
    if len(text) < _ID_LENGTH:
        return False
    for found in _WRITTEN_ID.findall(text):
        try:
            CitizenId.parse(found.upper())
        except ValueError:
            continue
        return True
    return False


def check_sign(first_17: str) -> str:
    """The 18th sign of a resident id whose first seventeen digits are given."""
    return _CHECK[sum(map(mul, map(int, first_17), _WEIGHTS)) % 11]


@dataclass(frozen=True, slots=True, order=True)
class RegionCode:
    """A division code of 2, 4 or 6 digits (GB/T 2260), or a township's of 9. What lies where is data."""

    code: str

    def __post_init__(self) -> None:
        if len(self.code) not in (2, 4, 6, 9) or not _DIGITS.match(self.code):
            raise ValueError("region")

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True, order=True)
class Office:
    """An organisation's path in the tree, from the country down, always closed by a slash: `cn/2307/230799/230799001/`.

    Who may see a case is decided by this path as a range, never by a division-code prefix and never by LIKE.
    """

    path: str

    def __post_init__(self) -> None:
        if not _OFFICE.match(self.path):
            raise ValueError("office")

    @property
    def after(self) -> str:
        """The first text beyond this subtree in C collation: `[path, after)` is exactly the subtree."""
        return self.path[:-1] + "0"

    @property
    def code(self) -> str:
        """The division code of the office itself."""
        return self.path[:-1].rsplit("/", 1)[-1]

    def covers(self, other: Office) -> bool:
        return self.path <= other.path < self.after

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written `2026-11`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1900 <= self.year <= 9999):
            raise ValueError("month")

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text, re.ASCII):
            raise ValueError("month")
        return cls(int(text[:4]), int(text[5:]))

    def plus(self, months: int) -> Self:
        index = self.year * 12 + self.number - 1 + months
        return type(self)(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
