"""When and with whom a question is asked again: patience towards agencies, in the case's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often an agency is asked again. Seconds and days of business time."""

    first_s: float = 1.0
    most_s: float = 300.0
    days: int = 30
    """Asking goes on for this long after the check was opened; the report does not wait for it."""
    unconnected_s: float = 86_400.0
    """Until an agency without a connection is looked at again; the site has to change first."""
    invalid_tries: int = 3
    """An unusable answer about a person is asked for again until it came this often."""

    def next_at(self, attempts: int, now: datetime, spread: float) -> datetime:
        """When to ask again after `attempts` failures; `spread` (0 to 1) keeps the askers from coming all at once."""
        doubled_s = min(self.first_s * 2.0 ** min(attempts - 1, 30), self.most_s)
        return now + timedelta(seconds=doubled_s * (0.5 + spread / 2))

    def is_over(self, opened_at: datetime, now: datetime) -> bool:
        return now >= opened_at + timedelta(days=self.days)


def smaller(size: int) -> int:
    """How many households to ask about after a call about `size` failed: half, to find the one that breaks it."""
    return max((size + 1) // 2, 1)


def larger(size: int, limit: int) -> int:
    """How many after a call that went well."""
    return min(max(size, 1) * 2, limit)
