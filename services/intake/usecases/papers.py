"""Taking papers for an application on file: they fill the gaps of its one notice, and the last one has it accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.refusal import Absent
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.values import Office
from contracts.vocabulary import ApplicationState
from policies.model import Packs
from services.intake.domain.application import Application
from services.intake.domain.completeness import completed, missing, still_open
from services.intake.domain.law import policy_at
from services.intake.domain.submission import Handed, contradictions_in, withdrawn_refs
from services.intake.store import applications
from services.intake.usecases.announcement import announce
from services.intake.usecases.refusals import (
    AlreadyComplete,
    ApplicationClosed,
    Contradictory,
    TooManyMaterials,
)

MATERIALS_MAX = 200
"""Papers one application may hold in all."""


async def add_papers(
    tx: Transaction, caller: Caller, application_id: str, handed: Handed, *, now: datetime
) -> Application:
    """Put papers on file. When nothing of the one notice is left to bring, the application is accepted (R-007, R-008).

    Raises Absent, ApplicationClosed, AlreadyComplete, Contradictory, TooManyMaterials.
    """
    application = await applications.lock(tx, application_id)
    if application is None:
        raise Absent
    submission, state, today = application.submission, application.standing.state, local_day(now)
    if state is ApplicationState.WITHDRAWN:
        raise ApplicationClosed
    if state is ApplicationState.ACCEPTED and handed.states_something:
        raise AlreadyComplete
    if faults := contradictions_in(handed, {member.ref for member in submission.members}, today):
        raise Contradictory(faults)
    if len(submission.materials) + len(handed.materials) > MATERIALS_MAX:
        raise TooManyMaterials
    policy = policy_at(tx.of(Packs), Office(application.office), today)
    application = replace(application, submission=completed(submission, handed, policy))
    lacking = missing(application.submission, policy, today)
    is_complete = not still_open(application.notice, lacking, withdrawn_refs(application.submission))
    tx.audit(
        Act.MATERIAL_ADDED,
        subject=application_id,
        office=application.office,
        details={"materials": len(handed.materials), "consents": len(handed.consents)},
    )
    if state is ApplicationState.INCOMPLETE and is_complete:
        application = replace(application, standing=application.standing.accept(now, today))
        announce(tx, application, now)
    await applications.save(tx, application)
    return application
