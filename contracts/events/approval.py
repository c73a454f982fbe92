"""What approval says: decisions, and certificates once publicity has passed."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from contracts.events.event import Event, Part
from contracts.vocabulary import Aid, Area


class DecisionMade(Event, frozen=True, kw_only=True):
    """The deciding authority approved or refused a case version, or a decision was voided by a later report."""

    name: ClassVar[str] = "decision.made"
    topic: ClassVar[str] = "approval.decision"

    case_id: str
    application_id: str
    office: str
    region: str
    aid: Aid
    case_version: int
    decision: Literal["approved", "refused", "held"]
    """`held`: decided but unpaid when a later report changed flags or conclusion; nothing is paid meanwhile."""
    reason: str
    """Code of the reason."""
    decided_on: date
    report_id: str
    report_version: int
    decision_hash: str
    """sha256 over the canonical decision record; payment lines carry it."""

    @property
    def key(self) -> str:
        return self.application_id


class Beneficiary(Part, frozen=True, kw_only=True):
    """A member for whom the benefit is reckoned."""

    member_id: str
    person_key: str
    supplement_groups: list[str]
    """Groups of R-194 that the survey confirmed."""


class Payee(Part, frozen=True, kw_only=True):
    """Into whose account the money goes; travels only inside a sealed part."""

    member_id: str
    name: str
    citizen_id: str
    account: str


class CertificateIssued(Event, frozen=True, kw_only=True):
    """Publicity of the full legal days passed without objection: level fixed, entitlement begun (R-117)."""

    name: ClassVar[str] = "certificate.issued"
    topic: ClassVar[str] = "approval.decision"

    certificate_id: str
    case_id: str
    application_id: str
    office: str
    region: str
    aid: Aid
    area: Area
    case_version: int
    decision_hash: str
    confirmed_on: date
    """System confirmation: the entitlement runs from here (R-201)."""
    publicity_ended_on: date
    """Money follows from the month after this day (R-199)."""
    household_income_month_fen: int
    members: list[Beneficiary]
    policy_pack: str
    private: Payee

    @property
    def key(self) -> str:
        return self.application_id


SAYS: tuple[type[Event], ...] = (DecisionMade, CertificateIssued)
