"""Decisions and certificates as they are heard: who is entitled, from when, and who is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.vocabulary import Aid
from policies.calendar import CHINA
from tests.service.payments.bed import TABLES, Payments
from tests.service.payments.world import (
    COUNTY,
    NOW,
    OTHER_TOWNSHIP,
    application,
    certified,
    citizen_id,
    decided,
    decision_hash,
)

CUTOFF = datetime(2026, 11, 24, tzinfo=CHINA)


async def entitlement(payments: Payments, number: int) -> dict[str, Any]:
    found = await payments.officer.read(f"/entitlements?application_id={application(number)}")
    (one,) = found["data"]
    shown: dict[str, Any] = one
    return shown


async def left_out(payments: Payments, roster: dict[str, Any]) -> dict[str, str]:
    found = await payments.officer.read(f"/rosters/{roster['roster_id']}/left-out")
    return {one["application_id"]: one["reason"]["code"] for one in found["data"]}


@pytest.mark.policy("R-199", "R-201")
async def test_a_certificate_entitles_from_the_month_after_the_confirmation(payments: Payments) -> None:
    await payments.entitle(1)
    one = await entitlement(payments, 1)
    assert (one["state"]["code"], one["since"], one["first_roster"]) == ("live", "2026-12", "2026-12")


@pytest.mark.policy("R-203")
@pytest.mark.parametrize(("certified_at", "lines"), [(CUTOFF - timedelta(milliseconds=1), 1), (CUTOFF, 0)])
async def test_who_is_certified_at_the_cut_off_stands_on_the_next_roster(
    payments: Payments, certified_at: datetime, lines: int
) -> None:
    days = {"confirmed_on": date(2026, 11, 14), "publicity_ended_on": date(2026, 11, 22)}
    await payments.entitle(1, occurred_at=certified_at, **days)
    assert (await payments.draw())["lines"] == lines
    payments.clock.at = NOW.replace(month=12)
    january = await payments.draw("2027-01")
    assert january["lines"] == 1
    line = await payments.line(1)
    assert line["months"] == (["2027-01"] if lines else ["2026-12", "2027-01"])
    assert line["amount_fen"] == (90_000 if lines else 180_000)


async def test_the_same_word_heard_twice_is_one_entitlement(payments: Payments) -> None:
    certificate = certified(1)
    await payments.hear(decided(1), certificate, certificate, certified(1))
    assert len(await payments.bed.rows("select from entitlements")) == 1


async def test_a_certificate_without_its_decision_entitles_nobody(payments: Payments) -> None:
    await payments.hear(certified(1))
    await payments.hear(decided(2), certified(2, decision_hash=decision_hash(3)))
    await payments.hear(decided(4, "refused"), certified(4))
    assert await payments.bed.rows("select from entitlements") == []
    parked = await payments.bed.rows("select problem from parked")
    assert len(parked) == 3
    assert all("certificate-without-decision" in row["problem"] for row in parked)


async def test_a_payee_whose_resident_id_is_none_is_parked_and_stays_unnamed(payments: Payments) -> None:
    certificate = certified(1)
    wrong = citizen_id(1)[:-1] + ("0" if citizen_id(1)[-1] != "0" else "1")
    private = replace(certificate.private, citizen_id=wrong)
    await payments.hear(decided(1), replace(certificate, private=private))
    (parked,) = await payments.bed.rows("select problem from parked")
    assert wrong not in parked["problem"]
    assert await payments.bed.rows("select from entitlements") == []


async def test_a_held_decision_pays_nothing_until_it_is_made_anew(payments: Payments) -> None:
    await payments.entitle(1)
    await payments.hear(decided(1, "held", version=2))
    assert (await entitlement(payments, 1))["state"]["code"] == "held"
    roster = await payments.draw()
    assert roster["lines"] == 0
    assert await left_out(payments, roster) == {application(1): "held"}
    anew = certified(
        1, version=3, income_fen=150_000, confirmed_on=date(2026, 11, 25), publicity_ended_on=date(2026, 12, 2)
    )
    later = replace(anew, occurred_at=datetime(2026, 12, 3, 1, tzinfo=UTC))
    await payments.hear(decided(1, version=3, decision_hash=decision_hash(1, 3)), later)
    payments.clock.at = NOW.replace(month=12)
    january = await payments.draw("2027-01")
    assert january["lines"] == 1
    line = await payments.line(1)
    assert (line["months"], line["amount_fen"]) == (["2026-12", "2027-01"], 2 * 60_000)


@pytest.mark.policy("R-199")
async def test_a_decision_held_over_a_month_and_made_anew_costs_the_family_no_month(payments: Payments) -> None:
    await payments.entitle(1)
    await payments.hear(decided(1, "held", version=2))
    payments.clock.at = NOW.replace(month=12, day=20)
    days: dict[str, Any] = {"confirmed_on": date(2026, 12, 10), "publicity_ended_on": date(2026, 12, 17)}
    anew = certified(1, version=3, occurred_at=datetime(2026, 12, 18, 1, tzinfo=UTC), **days)
    await payments.hear(decided(1, version=3, decision_hash=decision_hash(1, 3)), anew)
    payments.clock.at = NOW.replace(month=12)
    await payments.draw("2027-01")
    assert (await payments.line(1))["months"] == ["2026-12", "2027-01"]


async def test_a_blocked_household_does_not_become_payable_by_being_held_and_released(payments: Payments) -> None:
    await payments.entitle(1, persons=["zhao", "qian"])
    await payments.entitle(2, persons=["zhao", "sun"])
    await payments.hear(decided(2, "held"))
    await payments.hear(decided(2))
    assert (await entitlement(payments, 2))["state"]["code"] == "blocked"
    assert (await payments.draw())["lines"] == 1


async def test_the_very_decision_approved_again_is_live_again(payments: Payments) -> None:
    await payments.entitle(1)
    await payments.hear(decided(1, "held"), decided(1))
    assert (await entitlement(payments, 1))["state"]["code"] == "live"


async def test_an_older_word_changes_nothing(payments: Payments) -> None:
    await payments.hear(decided(1, version=2), certified(1, version=2))
    await payments.hear(decided(1, "refused", version=1))
    assert (await entitlement(payments, 1))["state"]["code"] == "live"
    (decision,) = await payments.bed.rows("select case_version, decision from decisions")
    assert decision == {"case_version": 2, "decision": "approved"}


async def test_a_refused_decision_ends_the_entitlement_and_lets_its_people_go(payments: Payments) -> None:
    await payments.entitle(1, persons=["zhao"])
    await payments.hear(decided(1, "refused", version=2))
    one = await entitlement(payments, 1)
    assert one["state"]["code"] == "ended"
    assert await payments.bed.rows("select from persons where is_live") == []
    await payments.hear(decided(2, office=OTHER_TOWNSHIP), certified(2, persons=["zhao"], office=OTHER_TOWNSHIP))
    assert (await entitlement(payments, 2))["state"]["code"] == "live"


async def test_a_person_stands_in_one_entitlement_whatever_the_township(payments: Payments) -> None:
    await payments.entitle(1, persons=["zhao", "qian"])
    await payments.hear(decided(2, office=OTHER_TOWNSHIP), decided(3))
    await payments.hear(
        certified(2, persons=["sun", "qian"], office=OTHER_TOWNSHIP), certified(3, persons=["li", "zhou"])
    )
    assert (await entitlement(payments, 2))["state"]["code"] == "blocked"
    roster = await payments.draw()
    assert roster["lines"] == 2
    assert await left_out(payments, roster) == {application(2): "person_entitled_elsewhere"}
    keys = [row["person_key"] for row in await payments.bed.rows("select person_key from persons where is_live")]
    assert sorted(keys) == ["li", "qian", "zhao", "zhou"]


async def test_two_households_certified_in_one_breath_do_not_share_a_person(payments: Payments) -> None:
    await payments.hear(decided(1), decided(2))
    await payments.hear(certified(1, persons=["zhao", "qian"]), certified(2, persons=["qian", "sun"]))
    states = {(await entitlement(payments, number))["state"]["code"] for number in (1, 2)}
    assert states == {"live", "blocked"}


@pytest.mark.policy("R-188")
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"income_fen": 210_000}, "no_shortfall"),
        ({"aid": Aid.TEKUN}, "no_formula"),
        ({"aid": Aid.TEMPORARY}, "no_formula"),
    ],
)
async def test_who_gets_nothing_is_left_out_with_the_reason(
    payments: Payments, changed: dict[str, Any], reason: str
) -> None:
    await payments.entitle(1, **changed)
    roster = await payments.draw()
    assert (roster["lines"], roster["left_out"]) == (0, 1)
    assert await left_out(payments, roster) == {application(1): reason}


async def test_one_fen_of_shortfall_is_a_line_of_one_fen(payments: Payments) -> None:
    await payments.entitle(1, income_fen=209_999)
    assert (await payments.draw())["total_fen"] == 1


@pytest.mark.policy("R-217")
async def test_a_dead_payee_is_left_out_and_who_died_after_the_money_left_is_found(payments: Payments) -> None:
    await payments.entitle(1, 2)
    first, second = await entitlement(payments, 1), await entitlement(payments, 2)
    roster = await payments.lock(await payments.draw())
    stop = {"reason": "payee_dead", "on": "2026-11-20"}
    await payments.clerk.done(f"/entitlements/{first['entitlement_id']}/stop", stop)
    again = await payments.clerk.post(f"/entitlements/{first['entitlement_id']}/stop", stop)
    assert (again.status_code, again.json()["code"]) == (409, "entitlement-ended")
    await payments.start(roster)
    await payments.work_off()
    assert len(payments.outside.paid()) == 1
    assert (await payments.line(1))["state"]["code"] == "stopped"
    assert (await payments.reconcile())["differences"] == 0
    await payments.clerk.done(f"/entitlements/{second['entitlement_id']}/stop", stop)
    done = await payments.reconcile()
    assert await payments.kinds(done) == [("dead_payee", "system")]
    refused = await payments.second.post("/months/2026-12/close", {"office": COUNTY})
    assert (refused.status_code, refused.json()["code"]) == (409, "books-differ")


async def test_a_death_in_the_month_itself_does_not_call_the_month_back(payments: Payments) -> None:
    await payments.paying(1)
    await payments.work_off()
    payments.clock.at = NOW.replace(month=12, day=5)
    one = await entitlement(payments, 1)
    await payments.clerk.done(
        f"/entitlements/{one['entitlement_id']}/stop", {"reason": "payee_dead", "on": "2026-12-04"}
    )
    assert (await payments.reconcile())["differences"] == 0


async def test_an_entitlement_is_not_ended_ahead_of_time_nor_by_a_stranger(payments: Payments) -> None:
    await payments.entitle(1)
    one = await entitlement(payments, 1)
    path = f"/entitlements/{one['entitlement_id']}/stop"
    ahead = await payments.clerk.post(path, {"reason": "gave_up", "on": "2026-11-27"})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "day-ahead")
    stranger = payments.desk("stranger", OTHER_TOWNSHIP, "entitlements:stop")
    assert (await stranger.post(path, {"reason": "gave_up", "on": "2026-11-26"})).status_code == 404
    assert (await entitlement(payments, 1))["state"]["code"] == "live"


async def test_a_month_stopped_is_free_for_the_next_roster(payments: Payments) -> None:
    await payments.entitle(1)
    await payments.draw()
    await payments.hear(decided(1, "held"))
    await payments.hear(decided(1))
    assert (await payments.line(1))["state"]["code"] == "stopped"
    payments.clock.at = NOW.replace(month=12)
    await payments.draw("2027-01")
    assert (await payments.line(1))["months"] == ["2026-12", "2027-01"]


async def test_an_account_stands_nowhere_in_clear(payments: Payments) -> None:
    await payments.paying(1)
    await payments.work_off()
    payee = certified(1).private
    secrets = [payee.account, payee.citizen_id, payee.name]
    for table in TABLES.split(", "):
        for row in await payments.bed.rows(f"select t::text as text from {table} t"):
            for secret in secrets:
                assert secret not in row["text"], table
                assert secret.encode().hex() not in row["text"], table
