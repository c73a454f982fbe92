"""What a later report version, a withdrawal or a payment does to a case, state by state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.vocabulary import Conclusion
from services.approval.domain.case import Consequence, settle, take_report, withdraw
from services.approval.domain.words import State
from tests.unit.approval.cases import NOW, a_case, a_report, standing

DECIDED_UNPAID = (State.APPROVED, State.REFUSED, State.PUBLICITY, State.CERTIFIED)
CHANGES: list[dict[str, Any]] = [
    {"open_flags": ("flag_1",), "conclusion": Conclusion.FLAGS_OPEN},
    {"open_flags": ("flag_1",)},
    {"conclusion": Conclusion.OVER_STANDARD},
    {"household_income_month_fen": 60_001},
    {"income_qualifies": False},
    {"property_qualifies": False},
]


@pytest.mark.parametrize("state", State)
def test_a_known_version_does_nothing(state: State) -> None:
    case = standing(state)
    for version in (0, 1):
        after, consequence = take_report(case, a_report(version, conclusion=Conclusion.OVER_STANDARD))
        assert after is case
        assert consequence is Consequence.NONE


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_a_version_that_says_the_same_moves_nothing_and_is_known_afterwards(state: State) -> None:
    case = standing(state)
    after, consequence = take_report(case, a_report(2, is_partial=True, content_hash="00" * 32))
    assert (after.state, after.case_version, after.opinion, after.decision) == (
        case.state,
        case.case_version,
        case.opinion,
        case.decision,
    )
    assert after.report.version == 2
    assert consequence is Consequence.NONE


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_version_voids_the_opinion_before_a_decision_and_the_survey_stays(change: dict[str, Any]) -> None:
    case = standing(State.OPINED)
    after, consequence = take_report(case, a_report(2, **change))
    assert (after.state, after.opinion, after.case_version) == (State.REVIEW, None, 1)
    assert after.survey == case.survey
    assert consequence is Consequence.VOIDED


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("state", DECIDED_UNPAID)
def test_a_changed_version_holds_what_is_decided_and_unpaid(state: State, change: dict[str, Any]) -> None:
    case = standing(state)
    after, consequence = take_report(case, a_report(2, **change))
    assert (after.state, after.case_version) == (State.HELD, 2)
    assert (after.decision, after.opinion, after.publicity, after.certificate) == (None, None, None, None)
    assert after.survey == case.survey
    assert consequence is Consequence.HELD


def test_what_is_paid_is_looked_at_and_never_stopped() -> None:
    case = standing(State.PAID)
    after, consequence = take_report(case, a_report(2, conclusion=Conclusion.OVER_STANDARD))
    assert (after.state, after.decision) == (State.PAID, case.decision)
    assert consequence is Consequence.TASK


def test_a_closed_case_stays_as_it_is() -> None:
    case = standing(State.CLOSED)
    after, consequence = take_report(case, a_report(2, conclusion=Conclusion.OVER_STANDARD))
    assert after is case
    assert consequence is Consequence.NONE


def test_flags_once_raised_keep_the_case_doubtful() -> None:
    case, _ = take_report(a_case(), a_report(2, open_flags=("flag_1",)))
    assert case.is_doubtful
    case, _ = take_report(case, a_report(3))
    assert case.is_doubtful
    assert not case.report.open_flags


@pytest.mark.parametrize("state", [State.REVIEW, State.OPINED, State.HELD])
def test_a_withdrawal_closes_what_is_undecided(state: State) -> None:
    after, consequence = withdraw(standing(state))
    assert (after.state, consequence) == (State.CLOSED, Consequence.NONE)


@pytest.mark.parametrize("state", [State.APPROVED, State.PUBLICITY, State.CERTIFIED])
def test_a_withdrawal_stops_what_is_approved_and_unpaid(state: State) -> None:
    after, consequence = withdraw(standing(state))
    assert (after.state, consequence) == (State.CLOSED, Consequence.HELD)


@pytest.mark.parametrize(
    ("state", "expected"),
    [(State.REFUSED, Consequence.NONE), (State.CLOSED, Consequence.NONE), (State.PAID, Consequence.TASK)],
)
def test_a_withdrawal_leaves_what_is_refused_closed_or_paid(state: State, expected: Consequence) -> None:
    case = standing(state)
    after, consequence = withdraw(case)
    assert after is case
    assert consequence is expected


def test_the_first_payment_is_known_once() -> None:
    paid, consequence = settle(standing(State.CERTIFIED), NOW)
    assert (paid.state, paid.paid_at, consequence) == (State.PAID, NOW, Consequence.NONE)
    again, consequence = settle(paid, NOW)
    assert again is paid
    assert consequence is Consequence.NONE


def test_money_that_was_under_way_while_the_case_was_stopped_is_for_people() -> None:
    paid, consequence = settle(standing(State.HELD), NOW)
    assert (paid.state, paid.paid_at, consequence) == (State.HELD, NOW, Consequence.TASK)


def test_a_case_certified_anew_after_money_was_under_way_is_paid_like_any_other() -> None:
    stopped, _ = settle(standing(State.HELD), NOW)
    anew = replace(standing(State.CERTIFIED), paid_at=stopped.paid_at)
    paid, consequence = settle(anew, NOW + timedelta(days=30))
    assert (paid.state, paid.paid_at, consequence) == (State.PAID, NOW, Consequence.NONE)
