"""Numbers of social-security-card bank accounts (R-209)."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"[0-9]{16,19}\Z", re.ASCII)


def is_card_number(text: str) -> bool:
    """16 to 19 digits with a right check digit (GB/T 17552, Luhn): one digit or two neighbours mistyped are seen."""
    if not _SHAPE.match(text):
        return False
    total = 0
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
