"""What intake can be asked, within the caller's range. Reading about persons leaves an audit line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.refusal import Absent
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.values import Office
from contracts.vocabulary import ApplicationState
from policies.calendar import WorkCalendar
from policies.model import Packs
from services.intake.domain.application import Application
from services.intake.domain.completeness import Gap, missing, still_open
from services.intake.domain.law import policy_at
from services.intake.domain.submission import withdrawn_refs
from services.intake.store import applications
from services.intake.store.applications import Line

__all__ = ["Due", "Line", "View", "page_of_applications", "read_application", "view"]


@dataclass(frozen=True, slots=True)
class Due:
    """By when the office must have decided, and how that was reckoned (R-118, R-119)."""

    review_on: date
    workdays: int
    is_provisional: bool
    """A year was passed whose calendar is not published yet."""
    calendar_version: str
    rule_pack: str


@dataclass(frozen=True, slots=True)
class View:
    """An application with what is still to be brought and by when the office must decide."""

    application: Application
    missing: tuple[Gap, ...]
    due: Due | None


async def read_application(tx: Transaction, caller: Caller, application_id: str, *, now: datetime) -> View:
    """One application. Its members are shown masked; the reading is audited. Raises Absent."""
    application = await applications.get(tx, application_id)
    if application is None:
        raise Absent
    tx.audit(Act.APPLICATION_READ, subject=application_id, office=application.office)
    return view(tx, application, local_day(now))


async def page_of_applications(
    tx: Transaction, caller: Caller, *, after: str, state: ApplicationState | None, limit: int
) -> Sequence[Line]:
    """The next applications beyond `after` in the caller's range, oldest first, nobody named. At most `limit`."""
    return await applications.page(tx, after=after, state=state, limit=limit)


def view(tx: Transaction, application: Application, today: date) -> View:
    """What its office is told of an application: of the one notice only what is still open (R-008)."""
    policy = policy_at(tx.of(Packs), Office(application.office), today)
    standing = application.standing
    gaps: tuple[Gap, ...] = ()
    due = None
    if standing.state is ApplicationState.INCOMPLETE:
        lacking = missing(application.submission, policy, today)
        gaps = still_open(application.notice, lacking, withdrawn_refs(application.submission))
    elif standing.state is ApplicationState.ACCEPTED and standing.accepted_on is not None:
        limit = policy.deadlines.limit(application.submission.aid)
        end = tx.of(WorkCalendar).add_working_days(standing.accepted_on, limit.workdays)
        due = Due(end.on, limit.workdays, end.is_provisional, end.calendar, application.policy_pack)
    return View(application, gaps, due)
