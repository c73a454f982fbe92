"""What adapters say: what agencies answered, and who kept silent."""

from __future__ import annotations

from typing import ClassVar, Self

from msgspec.structs import replace

from contracts.events.event import Event, Instant, Part
from contracts.findings import Record
from contracts.vocabulary import Agency, Outcome, Reason


class Unanswered(Part, frozen=True, kw_only=True):
    """A member about whom the question ended otherwise than in an answer."""

    member_id: str
    outcome: Outcome
    reason: Reason


class AnswerItem(Part, frozen=True, kw_only=True):
    """One agency's answer about one household."""

    check_id: str
    application_id: str
    as_of: Instant
    """The instant for which the agency says its data hold."""
    leaf_hash: str
    """Hash that ties these findings to the sealed raw answer kept by adapters."""
    answered: tuple[str, ...]
    """Ids of the members about whom it answered, with records or explicitly with none."""
    unanswered: list[Unanswered] = []


class MemberRecords(Part, frozen=True, kw_only=True):
    member_id: str
    records: tuple[Record, ...]


class Findings(Part, frozen=True, kw_only=True):
    """Parallel to `AgencyAnswers.items`: records found, per item and member. Members without a record are left out."""

    items: list[list[MemberRecords]]


class AgencyAnswers(Event, frozen=True, kw_only=True):
    """One call's answers about the households of one partition."""

    name: ClassVar[str] = "agency.answered"
    topic: ClassVar[str] = "adapters.answer"
    carries_many: ClassVar[bool] = True

    agency: Agency
    batch_id: str
    of_partition: int
    items: list[AnswerItem]
    private: Findings

    @property
    def key(self) -> str:
        return self.items[0].application_id if len(self.items) == 1 else f"{self.agency}:{self.of_partition}"

    @property
    def partition(self) -> int | None:
        return self.of_partition

    @property
    def cases(self) -> list[str]:
        return [item.application_id for item in self.items]

    def split(self) -> list[Self]:
        return [
            replace(self, items=[item], private=Findings(items=[found]))
            for item, found in zip(self.items, self.private.items, strict=True)
        ]


class SilentItem(Part, frozen=True, kw_only=True):
    check_id: str
    application_id: str
    reason: Reason


class AgencySilent(Event, frozen=True, kw_only=True):
    """An agency gave no usable answer about these households so far; asking goes on (provisional)."""

    name: ClassVar[str] = "agency.silent"
    topic: ClassVar[str] = "adapters.answer"
    carries_many: ClassVar[bool] = True

    agency: Agency
    of_partition: int
    items: list[SilentItem]

    @property
    def key(self) -> str:
        return self.items[0].application_id if len(self.items) == 1 else f"{self.agency}:{self.of_partition}"

    @property
    def partition(self) -> int | None:
        return self.of_partition

    @property
    def cases(self) -> list[str]:
        return [item.application_id for item in self.items]

    def split(self) -> list[Self]:
        return [replace(self, items=[item]) for item in self.items]


SAYS: tuple[type[Event], ...] = (AgencyAnswers, AgencySilent)
