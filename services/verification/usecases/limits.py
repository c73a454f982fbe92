"""What a site allows agencies and the timer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """`deadline`: how long agencies are waited for. `overdue_batch`: checks reported in one run of the timer."""

    deadline: timedelta
    overdue_batch: int
