"""Who lives together: believable sizes, relations, ages and genders; 2.45 persons a household, one to seven."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from contracts.findings import Record
from contracts.vocabulary import Agency, Aid, Area, Employment, FlagCode, Gender, ItemKind, Relation
from simulator.draws import Draws, Weighted
from simulator.identity import SLOTS, citizen_id
from simulator.names import full_name, surname

REFERENCE_DAY = date(2026, 6, 30)
"""The day on which ages are reckoned. Ages 16 to 18 do not occur: a year's move of the clock makes nobody of age."""
ADULT_AGE = 18
ELDER_AGE = 60


@dataclass(slots=True)
class Person:
    """One member and what every agency knows about this member."""

    index: int
    person_no: int
    relation: Relation
    name: str
    gender: Gender
    age: int
    born_on: date
    citizen_id: str
    employment: Employment = Employment.UNABLE
    disability_grade: int | None = None
    seriously_ill: bool = False
    is_student: bool = False
    supplement_groups: list[str] = field(default_factory=list)
    facts: dict[Agency, list[Record]] = field(default_factory=dict)

    @property
    def is_adult(self) -> bool:
        return self.age >= ADULT_AGE

    @property
    def is_elder(self) -> bool:
        return self.age >= ELDER_AGE


@dataclass(slots=True)
class Item:
    """One line of the declaration."""

    member: int
    kind: ItemKind
    amount_fen: int
    quantity: int = 1


@dataclass(slots=True)
class Planted:
    """A suspicious item that this household deserves; `member` carries the record."""

    code: FlagCode
    member: int


@dataclass(slots=True)
class Household:
    number: int
    area: Area
    aid: Aid
    members: list[Person]
    items: list[Item] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    consent_missing: list[int] = field(default_factory=list)
    """Members who have not signed; only sandbox households have any."""

    @property
    def adults(self) -> list[Person]:
        return [member for member in self.members if member.is_adult]

    def declare(self, member: Person, kind: ItemKind, amount_fen: int) -> None:
        self.items.append(Item(member.index, kind, amount_fen))

    def declared_fen(self, member: Person, *kinds: ItemKind) -> int:
        return sum(item.amount_fen for item in self.items if item.member == member.index and item.kind in kinds)


# A: applicant of working age. E: applicant of 62 or more. S: spouse. c: minor child. g: grown child. P, p: parents.
# b: sibling. k: grandchild.
_SHAPES: Weighted[Weighted[str]] = Weighted(
    [
        (Weighted([("E", 0.6), ("A", 0.4)]), 0.27),
        (Weighted([("ES", 0.38), ("AS", 0.2), ("Ac", 0.22), ("AP", 0.1), ("Ag", 0.06), ("Ek", 0.04)]), 0.33),
        (Weighted([("ASc", 0.5), ("Acc", 0.12), ("ASg", 0.13), ("ASP", 0.12), ("APp", 0.08), ("Acb", 0.05)]), 0.20),
        (Weighted([("AScc", 0.5), ("AScP", 0.25), ("AScg", 0.15), ("ESgk", 0.1)]), 0.11),
        (Weighted([("ASccP", 0.5), ("AScPp", 0.4), ("ASccc", 0.1)]), 0.055),
        (Weighted([("ASccPp", 0.9), ("AScccP", 0.1)]), 0.02),
        (Weighted([("ASccPpb", 0.6), ("AScccPp", 0.4)]), 0.01),
    ]
)
_RELATIONS = {
    "A": Relation.APPLICANT,
    "E": Relation.APPLICANT,
    "S": Relation.SPOUSE,
    "c": Relation.CHILD,
    "g": Relation.CHILD,
    "P": Relation.PARENT,
    "p": Relation.PARENT,
    "b": Relation.SIBLING,
    "k": Relation.GRANDCHILD,
}


def new_shape(draws: Draws) -> str:
    """Letters for the members of a household, the applicant first."""
    return draws.weighted(draws.weighted(_SHAPES))


def new_members(draws: Draws, household_no: int, shape: str) -> list[Person]:
    """Members of the given shape with name, age and id; what they do and own comes later."""
    ages = _ages(draws, shape)
    genders = _genders(draws, shape)
    family = surname(draws)
    next_slot = {Gender.FEMALE: 0, Gender.MALE: 1}
    members = []
    for index, letter in enumerate(shape):
        gender = genders[index]
        slot = next_slot[gender]
        next_slot[gender] += 2
        number = household_no * SLOTS + slot
        born_on = date(REFERENCE_DAY.year - ages[index], draws.between(1, 6), draws.between(1, 28))
        own_family = surname(draws) if letter == "S" or (letter == "p") else family
        members.append(
            Person(
                index=index,
                person_no=number,
                relation=_RELATIONS[letter],
                name=full_name(draws, own_family, gender),
                gender=gender,
                age=ages[index],
                born_on=born_on,
                citizen_id=citizen_id(number, born_on),
            )
        )
    return members


def _ages(draws: Draws, shape: str) -> list[int]:
    child_ages = [
        draws.between(1, 15) if letter in "ck" else draws.between(19, 24) for letter in shape if letter in "cgk"
    ]
    eldest_child = max(child_ages, default=0)
    if shape[0] == "E":
        applicant = draws.between(62, 86)
    elif child_ages:
        applicant = min(eldest_child + draws.between(22, 34), 58)
    else:
        applicant = draws.between(30, 58)
    ages = []
    left = iter(child_ages)
    for letter in shape:
        if letter in "AE":
            ages.append(applicant)
        elif letter == "S":
            ages.append(applicant + draws.between(-3, 4))
        elif letter in "Pp":
            ages.append(min(applicant + draws.between(21, 30), 94))
        elif letter == "b":
            ages.append(max(applicant + draws.between(-8, 8), 20))
        else:
            ages.append(next(left))
    return ages


def _genders(draws: Draws, shape: str) -> list[Gender]:
    """Couples are of two genders; never more than four of one gender, since a household has four slots for each."""
    drawn: dict[int, Gender] = {}
    for index in sorted(range(len(shape)), key=lambda at: "AESPp".find(shape[at]) % 9):
        letter = shape[index]
        partner = drawn[index - 1] if letter in "Sp" else None
        gender = _other(partner or (Gender.MALE if draws.chance(0.5) else Gender.FEMALE))
        if list(drawn.values()).count(gender) == SLOTS // 2:
            gender = _other(gender)
        drawn[index] = gender
    return [drawn[index] for index in range(len(shape))]


def _other(gender: Gender) -> Gender:
    return Gender.FEMALE if gender is Gender.MALE else Gender.MALE
