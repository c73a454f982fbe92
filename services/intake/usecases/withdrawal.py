"""Taking back: an application as a whole, or one member's consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.ids import new_event_id
from chassis.refusal import Absent
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.intake import ApplicationWithdrawn, ConsentWithdrawn
from contracts.telemetry import APPLICATIONS
from contracts.vocabulary import ApplicationState
from services.intake.domain.application import Application
from services.intake.store import applications, claims
from services.intake.usecases.refusals import (
    ApplicationClosed,
    ConsentNotGiven,
    MemberUnknown,
)


async def withdraw_application(tx: Transaction, caller: Caller, application_id: str, *, now: datetime) -> Application:
    """The household takes its application back: nothing more is asked or decided, its members may apply again.

    Raises Absent, ApplicationClosed when it was withdrawn before.
    """
    application = await _open(tx, application_id)
    was_said = application.standing.state is ApplicationState.ACCEPTED
    application = replace(application, standing=application.standing.withdraw(now))
    await applications.save(tx, application)
    await claims.release(tx, application)
    tx.audit(Act.APPLICATION_WITHDRAWN, subject=application_id, office=application.office)
    if was_said:
        tx.say(
            ApplicationWithdrawn(
                event_id=new_event_id(), occurred_at=now, application_id=application_id, office=application.office
            )
        )
    count(APPLICATIONS, state=application.standing.state.value)
    return application


async def withdraw_consent(
    tx: Transaction, caller: Caller, application_id: str, member_id: str, *, now: datetime
) -> Application:
    """A member, or the guardian, takes the consent back: no agency is asked about this member any more (PIPL 15).

    It takes effect where agencies are asked, as soon as the event is heard there. An application not yet accepted was
    never said, so nothing is said of it now; it waits for a new consent.
    Raises Absent, ApplicationClosed, MemberUnknown, ConsentNotGiven.
    """
    application = await _open(tx, application_id)
    ref = application.ref_of(member_id)
    if ref is None:
        raise MemberUnknown
    submission = application.submission
    if not any(one.member_ref == ref and one.withdrawn_at is None for one in submission.consents):
        raise ConsentNotGiven
    consents = tuple(replace(one, withdrawn_at=now) if one.member_ref == ref else one for one in submission.consents)
    application = replace(application, submission=replace(submission, consents=consents))
    await applications.save(tx, application)
    tx.audit(Act.CONSENT_WITHDRAWN, subject=application_id, office=application.office, details={"member": member_id})
    if application.standing.state is ApplicationState.ACCEPTED:
        tx.say(
            ConsentWithdrawn(
                event_id=new_event_id(),
                occurred_at=now,
                application_id=application_id,
                office=application.office,
                member_id=member_id,
            )
        )
    return application


async def _open(tx: Transaction, application_id: str) -> Application:
    """The application, locked, if it was not withdrawn."""
    application = await applications.lock(tx, application_id)
    if application is None:
        raise Absent
    if application.standing.state is ApplicationState.WITHDRAWN:
        raise ApplicationClosed
    return application
