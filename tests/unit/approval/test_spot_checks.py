"""The county's draw: at least half, rounded up; doubtful and related cases always; the same again for anybody."""

from __future__ import annotations

import hashlib
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.approval.domain.spot_checks import Candidate, Found, Look, Result, draw, result_faults, seed_of
from services.approval.domain.words import Why

SEED = seed_of(b"\1" * 32, "cn/2307/230799/230799001/")


def population(plain: int, doubtful: int = 0, related: int = 0) -> list[Candidate]:
    kinds = [(False, False)] * plain + [(True, False)] * doubtful + [(False, True)] * related
    return [Candidate(f"case_{place:03d}", *kind) for place, kind in enumerate(kinds)]


@pytest.mark.policy("R-138")
@pytest.mark.parametrize(("applicants", "drawn"), [(0, 0), (1, 1), (2, 1), (3, 2), (99, 50), (100, 50), (101, 51)])
def test_half_is_rounded_up(applicants: int, drawn: int) -> None:
    assert len(draw(population(applicants), 50, SEED)) == drawn


def test_doubtful_and_related_cases_are_always_in_and_count_towards_the_share() -> None:
    drawn = draw(population(10, doubtful=2, related=1), 50, SEED)
    assert len(drawn) == 7
    why = [one.why for one in drawn]
    assert (why.count(Why.DOUBTFUL), why.count(Why.NEAR_RELATIVE), why.count(Why.DRAWN)) == (2, 1, 4)
    beyond = draw(population(1, doubtful=9), 50, SEED)
    assert [one.why for one in beyond] == [Why.DOUBTFUL] * 9


@pytest.mark.policy("R-138")
@given(
    st.integers(0, 60), st.integers(0, 20), st.integers(0, 20), st.integers(1, 100), st.binary(min_size=32, max_size=32)
)
def test_anybody_draws_the_same_again(plain: int, doubtful: int, related: int, percent: int, head: bytes) -> None:
    """A second drawing, written from the published description alone."""
    people = population(plain, doubtful, related)
    office = "cn/2307/230799/230799001/"
    seed = hashlib.sha256(b"hedui spot check v1\n" + head + office.encode()).digest()
    bound = {one.case_id for one in people if one.is_doubtful or one.is_near_relative}
    others = sorted(
        {one.case_id for one in people} - bound, key=lambda each: hashlib.sha256(seed + each.encode()).digest()
    )
    wanted = -(-len(people) * percent // 100)
    expected = bound | set(others[: max(0, wanted - len(bound))])
    shuffled = random.Random(plain).sample(people, len(people))
    drawn = draw(shuffled, percent, seed_of(head, office))
    assert {one.case_id for one in drawn} == expected
    assert len(drawn) >= wanted
    assert draw(people, percent, seed_of(head, office)) == drawn


def test_another_seed_draws_another_sample() -> None:
    people = population(100)
    other = seed_of(b"\2" * 32, "cn/2307/230799/230799001/")
    assert draw(people, 50, SEED) != draw(people, 50, other)
    assert seed_of(b"\1" * 32, "cn/2307/230799/230799002/") != SEED


@pytest.mark.parametrize(
    ("found", "rectify_by", "code"),
    [
        (Found.IN_ORDER, None, None),
        (Found.IN_ORDER, date(2026, 9, 30), "rectify_by_unfit"),
        (Found.PROBLEM, None, "rectify_by_unfit"),
        (Found.PROBLEM, date(2026, 9, 15), "in_past"),
        (Found.PROBLEM, date(2026, 9, 16), None),
    ],
)
def test_a_problem_has_a_day_by_which_it_is_put_right(found: Found, rectify_by: date | None, code: str | None) -> None:
    result = Result(look=Look.FILE, found=found, rectify_by=rectify_by)
    assert [fault.code for fault in result_faults(result, date(2026, 9, 16))] == ([code] if code else [])
