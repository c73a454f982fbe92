"""The demonstration says in a plain sentence what is not as it should be."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo import figures

GOOD: dict[str, Any] = {
    "flags": {"AST-08": {"true_positive": 3, "false_positive": 0, "false_negative": 0}},
    "decisions": {"approved": 10, "refused": 3},
    "roster_lines": 10,
    "roster_total_fen": 1_000,
    "paid_total_fen": 1_000,
    "treasury_total_fen": 1_000,
    "bank_total_fen": 1_000,
    "reconciliation_difference_fen": 0,
    "differences": 0,
    "paid_twice": 0,
}


def test_nothing_is_said_of_a_run_as_it_should_be() -> None:
    assert figures.wrong(GOOD) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"flags": {"AST-08": {"true_positive": 3, "false_positive": 1, "false_negative": 0}}}, "precision 0.75"),
        ({"flags": {"AST-08": {"true_positive": 3, "false_positive": 0, "false_negative": 1}}}, "recall 0.75"),
        ({"reconciliation_difference_fen": 1, "differences": 1}, "by 1 fen"),
        ({"differences": 2}, "in 2 places"),
        ({"bank_total_fen": 1_001}, "bank 1001 fen"),
        ({"paid_total_fen": 999}, "paid 999"),
        ({"paid_twice": 1}, "Paid twice: 1"),
        ({"roster_lines": 0}, "Nobody"),
    ],
)
def test_each_fault_has_its_sentence(changed: dict[str, Any], said: str) -> None:
    (sentence,) = figures.wrong(GOOD | changed)
    assert said in sentence
