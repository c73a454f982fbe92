"""What is wrong with something people handed in: every fault at once, each at its place."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One fault, at a place of the body (JSON pointer). Its texts never repeat what was sent."""

    pointer: str
    code: str
    zh: str
    en: str
