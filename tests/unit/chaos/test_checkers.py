"""Checkers on planted histories: the good one passes, and each way of going wrong is found and named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checkers import judge, tally
from tests.chaos.evidence import (
    Evidence,
)
from tests.unit.chaos.harmless import HARMLESS
from tests.unit.chaos.history import (
    good,
)
from tests.unit.chaos.planted import ASKED_FOR, CELLS, CONSENT, DECISIONS, EFFECTS, FLOW, REST, TOPICS, Planted
from tests.unit.chaos.planted_money import BOOKS, LEDGER, LINE, MONEY
from tests.unit.chaos.planting import Plant, again, both, gone, more

GOOD = good()
PLANTED = [
    *FLOW, *ASKED_FOR, *CONSENT, *CELLS, *EFFECTS, *DECISIONS, *MONEY, *BOOKS, *LEDGER, *TOPICS, *REST,
]  # fmt: skip


def part(services: tuple[str, ...], *fields: str) -> Evidence:
    """What the good run left with these services."""
    rows: dict[str, Any] = {name: getattr(GOOD, name) for name in fields}
    audit = tuple(one for one in GOOD.audit if one.service in services)
    history = tuple(one for one in GOOD.history if DOOR_OF[one.kind] in services)
    return Evidence(seed=1, commit="", services=services, history=history, audit=audit, **rows)


DOOR_OF = {
    "submit": "intake",
    "withdraw": "intake",
    "confirmation": "approval",
    "roster": "payments",
    "close": "payments",
}
FILED = ("applications", "consents", "topic_records")
CHECKED = ("checks", "reports", "topic_records")
PARTIAL = {
    "intake": part(("intake",), *FILED),
    "intake and verification": part(("intake", "verification"), *FILED, *CHECKED),
    "verification": part(("verification",), *CHECKED),
    "approval": part(("approval",), "cases", "decisions", "certificates", "topic_records"),
    "payments": part(
        ("payments",),
        *("rosters", "roster_lines", "line_months", "settlements", "ledger_entries", "ledger_sums", "bank_lines"),
        *("treasury_lines", "reconciliations", "entitlements", "topic_records"),
    ),
}


def test_a_run_in_which_all_went_well_is_judged_so() -> None:
    assert judge(GOOD) == ()


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: f"{one.checker.__name__}: {one.says}")
def test_what_went_wrong_is_found_and_named(planted: Planted) -> None:
    run = planted.plant(GOOD)
    assert run != GOOD
    found = planted.checker(run)
    assert [
        one
        for one in found
        if one.invariant is planted.invariant and one.subject == planted.subject and planted.says in one.says
    ], found
    assert set(found) <= set(judge(run))


@pytest.mark.parametrize("plant", HARMLESS.values(), ids=HARMLESS)
def test_what_may_be_is_not_held_against_a_run(plant: Plant) -> None:
    run = plant(GOOD)
    assert run != GOOD
    assert judge(run) == ()


@pytest.mark.parametrize("run", PARTIAL.values(), ids=PARTIAL)
def test_services_that_did_not_run_owe_nothing(run: Evidence) -> None:
    assert judge(run) == ()
    assert judge(replace(run, services=GOOD.services)) != ()


def test_the_tally_counts_each_subject_once() -> None:
    run = both(gone("applications"), gone("checks", 1), again("bank_lines"), more("roster_lines", LINE))(GOOD)
    assert tally(judge(run)) == {"lost": 2, "doubled": 0, "paid_twice": 1, "unpaid": 1}
    run = both(again("applications"), again("decisions", 1), again("history", application_id="app_other"))(GOOD)
    assert tally(judge(run))["doubled"] == 3
