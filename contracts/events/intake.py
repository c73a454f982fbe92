"""What intake says: applications and consents."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from contracts.events.event import Event, Part
from contracts.vocabulary import Aid, Area, Employment, ItemKind, Relation


class Member(Part, frozen=True, kw_only=True):
    """A household member without anything that names a person."""

    member_id: str
    person_key: str
    """Keyed hash of the resident id, the same in every application; only intake can make it."""
    relation: Relation
    born_on_year: int
    is_adult: bool
    employment: Employment
    disability_grade: int | None = None
    """Declared grade 1-4, absent where none is declared."""
    seriously_ill: bool = False
    is_student: bool = False
    supplement_groups: tuple[str, ...] = ()
    """Declared groups of R-194: severely_disabled, seriously_ill, elderly, minor, military_family, old_demobilised."""


class Declared(Part, frozen=True, kw_only=True):
    """One declared item of income, spending or property."""

    item_id: str
    member_id: str
    kind: ItemKind
    amount_fen: int
    """Income and spending: for the last twelve months. Property: its value, 0 where only existence is declared."""
    quantity: int = 1


class Person(Part, frozen=True, kw_only=True):
    """Who a member is; travels only inside a sealed part."""

    member_id: str
    name: str
    citizen_id: str


class People(Part, frozen=True, kw_only=True):
    people: list[Person]


class ApplicationSubmitted(Event, frozen=True, kw_only=True):
    """An application was accepted with all consents: its household may be checked (R-007, R-024)."""

    name: ClassVar[str] = "application.submitted"
    topic: ClassVar[str] = "intake.application"

    application_id: str
    office: str
    """Path of the accepting township."""
    region: str
    """Division code under whose policy the case is handled."""
    aid: Aid
    area: Area
    accepted_on: date
    """Local date from which the approval clocks run."""
    members: list[Member]
    declaration: list[Declared]
    consented: list[str]
    """Ids of the members whose live consent (own or guardian's) is on file."""
    private: People

    @property
    def key(self) -> str:
        return self.application_id


class ApplicationWithdrawn(Event, frozen=True, kw_only=True):
    """The household took its application back: nothing more is asked, nothing is decided."""

    name: ClassVar[str] = "application.withdrawn"
    topic: ClassVar[str] = "intake.application"

    application_id: str
    office: str

    @property
    def key(self) -> str:
        return self.application_id


class ConsentWithdrawn(Event, frozen=True, kw_only=True):
    """A member took the consent back: no agency is asked about this member any more (PIPL 15)."""

    name: ClassVar[str] = "consent.withdrawn"
    topic: ClassVar[str] = "intake.application"

    application_id: str
    office: str
    member_id: str

    @property
    def key(self) -> str:
        return self.application_id


SAYS: tuple[type[Event], ...] = (ApplicationSubmitted, ApplicationWithdrawn, ConsentWithdrawn)
