"""How much is done at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    certificate_batch: int
    """Publicities ended in one transaction."""
    draw_most: int
    """Applicants one draw looks at."""
