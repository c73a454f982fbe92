"""The household: who lives together under a duty of support, and how each stands to the applicant (R-021, R-027)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.values import CitizenId, PersonName, PhoneNumber
from contracts.vocabulary import Employment, Relation
from policies.eligibility import Household
from policies.words import SupplementGroup
from services.intake.domain import faults
from services.intake.domain.faults import Fault

MAX_MEMBERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of the household. `ref` is the sender's word for the member, unique within the application."""

    ref: str
    name: PersonName
    citizen_id: CitizenId
    relation: Relation
    employment: Employment
    disability_grade: int | None = None
    """Declared grade 1-4, absent where none is declared."""
    seriously_ill: bool = False
    is_student: bool = False
    under_guardianship: bool = False
    """An adult without full legal capacity, for whom a guardian signs."""
    supplement_groups: tuple[SupplementGroup, ...] = ()
    phone: PhoneNumber | None = None

    def is_adult(self, on: date, rule: Household) -> bool:
        """Adult from the birthday on that the region's rule names (R-024)."""
        return age(self.citizen_id.born_on, on) >= rule.adult_age

    def signs_alone(self, on: date, rule: Household) -> bool:
        """Whether the member's own signature binds on that day."""
        return not self.under_guardianship and self.is_adult(on, rule)


def age(born_on: date, on: date) -> int:
    """Full years; who was born on 29 February is a year older on 1 March of a common year."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def faults_of(members: Sequence[Member], applicant: str, head: str, rule: Household, today: date) -> list[Fault]:
    """Every contradiction among the members.

    Exactly one member stands in the relation `applicant` and is the one named; one spouse at most; nobody is listed
    twice; every relation is one that carries a duty of support in this region. Policy: R-001, R-021.
    """
    found: list[Fault] = []
    refs: set[str] = set()
    persons: set[CitizenId] = set()
    spouses = 0
    for index, member in enumerate(members):
        if member.ref in refs:
            found.append(faults.ref_doubled(index))
        if member.citizen_id in persons:
            found.append(faults.person_doubled(index))
        if member.citizen_id.born_on > today:
            found.append(faults.born_later(index))
        if (member.relation is Relation.APPLICANT) != (member.ref == applicant):
            found.append(faults.applicant_relation(index))
        if member.relation not in rule.relations:
            found.append(faults.relation_without_duty(index))
        spouses += member.relation is Relation.SPOUSE
        if spouses > 1 and member.relation is Relation.SPOUSE:
            found.append(faults.spouse_doubled(index))
        refs.add(member.ref)
        persons.add(member.citizen_id)
    if applicant not in refs:
        found.append(faults.applicant_unknown())
    if head not in refs:
        found.append(faults.head_unknown())
    return found


class PersonKeys:
    """Makes the one name under which all services know a person without knowing who it is.

    A keyed hash of the resident id; the key is held by intake alone, so nobody else can try ids until one fits.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the person key needs 32 bytes")
        self._key = key

    def of(self, citizen_id: CitizenId) -> bytes:
        return hmac.digest(self._key, citizen_id.reveal().encode(), hashlib.sha256)

    def of_each(self, members: Sequence[Member]) -> list[bytes]:
        """The names of members, in their order."""
        return [self.of(one.citizen_id) for one in members]
