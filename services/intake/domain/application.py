"""The application: where it belongs, where it stands, and how it moves (R-001, R-007, R-008, R-029)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from contracts.values import Office
from contracts.vocabulary import ApplicationState
from services.intake.domain.completeness import Gap
from services.intake.domain.submission import Submission

COUNTY_DIGITS = 6
"""Shortest code of an office that takes applications: a county's window; townships have nine digits (R-001, R-009)."""


class IllegalMove(Exception):
    """An application cannot go from where it stands to where it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an application stands. From the instant of acceptance every clock of the approval runs (R-007)."""

    state: ApplicationState
    accepted_at: datetime | None = None
    accepted_on: date | None = None
    withdrawn_at: datetime | None = None

    def accept(self, at: datetime, on: date) -> Standing:
        if self.state is not ApplicationState.INCOMPLETE:
            raise IllegalMove(self.state)
        return Standing(state=ApplicationState.ACCEPTED, accepted_at=at, accepted_on=on)

    def withdraw(self, at: datetime) -> Standing:
        if self.state is ApplicationState.WITHDRAWN:
            raise IllegalMove(self.state)
        return replace(self, state=ApplicationState.WITHDRAWN, withdrawn_at=at)


RECEIVED = Standing(state=ApplicationState.INCOMPLETE)
"""How every application begins, until its completeness is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A household's case file at intake (R-029)."""

    application_id: str
    number: str
    """What people call it; the id never reads aloud."""
    office: str
    """Path of the office that took it."""
    region: str
    """Code of the region under whose policy it is handled."""
    client: str
    """The system or person that handed it in."""
    received_at: datetime
    submission: Submission
    standing: Standing = RECEIVED
    notice: tuple[Gap, ...] = ()
    """Everything missing when it was handed in: told once, never changed (R-008)."""
    policy_pack: str = ""
    """The pack under which it was examined."""

    def member_id(self, ref: str) -> str:
        """The opaque id of the member with this ref; KeyError where there is none."""
        for position, member in enumerate(self.submission.members):
            if member.ref == ref:
                return member_id_of(self.application_id, position)
        raise KeyError("ref")

    def ref_of(self, member_id: str) -> str | None:
        """The ref of the member with this id, or None."""
        for position, member in enumerate(self.submission.members):
            if member_id_of(self.application_id, position) == member_id:
                return member.ref
        return None


def member_id_of(application_id: str, position: int) -> str:
    """Members are named after their application and their place in it: `mem_<application>_<place>`."""
    return f"mem_{application_id.removeprefix('app_')}_{position:02d}"


def number_of(office: Office, on: date, application_id: str) -> str:
    """The human number: office, day of receipt, eight signs of the id."""
    return f"SQ-{office.code}-{on.isoformat().replace('-', '')}-{application_id[-8:].upper()}"


def may_take(caller: Office, office: Office) -> bool:
    """Whether a caller may hand in for this office: its own or one below it, from the county down (R-001)."""
    return caller.covers(office) and len(office.code) >= COUNTY_DIGITS


def belongs_to(office: Office, region: str) -> bool:
    """Whether a household registered in `region` applies at this office: its own or its county's (R-001)."""
    return len(region) >= COUNTY_DIGITS and region in office.path.split("/")
