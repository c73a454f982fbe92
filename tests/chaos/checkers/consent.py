"""No agency is asked about anybody without a live consent, by the agencies' own ledger (INV-12, INV-13)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Consent, Evidence, Stall

GRACE_S = 1.0
"""By requirement a withdrawal takes hold within a second of being recorded."""


def check_consent(evidence: Evidence) -> tuple[Violation, ...]:
    """Questions about persons who never agreed, or asked later than a second after their withdrawal was recorded.

    What may have been on its way to the agency before, held up there, is not counted.
    """
    signed: dict[tuple[str, int], Consent] = {(one.application_id, one.person_no): one for one in evidence.consents}
    unknown = _unacknowledged(evidence)
    found: dict[tuple[str, int, str], tuple[int, float | None]] = {}
    for question in evidence.asked:
        if question.application_id in unknown:
            continue
        consent = signed.get((question.application_id, question.person_no))
        ended = _ended(consent)
        if consent is not None and consent.given:
            if ended is None or question.at_s <= ended + GRACE_S:
                continue
            if _held_up(ended, question.at_s, evidence.stalls):
                continue
            late: float | None = question.at_s - ended
        else:
            late = None
        name = (question.application_id, question.person_no, question.agency)
        times, longest = found.get(name, (0, late))
        found[name] = (times + 1, late if late is None else max(late, longest or late))
    heard_of = {row.application_id for row in evidence.applications if row.accepted_s is not None}
    return tuple(
        Violation(Invariant.NO_CONSENT, application_id, _says(person_no, agency, times, late))
        for (application_id, person_no, agency), (times, late) in found.items()
    ) + tuple(
        Violation(Invariant.LOST, one.application_id, f"the withdrawal of person {one.person_no} was never recorded")
        for one in evidence.consents
        if one.withdrawn_s is not None and one.recorded_s is None and one.application_id in heard_of
    )


def _unacknowledged(evidence: Evidence) -> set[str]:
    """On file though its client never heard so: nobody can tell which household it is, nor what that signed."""
    told = {one.application_id for one in evidence.consents}
    return {row.application_id for row in evidence.applications} - told


def _ended(consent: Consent | None) -> float | None:
    if consent is None:
        return None
    return consent.withdrawn_s if consent.recorded_s is None else consent.recorded_s


def _held_up(ended_s: float, asked_s: float, stalls: Sequence[Stall]) -> bool:
    """Whether the question may have left before the withdrawal took hold, and waited on a road that stood still."""
    return any(one.begin_s <= ended_s + GRACE_S and asked_s <= one.end_s + GRACE_S for one in stalls)


def _says(person_no: int, agency: str, times: int, late: float | None) -> str:
    when = "who never agreed" if late is None else f"{late:.1f} s after the withdrawal was recorded"
    return f"{agency} was asked {times} times about person {person_no} {when}"
