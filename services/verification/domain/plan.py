"""The plan: which agencies are asked about which members, by the region's policy (R-066)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from contracts.vocabulary import Area
from policies.model import Policy
from policies.words import PlanScope
from services.verification.domain.household import Member, Question
from services.verification.domain.rulebook import rulebook_of


def plan(members: Iterable[Member], area: Area, policy: Policy) -> tuple[Question, ...]:
    """One question per agency that has anyone to be asked about, in the order of the vocabulary (R-066)."""
    people = tuple(members)
    groups: dict[PlanScope, tuple[str, ...]] = {}
    questions = []
    for agency, scope in rulebook_of(policy).scopes:
        member_ids = groups.get(scope)
        if member_ids is None:
            member_ids = groups[scope] = tuple(
                member.member_id
                for member in people
                if policy.agencies.asks(
                    agency, area=area, is_adult=member.is_adult, declares_disability=member.disability_grade > 0
                )
            )
        if member_ids:
            questions.append(Question(agency, member_ids))
    return tuple(questions)


def without(questions: Iterable[Question], unconsented: Collection[str]) -> tuple[Question, ...]:
    """What may really be asked: members without live consent are left out, and agencies with nobody left (R-024)."""
    if not unconsented:
        return tuple(questions)
    kept = ((agency, tuple(one for one in members if one not in unconsented)) for agency, members in questions)
    return tuple(Question(agency, members) for agency, members in kept if members)


def count_cells(questions: Iterable[Question]) -> int:
    """Member x agency cells of a plan."""
    return sum(len(question.member_ids) for question in questions)
