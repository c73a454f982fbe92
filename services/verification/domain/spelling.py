"""The one spelling of a report that is hashed, and parts of it that are spelled once and set into every report."""

from __future__ import annotations

from typing import Final

import orjson
from orjson import Fragment

_SPELLING: Final = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_SUBCLASS


def canonical(content: object) -> bytes:
    """Sorted keys, whole numbers, no blanks, UTF-8."""
    return orjson.dumps(content, option=_SPELLING)


def spelled(content: object) -> Fragment:
    """What never changes, spelled as `canonical` would spell it within a report."""
    return Fragment(canonical(content))
