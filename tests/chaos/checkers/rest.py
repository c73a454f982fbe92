"""After healing everything drains, nothing is put aside, and the audit trails are whole (INV-09, INV-10)."""

from __future__ import annotations

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Evidence


def check_parked(evidence: Evidence) -> tuple[Violation, ...]:
    """Events that a service could not take."""
    return tuple(
        Violation(Invariant.PARKED, one.key, f"{one.service} parked {one.type}: {one.problem}")
        for one in evidence.parked
    )


def check_rest(evidence: Evidence) -> tuple[Violation, ...]:
    """Events unsent, and whatever else had not ended when the time for it was over."""
    unsent = [
        Violation(Invariant.RESTLESS, one.service, f"{one.records} events were never sent")
        for one in evidence.unsent
        if one.records
    ]
    return (*unsent, *(Violation(Invariant.RESTLESS, "platform", says) for says in evidence.restless))


def check_trails(evidence: Evidence) -> tuple[Violation, ...]:
    """Broken chains, and services whose trail nobody has verified."""
    judged = {one.service for one in evidence.audit}
    return (
        *(Violation(Invariant.TRAIL_BROKEN, one.service, says) for one in evidence.audit for says in one.wrong),
        *(
            Violation(Invariant.TRAIL_BROKEN, service, "its trail was not verified")
            for service in evidence.services
            if service not in judged
        ),
    )
