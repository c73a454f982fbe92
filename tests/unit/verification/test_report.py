"""What a version says, how it is numbered and hashed, and when the next one is due."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations, product
from typing import Any

import pytest

from contracts.findings import Deposit, MotorVehicle
from contracts.vocabulary import Agency, Conclusion, Finding, ItemKind
from services.verification.domain.conditions import Verdict
from services.verification.domain.flags import Case, raise_flags
from services.verification.domain.household import Household
from services.verification.domain.report import Report, draw_up, is_due, number_of, qualifies
from services.verification.domain.review import Contact, ContactWay, Evidence, Opinion, Standing, resolve
from tests.unit.verification.builders import (
    AS_OF,
    CHECK,
    ISSUED,
    a_couple_with_a_child,
    a_household,
    a_policy,
    an_edition,
    declared,
    found_in,
    people_of,
)

CAR = MotorVehicle(type="car", registered_on=date(2019, 1, 1), value_fen=1, plate_mask="*")
BIG = Deposit(bank="B", balance_fen=90_000_000, outflow_half_year_fen=0)
LATER = ISSUED + timedelta(hours=2)


def a_report(
    household: Household,
    records: Any = None,
    *,
    silent: tuple[Agency, ...] = (),
    finding: Finding | None = None,
    version: int = 1,
) -> Report:
    found = found_in(household, records, silent=silent)
    standings = tuple(Standing(flag, ISSUED) for flag in raise_flags(Case(CHECK, household, a_policy(), found)))
    if finding is not None:
        opinion = Opinion(finding, Contact(LATER, ContactWay.VISIT), (Evidence("paper", "ab" * 32),))
        standings = tuple(resolve(one, opinion, a_policy(), by="u-1", now=LATER) for one in standings)
    people = people_of(household)
    return draw_up(CHECK, household, people, a_policy(), found, standings, an_edition(version))


def test_the_first_version_is_due_when_all_ended_and_later_ones_on_news_or_the_last_closed_flag() -> None:
    for ended, news, closed in product((False, True), repeat=3):
        assert is_due(0, all_ended=ended, has_news=news, closed_last_flag=closed) == ended
        assert is_due(3, all_ended=ended, has_news=news, closed_last_flag=closed) == (news or closed)


def test_a_number_names_region_day_check_and_version() -> None:
    assert number_of("230799", date(2026, 9, 16), CHECK, 2) == "HD-230799-20260916-ef123456-v2"


@pytest.mark.parametrize(
    ("household", "records", "silent", "finding", "conclusion"),
    [
        (a_household(), None, (), None, Conclusion.NO_FLAGS),
        (a_household(), {"vehicle": {"m1": (CAR,)}}, (), None, Conclusion.FLAGS_OPEN),
        (a_household(), {"vehicle": {"m1": (CAR,)}}, (Agency.TAX,), None, Conclusion.FLAGS_OPEN),
        (a_household(), {"vehicle": {"m1": (CAR,)}}, (Agency.TAX,), Finding.UNTRUE, Conclusion.INCOMPLETE),
        (a_household(), {"vehicle": {"m1": (CAR,)}}, (), Finding.TRUE, Conclusion.OVER_STANDARD),
        (a_household(), {"vehicle": {"m1": (CAR,)}}, (), Finding.UNTRUE, Conclusion.NO_FLAGS),
        (a_household(), None, (Agency.CIVIL_AFFAIRS,), None, Conclusion.INCOMPLETE),
        (a_household(declared(ItemKind.PENSION, 9_000_000)), None, (), None, Conclusion.OVER_STANDARD),
    ],
)
def test_the_conclusion_is_one_word_and_never_hides_what_is_missing(
    household: Household, records: Any, silent: tuple[Agency, ...], finding: Finding | None, conclusion: Conclusion
) -> None:
    report = a_report(household, records, silent=silent, finding=finding)
    assert report.conclusion is conclusion
    assert report.is_partial == bool(silent)


def test_coverage_adds_up_and_names_every_cell() -> None:
    household = a_household(members=a_couple_with_a_child())
    report = a_report(household, silent=(Agency.BANK, Agency.TAX))
    coverage = report.coverage
    assert coverage.asked == coverage.answered + coverage.silent + coverage.invalid
    assert coverage.silent == 5
    rows = json.loads(report.content)["coverage"]["answers"]
    cells = [(row["agency"]["code"], member) for row in rows for member in row["members"]]
    assert len(cells) == len(set(cells)) == coverage.asked
    silent = [row for row in rows if row["outcome"] == "silent"]
    assert {row["agency"]["code"]: row["reason"] for row in silent} == {"bank": "error", "tax": "error"}
    assert all("as_of" not in row for row in silent)
    assert {row["as_of"] for row in rows if row["outcome"] == "answered"} == {AS_OF.isoformat()[:-6] + "Z"}


def test_a_report_names_the_pack_of_its_own_region_though_another_pack_says_the_same() -> None:
    ours, alike = a_policy(), replace(a_policy(), pack_id="elsewhere@2026.1")
    household = a_household()
    for policy in (ours, alike):
        report = draw_up(CHECK, household, people_of(household), policy, found_in(household), (), an_edition())
        assert json.loads(report.content)["policy"]["pack"] == policy.pack_id


def test_the_hash_is_of_one_canonical_spelling() -> None:
    report = a_report(a_household(), {"vehicle": {"m1": (CAR,)}})
    content = json.loads(report.content)
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert spelled == report.content
    assert hashlib.sha256(spelled).hexdigest() == report.content_hash


def test_no_amount_is_a_fraction() -> None:
    content = json.loads(a_report(a_household(declared(ItemKind.WAGE, 1_234_567))).content, parse_float=_refuse)
    assert content["income"]["per_head_month_fen"] == (1_234_567 - 372_000) // 12


def _refuse(text: str) -> float:
    raise AssertionError(f"a fraction in a report: {text}")


def test_old_data_are_marked() -> None:
    household = a_household()
    found = found_in(household)
    policy = a_policy()
    on = date(2026, 9, 16) + timedelta(days=policy.flags.stale_after_days + 1)
    edition = an_edition()._replace(issued_on=on, issued_at=datetime.combine(on, ISSUED.timetz()))
    report = draw_up(CHECK, household, people_of(household), policy, found, (), edition)
    assert all(row["is_stale"] for row in json.loads(report.content)["coverage"]["answers"])


def test_names_are_shown_and_numbers_are_masked() -> None:
    household = a_household()
    (member,) = json.loads(a_report(household).content)["members"]
    assert member["name"] == "测试0"
    assert member["citizen_id"][4:16] == "*" * 12


@pytest.mark.policy("R-080")
def test_a_report_names_the_law_it_was_made_under_and_what_is_assumed() -> None:
    policy = json.loads(a_report(a_household()).content)["policy"]
    assert (policy["pack"], policy["hash"]) == (a_policy().pack_id, a_policy().hash)
    assert policy["assumed"] == list(a_policy().assumed)


def test_only_what_is_known_to_be_met_qualifies() -> None:
    assert [qualifies(verdict) for verdict in Verdict] == [True, False, False]


def test_data_are_stale_only_beyond_the_policys_days() -> None:
    household = a_household()
    days = a_policy().flags.stale_after_days
    edition = an_edition()._replace(issued_on=AS_OF.date() + timedelta(days=days))
    report = draw_up(CHECK, household, people_of(household), a_policy(), found_in(household), (), edition)
    assert not any("is_stale" in row for row in json.loads(report.content)["coverage"]["answers"])


def test_flags_stand_in_the_order_of_code_and_member_however_they_come() -> None:
    household = a_household(members=a_couple_with_a_child())
    found = found_in(household, {"vehicle": {"m1": (CAR,), "m2": (CAR,)}, "bank": {"m1": (BIG,), "m3": (BIG,)}})
    flags = raise_flags(Case(CHECK, household, a_policy(), found))
    hashes = set()
    for order in permutations(Standing(flag, ISSUED) for flag in flags):
        report = draw_up(CHECK, household, people_of(household), a_policy(), found, order, an_edition())
        hashes.add(report.content_hash)
        shown = [(flag["code"], flag["member_id"]) for flag in json.loads(report.content)["flags"]]
        assert shown == [("AST-01", None), ("AST-08", "m1"), ("AST-08", "m2")]
    assert len(hashes) == 1


def test_a_flag_shows_only_the_measures_it_has() -> None:
    household = a_household()
    content = json.loads(a_report(household, {"vehicle": {"m1": (CAR,)}, "bank": {"m1": (BIG,)}}).content)
    deposits, car = content["flags"]
    assert deposits["found_fen"] == BIG.balance_fen
    assert "found_pieces" not in deposits
    assert (car["declared_pieces"], car["found_pieces"]) == (0, 1)
    assert "found_fen" not in car
    assert car["found"] == {"zh": "汽车", "en": "car"}


def test_a_closed_flag_shows_how_it_was_closed() -> None:
    (flag,) = json.loads(a_report(a_household(), {"vehicle": {"m1": (CAR,)}}, finding=Finding.UNTRUE).content)["flags"]
    assert flag["state"] == "closed"
    resolution = flag["resolution"]
    assert resolution["finding"] == {"code": "untrue", "zh": "不属实", "en": "Untrue"}
    assert resolution["contact"]["way"] == "visit"
    assert resolution["evidence"] == [{"kind": "paper", "sha256": "ab" * 32}]
    assert "found_fen" not in resolution
    assert "ticket_id" not in resolution
