"""How a flag is closed, and what a second run of the rules does to flags already raised."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from contracts.findings import Deposit, MotorVehicle, TaxedIncome
from contracts.vocabulary import Finding, FlagCode
from services.verification.domain.flags import Flag
from services.verification.domain.review import (
    Contact,
    ContactWay,
    Evidence,
    Fault,
    Opinion,
    Standing,
    Unacceptable,
    resolve,
    rulings_of,
    settle,
)
from tests.unit.verification.builders import ISSUED, a_household, a_policy, flags_of

CAR = MotorVehicle(type="car", registered_on=date(2019, 1, 1), value_fen=1, plate_mask="*")
PAPER = Evidence("sale_contract", "ab" * 32)
LATER = ISSUED + timedelta(hours=2)
HEARD = Contact(ISSUED + timedelta(hours=1), ContactWay.VISIT)


def a_car() -> Flag:
    (flag,) = flags_of(a_household(), vehicle={"m1": (CAR,)})
    return flag


def wages(amount_fen: int = 3_000_000) -> Flag:
    (flag,) = flags_of(a_household(), tax={"m1": (TaxedIncome(item="wage", amount_fen=amount_fen),)})
    return flag


def faults_of(flag: Flag, opinion: Opinion) -> tuple[Fault, ...]:
    with pytest.raises(Unacceptable) as caught:
        resolve(Standing(flag, ISSUED), opinion, a_policy(), by="u-1", now=LATER)
    return caught.value.faults


def closed(flag: Flag, finding: Finding = Finding.UNTRUE) -> Standing:
    opinion = Opinion(finding, HEARD, (PAPER,), found_fen=None)
    return resolve(Standing(flag, ISSUED), opinion, a_policy(), by="u-1", now=LATER)


@pytest.mark.policy("R-071")
def test_untrue_needs_evidence() -> None:
    assert faults_of(a_car(), Opinion(Finding.UNTRUE, HEARD)) == (Fault.EVIDENCE_MISSING,)
    resolution = closed(a_car()).resolution
    assert resolution is not None
    assert resolution.opinion.evidence == (PAPER,)


@pytest.mark.parametrize("sha256", ["", "AB" * 32, "ab" * 31, "g" * 64, "ab" * 32 + "\n"])
def test_evidence_is_named_by_a_real_hash(sha256: str) -> None:
    assert faults_of(a_car(), Opinion(Finding.TRUE, HEARD, (Evidence("x", sha256),))) == (Fault.EVIDENCE_INVALID,)


@pytest.mark.policy("R-069")
def test_the_applicant_was_heard_after_the_flag_and_before_now() -> None:
    for at, fault in (
        (ISSUED - timedelta(seconds=1), Fault.CONTACT_BEFORE_FLAG),
        (LATER + timedelta(1), Fault.CONTACT_IN_FUTURE),
    ):
        assert faults_of(a_car(), Opinion(Finding.TRUE, Contact(at, ContactWay.PHONE))) == (fault,)


def test_partly_true_names_an_amount_below_the_agencys() -> None:
    assert faults_of(wages(), Opinion(Finding.PARTLY, HEARD)) == (Fault.FOUND_MISSING,)
    for amount in (-1, 3_000_000):
        assert faults_of(wages(), Opinion(Finding.PARTLY, HEARD, found_fen=amount)) == (Fault.FOUND_OUT_OF_RANGE,)
    assert faults_of(wages(), Opinion(Finding.TRUE, HEARD, found_fen=1)) == (Fault.FOUND_NOT_ASKED,)
    assert faults_of(a_car(), Opinion(Finding.PARTLY, HEARD, found_fen=1, found_pieces=0)) == (Fault.FOUND_NOT_ASKED,)


def test_all_faults_are_named_at_once() -> None:
    opinion = Opinion(Finding.UNTRUE, Contact(LATER + timedelta(1), ContactWay.PHONE), found_fen=1, note="x" * 2001)
    assert set(faults_of(wages(), opinion)) == {
        Fault.EVIDENCE_MISSING,
        Fault.FOUND_NOT_ASKED,
        Fault.CONTACT_IN_FUTURE,
        Fault.NOTE_TOO_LONG,
    }


def test_a_flag_is_closed_once() -> None:
    with pytest.raises(Unacceptable) as caught:
        resolve(closed(a_car()), Opinion(Finding.TRUE, HEARD), a_policy(), by="u-2", now=LATER)
    assert caught.value.faults == (Fault.ALREADY_CLOSED,)


def test_an_agencys_mistake_opens_a_ticket_and_nothing_else_does() -> None:
    for finding in Finding:
        standing = Standing(a_car(), ISSUED)
        pieces = 0 if finding is Finding.PARTLY else None
        opinion = Opinion(finding, HEARD, (PAPER,), found_pieces=pieces)
        resolution = resolve(standing, opinion, a_policy(), by="u-1", now=LATER).resolution
        assert resolution is not None
        assert (resolution.ticket is not None) == (finding is Finding.AGENCY_WRONG)


def test_running_the_rules_again_neither_doubles_nor_drops_a_flag() -> None:
    standings = [Standing(a_car(), ISSUED), closed(wages())]
    assert settle(standings, [a_car(), wages()]) == ((), ())
    assert settle(standings, []) == ((), ())


def test_an_open_flag_takes_over_changed_evidence() -> None:
    more = wages(4_000_000)
    assert settle([Standing(wages(), ISSUED)], [more]) == ((), (more,))


def test_changed_evidence_after_closing_raises_a_new_flag_with_an_id_of_its_own() -> None:
    more = wages(4_000_000)
    news = settle([closed(wages())], [more])
    (flag,) = news.raised
    assert flag == more._replace(flag_id=flag.flag_id)
    assert flag.flag_id != more.flag_id
    assert settle([closed(wages()), Standing(flag, LATER)], [more]) == ((), ())
    assert settle([closed(wages()), closed(flag)], [more]) == ((), ())


def test_a_third_change_raises_a_third_flag() -> None:
    standings = [closed(wages())]
    ids = {wages().flag_id}
    for amount in (4_000_000, 5_000_000):
        (flag,) = settle(standings, [wages(amount)._replace(leaf_hashes=(f"leaf-{amount}",))]).raised
        ids.add(flag.flag_id)
        standings.append(closed(flag))
    assert len(ids) == 3


def test_a_code_has_no_ruling_while_a_flag_of_it_is_open() -> None:
    first = closed(wages())
    (flag,) = settle([first], [wages(4_000_000)]).raised
    assert rulings_of([first])[FlagCode.INC_01, "m1"].finding is Finding.UNTRUE
    assert rulings_of([first, Standing(flag, LATER)]) == {}
    later = resolve(
        Standing(flag, LATER),
        Opinion(Finding.TRUE, HEARD._replace(at=LATER)),
        a_policy(),
        by="u",
        now=LATER + timedelta(1),
    )
    assert rulings_of([later, first])[FlagCode.INC_01, "m1"].finding is Finding.TRUE


def test_deposits_beside_a_car_keep_their_own_flags() -> None:
    flags = flags_of(
        a_household(),
        vehicle={"m1": (CAR,)},
        bank={"m1": (Deposit(bank="B", balance_fen=9_000_000, outflow_half_year_fen=9_000_000),)},
    )
    assert [flag.code for flag in flags] == [FlagCode.AST_01, FlagCode.AST_02, FlagCode.AST_08]
    assert len({flag.flag_id for flag in flags}) == 3
