"""What stands beside each policy value in the model: the requirement that uses it and the bounds it may not leave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Marks a field of a policy part. `least` and `most` bound whole numbers, both included."""

    requirement: str
    """R-nnn of the requirements catalogue, or the article of the national rule that asks for the value."""
    least: int = 0
    most: int | None = None
