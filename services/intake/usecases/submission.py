"""Taking applications: each is accepted, kept incomplete with one complete list, or refused for a named reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.refusal import FieldError, Refusal
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts.telemetry import APPLICATIONS
from contracts.values import Office
from policies.model import Packs
from services.intake.domain.application import (
    RECEIVED,
    Application,
    belongs_to,
    may_take,
    member_id_of,
    number_of,
)
from services.intake.domain.completeness import missing
from services.intake.domain.household import PersonKeys
from services.intake.domain.law import NoPolicy, policy_at
from services.intake.domain.submission import Submission, contradictions
from services.intake.store import applications, claims
from services.intake.usecases.announcement import tell
from services.intake.usecases.refusals import (
    Contradictory,
    DuplicateApplication,
    ForeignHousehold,
    OutsideJurisdiction,
    ReferenceUsed,
    RegionWithoutPolicy,
)

Verdict = Application | Refusal


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission and the office it is handed in at: the caller's own where none is named."""

    submission: Submission
    office: str | None = None


async def submit_applications(
    tx: Transaction, caller: Caller, entries: Sequence[Entry], *, now: datetime
) -> list[Verdict]:
    """Examine each application on its own and keep what may be kept; the verdicts in the order of the entries.

    A complete application is accepted at once and said with its consents (R-007, R-024); an incomplete one is kept and
    told everything missing (R-008); no other is turned away without a reason of its own (R-002). The number of
    statements does not depend on the number of applications.
    """
    window, today = _window(caller), local_day(now)
    verdicts: list[Verdict] = [_examine(tx, caller, window, entry, now, today) for entry in entries]
    keys = tx.of(PersonKeys)
    person_keys = {
        one.application_id: keys.of_each(one.submission.members) for one in verdicts if isinstance(one, Application)
    }
    await _refuse_duplicates(tx, verdicts, person_keys)
    await _keep(tx, verdicts)
    for verdict in verdicts:
        if isinstance(verdict, Application):
            tell(tx, verdict, person_keys[verdict.application_id], now)
    for state, number in Counter(one.standing.state for one in verdicts if isinstance(one, Application)).items():
        count(APPLICATIONS, number, state=state.value)
    return verdicts


def _window(caller: Caller) -> Office | None:
    """The caller's own office; none for a village, which lies beneath every window."""
    try:
        return Office(caller.org)
    except ValueError:
        return None


def _examine(
    tx: Transaction, caller: Caller, window: Office | None, entry: Entry, now: datetime, today: date
) -> Verdict:
    if window is None:
        return OutsideJurisdiction()
    submission, office = entry.submission, Office(entry.office) if entry.office else window
    if not may_take(window, office):
        return OutsideJurisdiction()
    if not belongs_to(office, submission.region):
        return ForeignHousehold()
    try:
        policy = policy_at(tx.of(Packs), office, today)
    except NoPolicy:
        return RegionWithoutPolicy()
    if faults := contradictions(submission, policy, today):
        return Contradictory(faults)
    gaps = missing(submission, policy, today)
    application_id = new_id("app")
    return Application(
        application_id=application_id,
        number=number_of(office, today, application_id),
        office=office.path,
        region=policy.region,
        client=caller.client,
        received_at=now,
        submission=submission,
        standing=RECEIVED if gaps else RECEIVED.accept(now, today),
        notice=gaps,
        policy_pack=policy.pack_id,
    )


async def _refuse_duplicates(
    tx: Transaction, verdicts: list[Verdict], person_keys: Mapping[str, Sequence[bytes]]
) -> None:
    """Claim every person of every application; an application that does not get all of its own is refused."""
    wanted = {
        place: [
            claims.Claim(
                member_id_of(one.application_id, index),
                one.application_id,
                one.office,
                one.submission.aid.value,
                person_key,
            )
            for index, person_key in enumerate(person_keys[one.application_id])
        ]
        for place, one in enumerate(verdicts)
        if isinstance(one, Application)
    }
    got = await claims.claim(tx, [claim for ours in wanted.values() for claim in ours])
    refused = {place: ours for place, ours in wanted.items() if any(claim.member_id not in got for claim in ours)}
    if not refused:
        return
    await claims.drop(tx, [claim.member_id for ours in refused.values() for claim in ours])
    taken = [claim for ours in refused.values() for claim in ours if claim.member_id not in got]
    held = await claims.holders(tx, [claim.person_key for claim in taken])
    for place, ours in refused.items():
        others = [held.get((claim.person_key, claim.aid)) for claim in ours if claim.member_id not in got]
        errors = [_taken(index) for index, claim in enumerate(ours) if claim.member_id not in got]
        verdicts[place] = DuplicateApplication(next((one for one in others if one), None), errors)


def _taken(index: int) -> FieldError:
    return FieldError(
        f"/members/{index}",
        "in_open_application",
        "该成员已在办理中的申请里。",
        "This member is in an open application.",
    )


async def _keep(tx: Transaction, verdicts: list[Verdict]) -> None:
    """Store what is left; an application under a reference its sender has used before is refused."""
    offered = {place: one for place, one in enumerate(verdicts) if isinstance(one, Application)}
    kept = await applications.add(tx, list(offered.values()))
    refused = {place: one for place, one in offered.items() if one.application_id not in kept}
    if not refused:
        return
    await claims.drop(tx, [member_id for one in refused.values() for member_id in claims.ids_of(one)])
    earlier = await applications.by_reference(tx, list(refused.values()))
    for place, one in refused.items():
        verdicts[place] = ReferenceUsed(earlier.get(one.application_id))
