"""What the scripted township writes down is what services take."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.values import is_card_number
from deploy.demo import papers

FAMILY = {
    "head": "m1",
    "members": [
        {
            "ref": "m0",
            "name": "甲",
            "citizen_id": "990101198001010012",
            "employment": "farming",
            "disability_grade": None,
            "seriously_ill": False,
            "supplement_groups": [],
        },
        {
            "ref": "m1",
            "name": "乙",
            "citizen_id": "990101195001010029",
            "employment": "retired",
            "disability_grade": 2,
            "seriously_ill": True,
            "supplement_groups": ["elderly"],
        },
    ],
    "declaration": [
        {"member_ref": "m0", "kind": "wage", "amount_fen": 120_000},
        {"member_ref": "m0", "kind": "deposit", "amount_fen": 999_999},
        {"member_ref": "m1", "kind": "pension", "amount_fen": 12_011},
        {"member_ref": "m1", "kind": "medical_expenditure", "amount_fen": 60_000},
    ],
}
MEMBER_IDS = ["mem_a_01", "mem_a_00"]


def test_every_made_up_card_is_one_that_may_be_paid_to() -> None:
    cards = [papers.card_of(f"9901011980{number:08d}", attempt) for number in range(500) for attempt in (1, 2)]
    assert all(is_card_number(card) for card in cards)
    assert len(set(cards)) == len(cards)


def test_a_person_keeps_the_same_card() -> None:
    assert papers.card_of("990101198001010012") == papers.card_of("990101198001010012")


def test_the_money_goes_to_the_head_of_the_family() -> None:
    payee = papers.payee(FAMILY, MEMBER_IDS)
    assert (payee["member_id"], payee["name"]) == ("mem_a_01", "乙")
    assert payee["account"] == papers.card_of(papers.holder_of(FAMILY))


def test_income_and_spending_of_a_year_are_written_down_by_the_month() -> None:
    survey = papers.survey(FAMILY, MEMBER_IDS, datetime(2026, 11, 21, 2, tzinfo=UTC))
    first, second = survey["members"]
    assert (first["member_id"], first["income_month_fen"], first["expenditure_month_fen"]) == ("mem_a_00", 10_000, 0)
    assert (second["income_month_fen"], second["expenditure_month_fen"]) == (1_000, 5_000)
    assert (first["health"], second["health"]) == ("good", "seriously_ill")
