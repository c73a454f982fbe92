"""The search for canaries finds what is planted, however it is wrapped, and nothing else."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
import zlib
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

import pytest
import zstandard

from tests.journeys.canaries import Canaries

ID, NAME, PHONE = "99000119800101123X", "欧阳秀英", "19912345678"
LINE = f'{{"member":"{NAME}","id":"{ID}","tel":"{PHONE}"}}'
CANARIES = Canaries(frozenset({ID}), frozenset({NAME}), frozenset({PHONE}))
WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "clear": bytes,
    "hexadecimal": lambda clear: b"(7,\\x" + clear.hex().encode() + b")",
    "Base64": base64.b64encode,
    "URL-safe Base64": base64.urlsafe_b64encode,
    "Base64 from the second byte on": lambda clear: base64.b64encode(b"x" + clear),
    "Base64 from the third byte on": lambda clear: base64.b64encode(b"xy" + clear),
    "JSON escapes": lambda clear: json.dumps(clear.decode()).encode(),
    "JSON escapes quoted again": lambda clear: json.dumps(json.dumps(clear.decode())).encode(),
    "URL escapes": lambda clear: quote(clear.decode()).encode(),
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "Zstandard": lambda clear: zstandard.ZstdCompressor().compress(clear),
    "Zstandard in hexadecimal": lambda clear: zstandard.ZstdCompressor().compress(clear).hex().encode(),
    "zlib in Base64 in JSON": lambda clear: json.dumps({"a": base64.b64encode(zlib.compress(clear)).decode()}).encode(),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_whatever_is_planted_is_found(wrapping: str) -> None:
    noise = secrets.token_bytes(50)
    place = noise + b"\n" + WRAPPINGS[wrapping](LINE.encode()) + b"\n" + noise
    assert CANARIES.find(place).keys() == {ID, NAME, PHONE}


def test_a_canary_inside_a_longer_run_is_found() -> None:
    place = f"00{ID}|8619912345678000|男欧阳秀英女".encode()
    assert CANARIES.find(place) == Counter({ID: 1, NAME: 1, PHONE: 1})


def test_a_small_letter_at_the_end_of_an_id_hides_nothing() -> None:
    assert CANARIES.find(ID.lower().encode()) == Counter({ID: 1})


def test_what_is_not_there_is_not_found() -> None:
    others = f"{ID[:-1]}1 {PHONE[:-1]}9 {NAME[:-1]}花".encode()
    assert not CANARIES.find(others + secrets.token_bytes(200_000))


def test_short_names_are_left_out_because_they_are_words() -> None:
    members = [{"name": "高兴", "citizen_id": ID}, {"name": NAME, "citizen_id": ID, "phone": PHONE}]
    assert Canaries.of([{"members": members}]) == CANARIES
