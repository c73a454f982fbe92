"""What verification says: checks opened and reports issued."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from contracts.events.event import Event, Instant, Part
from contracts.events.intake import People
from contracts.vocabulary import Agency, Aid, Area, Conclusion, FlagCode


class Ask(Part, frozen=True, kw_only=True):
    """One cell of the plan: this agency is asked about these members."""

    agency: Agency
    member_ids: tuple[str, ...]


class CheckOpened(Event, frozen=True, kw_only=True):
    """A check began; the plan inside says whom to ask about whom (R-066)."""

    name: ClassVar[str] = "check.opened"
    topic: ClassVar[str] = "verification.check"

    check_id: str
    application_id: str
    office: str
    plan: list[Ask]
    private: People

    @property
    def key(self) -> str:
        return self.application_id


class Coverage(Part, frozen=True, kw_only=True):
    """Member x agency cells of the plan by how they ended."""

    asked: int
    answered: int
    silent: int
    invalid: int


class OpenFlag(Part, frozen=True, kw_only=True):
    flag_id: str
    code: FlagCode


class ReportIssued(Event, frozen=True, kw_only=True):
    """A numbered, hashed version of the report (核对报告) was issued. It informs; people decide."""

    name: ClassVar[str] = "report.issued"
    topic: ClassVar[str] = "verification.report"

    report_id: str
    check_id: str
    application_id: str
    office: str
    region: str
    aid: Aid
    area: Area
    accepted_on: date
    number: str
    version: ClassVar[int] = 1
    report_version: int
    supersedes: str | None
    """Id of the version before, absent in the first."""
    issued_at: Instant
    is_partial: bool
    coverage: Coverage
    open_flags: list[OpenFlag]
    conclusion: Conclusion
    content_hash: str
    """sha256 over the canonical content."""
    policy_pack: str
    member_ids: list[str]
    person_keys: list[str]
    """In the order of member_ids."""
    supplement_groups: dict[str, list[str]]
    """Per member id, the groups of R-194 that the declaration claims; the survey confirms them."""
    income_per_head_month_fen: int
    """Verified per-capita monthly income (Annex 4, formula 1)."""
    household_income_month_fen: int
    income_qualifies: bool
    property_qualifies: bool

    @property
    def key(self) -> str:
        return self.application_id


SAYS: tuple[type[Event], ...] = (CheckOpened, ReportIssued)
