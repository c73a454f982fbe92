"""Looking for people in bytes: ids, names and phones that must stand nowhere in clear, however they are written down.

A place is searched as it is and in every layer that is no secret: hexadecimal, Base64, JSON and URL escapes, zlib and
Zstandard are taken off, one inside the other. What is sealed has no such layer.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote_to_bytes

import zstandard

SHORTEST_NAME = 3
"""Signs; shorter names are words of the language as well."""
DEEPEST = 4
_LARGEST = 64_000_000

_NUMBERS = re.compile(rb"[0-9]{11,}[Xx]?")
_HAN = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}(?:[\xe3-\xe9][\x80-\xbf]{2}|\xc2\xb7){2,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"[0-9a-f]{22,}|[0-9A-F]{22,}")
_NO_BASE64 = re.compile(rb"(?:x|[a-z]{1,8}_)?[0-9a-f-]+(?:_[0-9]{2})?|[0-9A-F]+|[a-z_-]+")
"""Hexadecimal with what PostgreSQL or an id of ours puts before it, and words."""
_JSON_ESCAPES = re.compile(rb"(?:\\+u[0-9a-fA-F]{4}){3,}")
"""Quoted once more, the backslash is doubled."""
_BACKSLASHES = re.compile(rb"\\+")
_URL_ESCAPES = re.compile(rb"(?:%[0-9a-fA-F]{2}){3,}")
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_ZSTD = b"\x28\xb5\x2f\xfd"
_PACKED = re.compile(rb"\x28\xb5\x2f\xfd|\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_HEADER = 80
_ID_LENGTH, _PHONE_LENGTH = 18, 11


@dataclass(frozen=True)
class Canaries:
    """Whom to look for."""

    ids: frozenset[str]
    names: frozenset[str]
    phones: frozenset[str]

    @cached_property
    def name_lengths(self) -> frozenset[int]:
        return frozenset(map(len, self.names))

    @classmethod
    def of(cls, applications: Iterable[dict[str, Any]]) -> Canaries:
        """Everybody named in these applications."""
        members = [member for application in applications for member in application["members"]]
        return cls(
            frozenset(str(one["citizen_id"]) for one in members),
            frozenset(str(one["name"]) for one in members if len(one["name"]) >= SHORTEST_NAME),
            frozenset(str(one["phone"]) for one in members if one.get("phone")),
        )

    def __or__(self, others: Canaries) -> Canaries:
        return Canaries(self.ids | others.ids, self.names | others.names, self.phones | others.phones)

    def find(self, place: bytes) -> Counter[str]:
        """How often each of them stands in these bytes, or in a layer of them."""
        found: Counter[str] = Counter()
        for layer in layers(place):
            found.update(self._in_clear(layer))
        return found

    def _in_clear(self, layer: bytes) -> Iterator[str]:
        for run in _NUMBERS.findall(layer):
            digits = run.decode().upper()
            yield from _windows(digits, _ID_LENGTH, self.ids)
            yield from _windows(digits, _PHONE_LENGTH, self.phones)
        for run in _HAN.findall(layer):
            signs = run.decode("utf-8", "ignore")
            for length in self.name_lengths:
                yield from _windows(signs, length, self.names)


def layers(place: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes themselves, and what they are once an encoding that hides nothing is taken off."""
    yield place
    if depth == DEEPEST:
        return
    for inner in _unpacked(place):
        yield from layers(inner, depth + 1)
    if depth == 0 or _is_text(place):
        for inner in _unwrapped(place):
            yield from layers(inner, depth + 1)


def _is_text(layer: bytes) -> bool:
    """What is neither text nor packed holds no further layer: it was sealed, or cut in the wrong place."""
    try:
        layer.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unwrapped(text: bytes) -> Iterator[bytes]:
    for run in _HEX.findall(text):
        digits = run.decode()
        yield bytes.fromhex(digits[: len(digits) & ~1])
        if len(digits) % 2:
            yield bytes.fromhex(digits[1:])
    for run in _BASE64.findall(text):
        if _NO_BASE64.fullmatch(run):
            continue
        if b"-" in run or b"_" in run:
            run = run.translate(_URLSAFE)
        # What is wrapped may begin anywhere in the run: four ways to cut it into fours.
        for start in range(4):
            yield base64.b64decode(run[start : start + (len(run) - start & ~3)])
    for run in _JSON_ESCAPES.findall(text):
        once = _BACKSLASHES.sub(rb"\\", run)
        yield once.decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    for run in _URL_ESCAPES.findall(text):
        yield unquote_to_bytes(run)


def _unpacked(place: bytes) -> Iterator[bytes]:
    """What was compressed; the mark of it stands at the beginning, behind a short header at most."""
    for start in _PACKED.finditer(place, 0, _HEADER):
        packed = place[start.start() :]
        with suppress(zstandard.ZstdError, zlib.error):
            if packed.startswith(_ZSTD):
                yield zstandard.ZstdDecompressor().decompressobj().decompress(packed)
            else:
                yield zlib.decompressobj(wbits=47).decompress(packed, _LARGEST)


def _windows(run: str, length: int, wanted: frozenset[str]) -> Iterator[str]:
    for start in range(len(run) - length + 1):
        window = run[start : start + length]
        if window in wanted:
            yield window
