"""Work in somebody's hands: for how long, and how many hands are free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Lease:
    """How long a claim holds, in real time. After it another worker may take the work over."""

    until: datetime

    @classmethod
    def of(cls, seconds: float) -> Lease:
        """From now on."""
        return cls(datetime.now(UTC) + timedelta(seconds=seconds))


@dataclass(frozen=True)
class Hands:
    """How many calls of a queue this process could begin at once, and the lease under which they would be made."""

    free: int
    lease: Lease


NO_HANDS = Hands(0, Lease(datetime.min.replace(tzinfo=UTC)))
"""Of a process that works nothing off."""
