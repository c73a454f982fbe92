"""CATALOGUE: everything said, by speaker. The speaker owns its file."""

from __future__ import annotations

from contracts.events import adapters, intake, verification
from contracts.events.event import Event

CATALOGUE: dict[str, tuple[type[Event], ...]] = {
    "intake": intake.SAYS,
    "verification": verification.SAYS,
    "adapters": adapters.SAYS,
}
