"""Which language a reader wants: Chinese unless English is asked for more strongly."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]
_MOST_RANGES = 20


def preferred(accept_language: str) -> Language:
    """Read an Accept-Language header. Whatever cannot be read counts for nothing."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(",")[:_MOST_RANGES]:
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameters))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == "q" and 0.0 <= weight <= 1.0 else 0.0
