"""Stopping: an application taken back, or one member's consent (PIPL 15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.callers import Caller
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.intake import ApplicationWithdrawn, ConsentWithdrawn
from contracts.vocabulary import Outcome, Reason
from services.verification.domain.merge import Reply, merge
from services.verification.domain.report import is_due
from services.verification.store import arrivals, checks
from services.verification.store.codes import bits_of
from services.verification.usecases import issuing
from services.verification.usecases.answering import new_batch


async def stop_checks(tx: Transaction, caller: Caller, facts: Sequence[ApplicationWithdrawn], *, now: datetime) -> None:
    """No report is issued any more for these applications; what was issued stays readable, open flags become moot."""
    met = await checks.lock_applications(tx, {fact.application_id for fact in facts})
    stopped = [check for check in met if check.state != "stopped"]
    if not stopped:
        return
    await checks.stop(tx, [check.check_id for check in stopped])
    for check in stopped:
        tx.audit(Act.CHECK_STOPPED, subject=check.check_id, office=check.office, details={"version": check.version})


async def stop_members(tx: Transaction, caller: Caller, facts: Sequence[ConsentWithdrawn], *, now: datetime) -> None:
    """Nothing more is awaited about these members (R-024). What was answered before stays.

    What was not is shown as withdrawn.
    """
    gone: dict[str, set[str]] = {}
    for fact in facts:
        gone.setdefault(fact.application_id, set()).add(fact.member_id)
    met = [check for check in await checks.lock_applications(tx, gone) if check.state != "stopped"]
    if not met:
        return
    plans = await issuing.plans_of(tx, met)
    earlier = await arrivals.of_checks(tx, [check.check_id for check in met])
    batch = new_batch()
    told = {
        check.check_id: [
            Reply(
                agency,
                None,
                "",
                (),
                tuple(
                    (each, Outcome.SILENT, Reason.CONSENT_WITHDRAWN)
                    for each in members
                    if each in gone[check.application_id]
                ),
                {},
            )
            for agency, members in plans[check.check_id]
        ]
        for check in met
    }
    await arrivals.add(tx, batch, met, told)
    ended = {
        check.check_id: bits_of(merge(plans[check.check_id], [*earlier[check.check_id], *told[check.check_id]]).ended())
        for check in met
    }
    noted = await checks.note(tx, batch, ended)
    await issuing.issue(tx, [check for check in noted if is_due(check.version, all_ended=check.all_ended)], now=now)
