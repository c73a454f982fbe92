"""CATALOGUE: everything said, by speaker. The speaker owns its file."""

from __future__ import annotations

from contracts.events import adapters, approval, intake, payments, verification
from contracts.events.event import Event

CATALOGUE: dict[str, tuple[type[Event], ...]] = {
    "intake": intake.SAYS,
    "verification": verification.SAYS,
    "adapters": adapters.SAYS,
    "approval": approval.SAYS,
    "payments": payments.SAYS,
}

EXTERNAL: frozenset[type[Event]] = frozenset({payments.RosterLocked})
"""Said for listeners that are not ours or not built yet; everything else that is said, one of the services hears."""
