"""Card numbers and who may draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import AccountNumber, CitizenId, PersonName, is_card_number
from services.approval.domain.payee import Agent, AgentKind, Occupation, Payee, faults_of
from tests.service.approval.world import card, citizen_id
from tests.unit.approval.cases import a_case, policy

TODAY = date(2026, 9, 16)
PAYEE = Payee(
    member_id="m1", name=PersonName("审批甲"), citizen_id=CitizenId(citizen_id(1)), account=AccountNumber(card())
)
AGENT = Agent(
    kind=AgentKind.CARER,
    occupation=Occupation.OTHER,
    name=PersonName("代取乙"),
    citizen_id=CitizenId(citizen_id(2)),
    authorised_on=TODAY,
    sha256="ab" * 32,
)


def codes(payee: Payee) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults_of(payee, a_case(), policy(), TODAY)]


def luhn_by_table(digits: str) -> bool:
    """A second calculation: doubled digits from a table, summed from the right."""
    doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    total = 0
    for place in range(1, len(digits) + 1):
        digit = int(digits[-place])
        total += doubled[digit] if place % 2 == 0 else digit
    return total % 10 == 0


@pytest.mark.policy("R-209")
@given(st.text("0123456789", min_size=14, max_size=21))
def test_a_card_number_has_sixteen_to_nineteen_digits_and_a_right_last_one(digits: str) -> None:
    assert is_card_number(digits) is (16 <= len(digits) <= 19 and luhn_by_table(digits))


@pytest.mark.policy("R-209")
@given(st.integers(0, 999_999), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: int, place: int, by: int) -> None:
    good = card(number)
    assert is_card_number(good)
    wrong = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    assert not is_card_number(wrong)


@pytest.mark.parametrize(
    "text", ["", "６２１４８３０１２３４５６７８９", "9900 0000 0000 0000", card() + "\n", "x" * 16]
)
def test_only_plain_digits_make_a_card_number(text: str) -> None:
    assert not is_card_number(text)


@pytest.mark.policy("R-209")
def test_the_holder_is_a_member() -> None:
    assert codes(PAYEE) == []
    assert codes(replace(PAYEE, member_id="m9")) == [("/member_id", "holder_not_member")]


@pytest.mark.policy("R-215")
@pytest.mark.parametrize("occupation", [Occupation.ASSISTANCE_OFFICER, Occupation.VILLAGE_CADRE])
def test_no_officer_or_cadre_draws_for_a_recipient(occupation: Occupation) -> None:
    agent = replace(AGENT, occupation=occupation)
    assert codes(replace(PAYEE, agent=agent)) == [("/agent/occupation", "staff_agent")]
    assert codes(replace(PAYEE, agent=AGENT)) == []


def test_an_agent_is_somebody_else_and_authorised_by_now() -> None:
    self_drawn = replace(AGENT, citizen_id=PAYEE.citizen_id)
    assert codes(replace(PAYEE, agent=self_drawn)) == [("/agent/citizen_id", "agent_is_holder")]
    ahead = replace(AGENT, authorised_on=date(2026, 9, 17))
    assert codes(replace(PAYEE, agent=ahead)) == [("/agent/authorised_on", "in_future")]
