"""Merging: whatever the order, repetition and grouping of arrivals, one picture and one hash of the report (INV-07)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.findings import Deposit, MotorVehicle, Record, TaxedIncome
from contracts.vocabulary import Agency, Outcome, Reason
from services.verification.domain.flags import Case, raise_flags
from services.verification.domain.merge import Found, Reply, merge
from services.verification.domain.plan import plan
from services.verification.domain.report import draw_up
from services.verification.domain.review import Standing
from tests.unit.verification.builders import (
    AS_OF,
    CHECK,
    ISSUED,
    a_couple_with_a_child,
    a_household,
    a_policy,
    an_edition,
    people_of,
)

HOUSEHOLD = a_household(members=a_couple_with_a_child())
PEOPLE = people_of(HOUSEHOLD)
PLAN = plan(HOUSEHOLD.members, HOUSEHOLD.area, a_policy())
MEMBERS = {question.agency: question.member_ids for question in PLAN}

RECORDS: dict[Agency, tuple[Record, ...]] = {
    Agency.VEHICLE: (MotorVehicle(type="car", registered_on=date(2019, 1, 1), value_fen=1, plate_mask="*"),),
    Agency.TAX: (TaxedIncome(item="wage", amount_fen=5_000_000),),
    Agency.BANK: (Deposit(bank="B", balance_fen=9_000_000, outflow_half_year_fen=0),),
}

silences = st.sampled_from([Reason.LATE, Reason.ERROR, Reason.REFUSED, Reason.NOT_CONNECTED, Reason.CONSENT_WITHDRAWN])
endings = st.one_of(
    st.just((Outcome.ANSWERED, Reason.NONE)),
    st.sampled_from([(Outcome.INVALID, Reason.MALFORMED), (Outcome.INVALID, Reason.WRONG_PERSON)]),
    silences.map(lambda reason: (Outcome.SILENT, reason)),
)


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """One thing an agency of the plan may say about some of the members it was asked about."""
    agency = draw(st.sampled_from(list(MEMBERS)))
    told = draw(st.lists(st.sampled_from(MEMBERS[agency]), min_size=1, unique=True))
    outcomes = tuple((member_id, *draw(endings)) for member_id in told)
    hour = draw(st.integers(0, 3))
    holds = draw(st.lists(st.sampled_from(told), unique=True)) if agency in RECORDS else []
    return Reply(
        agency,
        AS_OF + timedelta(hours=hour),
        f"leaf-{agency}-{hour}-{outcomes}-{sorted(holds)}",
        tuple(member_id for member_id, outcome, _ in outcomes if outcome is Outcome.ANSWERED),
        tuple(one for one in outcomes if one[1] is not Outcome.ANSWERED),
        dict.fromkeys(holds, RECORDS.get(agency, ())),
    )


def hash_of(found: Found) -> str:
    flags = raise_flags(Case(CHECK, HOUSEHOLD, a_policy(), found))
    standings = tuple(Standing(flag, ISSUED) for flag in flags)
    return draw_up(CHECK, HOUSEHOLD, PEOPLE, a_policy(), found, standings, an_edition()).content_hash


def shuffled(told: Iterable[Reply], seed: int) -> list[Reply]:
    mixed = list(told)
    random.Random(seed).shuffle(mixed)
    return mixed


@pytest.mark.policy("R-068")
@given(st.lists(replies(), max_size=30), st.integers())
def test_arrival_order_never_matters(told: list[Reply], seed: int) -> None:
    assert hash_of(merge(PLAN, told)) == hash_of(merge(PLAN, shuffled(told, seed)))


@given(st.lists(replies(), max_size=20), st.integers())
def test_repetition_never_matters(told: list[Reply], seed: int) -> None:
    assert merge(PLAN, told).cells() == merge(PLAN, shuffled([*told, *told], seed)).cells()


@given(st.lists(replies(), max_size=20), st.lists(replies(), max_size=5))
def test_what_comes_later_never_takes_an_answer_away(told: list[Reply], late: list[Reply]) -> None:
    before, after = merge(PLAN, told), merge(PLAN, [*told, *late])
    for earlier, later in zip(before.cells(), after.cells(), strict=True):
        if earlier.outcome is Outcome.ANSWERED:
            assert later.outcome is Outcome.ANSWERED
            assert earlier.as_of is not None
            assert later.as_of is not None
            assert later.as_of <= earlier.as_of


@given(st.lists(replies(), max_size=20))
def test_every_cell_of_the_plan_has_exactly_one_ending(told: list[Reply]) -> None:
    cells = merge(PLAN, told).cells()
    assert [(cell.agency, cell.member_id) for cell in cells] == [
        (question.agency, member_id) for question in PLAN for member_id in question.member_ids
    ]
    heard = {(reply.agency, member_id) for reply in told for member_id, *_ in reply.outcomes}
    for cell in cells:
        if (cell.agency, cell.member_id) not in heard:
            assert (cell.outcome, cell.reason) == (Outcome.SILENT, Reason.LATE)


@given(st.lists(replies(), max_size=20))
def test_only_answers_yield_records(told: list[Reply]) -> None:
    found = merge(PLAN, told)
    for kind in (MotorVehicle, TaxedIncome, Deposit):
        assert all(hit.answer.outcome is Outcome.ANSWERED for hit in found.of(kind))


@given(replies(), replies())
def test_an_agency_outside_the_plan_adds_nothing(one: Reply, other: Reply) -> None:
    stranger = one._replace(agency=Agency.DISABLED_FEDERATION)
    assert merge(PLAN, [stranger, other]).cells() == merge(PLAN, [other]).cells()
