"""The plan: which agencies are asked about which members, by the region's policy (R-066)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from contracts.vocabulary import Agency, Area
from policies.model import Policy
from services.verification.domain.household import Member, Question
from services.verification.domain.rulebook import Held, held


def plan(members: Iterable[Member], area: Area, policy: Policy) -> tuple[Question, ...]:
    """One question per agency that has anyone to be asked about, in the order of the vocabulary (R-066)."""
    people = tuple(members)
    kinds = tuple([(one.is_adult, one.disability_grade > 0) for one in people])
    # Most agencies are asked about the same few sets of members: each set is made once and shared.
    sets, asked = _asked(held(policy), area, kinds)
    member_ids = [tuple([people[place].member_id for place in places]) for places in sets]
    return tuple([Question(agency, member_ids[number]) for agency, number in asked])


@lru_cache(maxsize=4096)
def _asked(
    of: Held, area: Area, kinds: tuple[tuple[bool, bool], ...]
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[Agency, int], ...]]:
    """The sets of members, by their places, that are asked about, and the number of its set for each agency.

    Households are alike in few ways (adult, declares a disability).
    """
    agencies = of.policy.agencies
    asked = (
        (
            agency,
            tuple(
                place
                for place, (is_adult, is_disabled) in enumerate(kinds)
                if agencies.asks(agency, area=area, is_adult=is_adult, declares_disability=is_disabled)
            ),
        )
        for agency in Agency
    )
    of_agency = {agency: places for agency, places in asked if places}
    sets = tuple(dict.fromkeys(of_agency.values()))
    return sets, tuple((agency, sets.index(places)) for agency, places in of_agency.items())


def without(questions: Iterable[Question], unconsented: Collection[str]) -> tuple[Question, ...]:
    """What may really be asked: members without live consent are left out, and agencies with nobody left (R-024)."""
    if not unconsented:
        return tuple(questions)
    kept = ((agency, tuple(one for one in members if one not in unconsented)) for agency, members in questions)
    return tuple(Question(agency, members) for agency, members in kept if members)


def count_cells(questions: Iterable[Question]) -> int:
    """Member x agency cells of a plan."""
    return sum(len(question.member_ids) for question in questions)
