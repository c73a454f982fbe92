"""Believable households and answers, with keyword changes. Names and numbers under region prefix 99 only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from contracts.findings import Record
from contracts.values import CitizenId, PersonName, check_sign
from contracts.vocabulary import Agency, Aid, Area, Employment, ItemKind, Outcome, Reason, Relation
from policies.load import load_packs
from policies.lookup import policy_for
from policies.model import Policy
from services.verification.domain.flags import Case, Flag, raise_flags
from services.verification.domain.household import Declared, Household, Member, Question
from services.verification.domain.merge import Found, Reply, merge
from services.verification.domain.plan import plan
from services.verification.domain.report import Edition, Person

CHECK = "chk_0193aa00000070008000abcdef123456"
ACCEPTED = date(2026, 9, 15)
AS_OF = datetime(2026, 9, 16, 1, 0, tzinfo=UTC)
ISSUED = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@cache
def a_policy(region: str = "230799") -> Policy:
    return policy_for(load_packs(Path(__file__).parents[3] / "policies"), region, ACCEPTED)


def a_member(
    member_id: str = "m1",
    relation: Relation = Relation.APPLICANT,
    *,
    is_adult: bool = True,
    employment: Employment = Employment.FARMING,
    disability_grade: int = 0,
) -> Member:
    return Member(
        member_id=member_id,
        person_key=f"key-{member_id}",
        relation=relation,
        born_on_year=1980 if is_adult else 2015,
        is_adult=is_adult,
        employment=employment,
        disability_grade=disability_grade,
        seriously_ill=False,
        is_student=False,
        supplement_groups=(),
    )


def declared(kind: ItemKind, amount_fen: int = 0, member_id: str = "m1", quantity: int = 1) -> Declared:
    return Declared(f"i-{member_id}-{kind}", member_id, kind, amount_fen, quantity)


def a_household(
    *declaration: Declared,
    members: Iterable[Member] | None = None,
    area: Area = Area.RURAL,
    aid: Aid = Aid.DIBAO,
    accepted_on: date = ACCEPTED,
) -> Household:
    return Household(
        application_id="app_0193aa00000070008000000000000001",
        office="cn/23/2307/230799/230799001/",
        region="230799",
        aid=aid,
        area=area,
        accepted_on=accepted_on,
        members=tuple(members) if members is not None else (a_member(),),
        declaration=declaration,
    )


def a_couple_with_a_child() -> tuple[Member, ...]:
    return (
        a_member("m1", Relation.APPLICANT),
        a_member("m2", Relation.SPOUSE),
        a_member("m3", Relation.CHILD, is_adult=False, employment=Employment.MINOR),
    )


def people_of(household: Household) -> dict[str, Person]:
    people = {}
    for at, member in enumerate(household.members):
        first = f"990101{member.born_on_year}0101{at:03d}"
        people[member.member_id] = Person(PersonName(f"测试{at}"), CitizenId.parse(first + check_sign(first)))
    return people


def a_reply(
    question: Question,
    records: Mapping[str, tuple[Record, ...]] | None = None,
    *,
    outcome: Outcome = Outcome.ANSWERED,
    reason: Reason = Reason.NONE,
    as_of: datetime | None = AS_OF,
) -> Reply:
    is_silent, is_answer = outcome is Outcome.SILENT, outcome is Outcome.ANSWERED
    return Reply(
        agency=question.agency,
        as_of=None if is_silent else as_of,
        leaf_hash="" if is_silent else f"leaf-{question.agency}",
        answered=question.member_ids if is_answer else (),
        others=() if is_answer else tuple((member_id, outcome, reason) for member_id in question.member_ids),
        records=records or {},
    )


def found_in(
    household: Household,
    records: Mapping[str, Mapping[str, tuple[Record, ...]]] | None = None,
    *,
    silent: Iterable[Agency] = (),
    policy: Policy | None = None,
) -> Found:
    """All agencies of the plan answered, but the silent ones; `records` by agency code and member."""
    questions = plan(household.members, household.area, policy or a_policy())
    quiet = set(silent)
    return merge(
        questions,
        [
            a_reply(question, outcome=Outcome.SILENT, reason=Reason.ERROR)
            if question.agency in quiet
            else a_reply(question, (records or {}).get(question.agency.value))
            for question in questions
        ],
    )


def flags_of(household: Household, **records: Mapping[str, tuple[Record, ...]]) -> tuple[Flag, ...]:
    """The flags raised when every agency answered; `records` by agency code and member."""
    return raise_flags(Case(CHECK, household, a_policy(), found_in(household, records)))


def codes_of(household: Household, **records: Mapping[str, tuple[Record, ...]]) -> list[tuple[str, str | None]]:
    return [(str(flag.code), flag.member_id) for flag in flags_of(household, **records)]


def an_edition(version: int = 1) -> Edition:
    return Edition(f"rep-{version}", version, None if version == 1 else f"rep-{version - 1}", ISSUED, date(2026, 9, 16))
