"""What payments says: rosters locked and lines settled."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts.events.event import Event, Instant


class RosterLocked(Event, frozen=True, kw_only=True):
    """A month's roster of one county was locked with its content hash and two signatures (R-204, R-225)."""

    name: ClassVar[str] = "roster.locked"
    topic: ClassVar[str] = "payments.roster"

    roster_id: str
    office: str
    month: str
    """`2026-12`."""
    lines: int
    total_fen: int
    content_hash: str

    @property
    def key(self) -> str:
        return self.roster_id


class PaymentSettled(Event, frozen=True, kw_only=True):
    """The bank's final word on one payment line."""

    name: ClassVar[str] = "payment.settled"
    topic: ClassVar[str] = "payments.settlement"

    line_id: str
    roster_id: str
    application_id: str
    office: str
    month: str
    amount_fen: int
    outcome: Literal["paid", "returned"]
    reason: str
    attempt: int
    settled_at: Instant

    @property
    def key(self) -> str:
        return self.application_id


SAYS: tuple[type[Event], ...] = (RosterLocked, PaymentSettled)
