"""From an application to the report: what is said, kept and audited; order, repetition and lateness."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from chassis.ids import new_event_id
from chassis.runtime import Runtime
from contracts.findings import MotorVehicle, Registration, TaxedIncome
from contracts.vocabulary import Agency, Area, Conclusion, FlagCode, ItemKind, Outcome, Reason
from tests.service.verification.conftest import DEADLINE, Verification
from tests.service.verification.world import (
    NOW,
    an_answer,
    an_application,
    answers,
    consent_withdrawn,
    silent,
    together,
    withdrawn,
)
from tests.testbed import TestBed

A_CAR = MotorVehicle(type="car", registered_on=date(2020, 1, 1), value_fen=5_000_000, plate_mask="黑F****1")


@pytest.mark.policy("R-065")
async def test_an_accepted_application_opens_one_check_and_says_whom_to_ask(verification: Verification) -> None:
    fact = an_application(members=2, area=Area.URBAN)
    opened = await verification.open(fact)
    assert opened.private.people == fact.private.people
    asked = {ask.agency: ask.member_ids for ask in opened.plan}
    assert asked[Agency.BANK] == tuple(member.member_id for member in fact.members)
    assert Agency.AGRICULTURAL_MACHINERY not in asked
    assert Agency.DISABLED_FEDERATION not in asked
    assert await verification.acts() == ["check.opened"]

    await verification.hear(replace(fact, event_id=new_event_id()))
    assert await verification.count("checks") == 1
    assert len(await verification.bed.said()) == 1


@pytest.mark.policy("R-068")
async def test_the_last_answer_issues_version_one_with_its_open_flags(verification: Verification) -> None:
    opened = await verification.open(an_application())
    told = answers(opened, {(Agency.VEHICLE, 1): [A_CAR]})
    await verification.hear(*told[:-1])
    assert await verification.reports() == []
    await verification.hear(told[-1])
    (report,) = await verification.reports()
    assert report.report_version == 1
    assert report.supersedes is None
    assert not report.is_partial
    assert report.coverage.asked == report.coverage.answered == sum(len(ask.member_ids) for ask in opened.plan)
    assert [flag.code for flag in report.open_flags] == [FlagCode.AST_08]
    assert report.conclusion is Conclusion.FLAGS_OPEN
    assert not report.property_qualifies
    assert report.number.endswith("-v1")
    rows = await verification.bed.rows("select state, version, open_flags, report_id from checks")
    assert rows == [{"state": "reported", "version": 1, "open_flags": 1, "report_id": report.report_id}]
    assert "report.issued" in await verification.acts()


async def test_hundreds_of_households_in_one_batch_get_one_report_each(verification: Verification) -> None:
    facts = [an_application() for _ in range(120)]
    await verification.hear(*facts)
    opened = await verification.bed.said()
    told = together([one for event in opened for one in answers(event, {(Agency.VEHICLE, 0): [A_CAR]})])  # type: ignore[arg-type]
    await verification.hear(*told)
    reports = await verification.reports()
    assert {report.application_id for report in reports} == {fact.application_id for fact in facts}
    assert len({report.number for report in reports}) == len(reports) == 120
    assert await verification.count("signatures") == 1
    assert await verification.count("flags") == 120


@pytest.mark.policy("R-068")
async def test_order_and_repetition_of_answers_do_not_matter(verification: Verification) -> None:
    opened = await verification.open(an_application())
    told = answers(opened, {(Agency.TAX, 0): [TaxedIncome(item="wage", amount_fen=9_000_000)]})
    again = [replace(event, event_id=new_event_id()) for event in told]
    shuffled = [*told, *told, *again]
    random.Random(7).shuffle(shuffled)
    for event in shuffled:
        await verification.hear(event)
    (report,) = await verification.reports()
    assert [flag.code for flag in report.open_flags] == [FlagCode.INC_01]
    assert await verification.count("flags") == 1


async def test_a_silent_agency_is_waited_for_until_the_deadline_and_its_late_answer_supplements(
    verification: Verification,
) -> None:
    opened = await verification.open(an_application())
    await verification.hear(*answers(opened, but=[Agency.VEHICLE]), silent(opened, Agency.VEHICLE, Reason.LATE))
    await verification.ring()
    assert await verification.reports() == []

    verification.clock.at = NOW + DEADLINE
    await verification.ring()
    await verification.ring()
    (first,) = await verification.reports()
    assert first.is_partial
    assert first.conclusion is Conclusion.INCOMPLETE
    assert first.coverage.silent == 2
    assert not first.property_qualifies, "no answer never reads as owns nothing"

    await verification.hear(an_answer(opened, Agency.VEHICLE, {(Agency.VEHICLE, 0): [A_CAR]}))
    first, second = await verification.reports()
    assert (second.report_version, second.supersedes) == (2, first.report_id)
    assert not second.is_partial
    assert [flag.code for flag in second.open_flags] == [FlagCode.AST_08]
    repeated = an_answer(opened, Agency.VEHICLE, {(Agency.VEHICLE, 0): [A_CAR]})
    await verification.hear(repeated)
    assert len(await verification.reports()) == 2


async def test_an_invalid_answer_is_shown_as_invalid_and_a_better_one_supplements(verification: Verification) -> None:
    opened = await verification.open(an_application())
    broken = an_answer(opened, Agency.BANK, outcome=Outcome.INVALID, reason=Reason.WRONG_PERSON)
    await verification.hear(*answers(opened, but=[Agency.BANK]), broken)
    (first,) = await verification.reports()
    assert (first.is_partial, first.coverage.invalid) == (True, 2)
    await verification.hear(an_answer(opened, Agency.BANK))
    _, second = await verification.reports()
    assert (second.is_partial, second.coverage.invalid) == (False, 0)
    assert second.conclusion is Conclusion.NO_FLAGS


async def test_an_agency_that_cannot_be_asked_is_not_waited_for(verification: Verification) -> None:
    opened = await verification.open(an_application())
    await verification.hear(*answers(opened, but=[Agency.TAX]), silent(opened, Agency.TAX, Reason.NOT_CONNECTED))
    (report,) = await verification.reports()
    assert report.is_partial
    assert not report.income_qualifies


@pytest.mark.policy("R-024")
async def test_a_withdrawn_consent_is_waited_for_no_longer_and_what_was_answered_stays(
    verification: Verification,
) -> None:
    fact = an_application()
    opened = await verification.open(fact)
    await verification.hear(an_answer(opened, Agency.VEHICLE, {(Agency.VEHICLE, 1): [A_CAR]}))
    await verification.hear(consent_withdrawn(fact, 1))
    assert await verification.reports() == []
    for event in answers(opened, but=[Agency.VEHICLE]):
        (item,) = event.items
        cut = replace(item, answered=tuple(one for one in item.answered if one.endswith("00")))
        await verification.hear(replace(event, items=[cut]))
    (report,) = await verification.reports()
    assert report.is_partial
    assert report.coverage.answered == len(opened.plan) + 1
    assert [flag.code for flag in report.open_flags] == [FlagCode.AST_08]


async def test_a_withdrawn_application_is_never_reported(verification: Verification) -> None:
    fact = an_application()
    opened = await verification.open(fact)
    await verification.hear(withdrawn(fact))
    await verification.hear(*answers(opened))
    verification.clock.at = NOW + DEADLINE
    await verification.ring()
    assert await verification.reports() == []
    assert await verification.count("arrivals") == 0
    assert (await verification.acts()).count("check.stopped") == 1


async def test_members_without_consent_are_not_asked_about_and_the_report_says_so(verification: Verification) -> None:
    fact = an_application()
    fact = replace(fact, consented=[fact.members[0].member_id])
    opened = await verification.open(fact)
    assert all(ask.member_ids == (fact.members[0].member_id,) for ask in opened.plan)
    await verification.hear(*answers(opened))
    (report,) = await verification.reports()
    assert report.is_partial
    assert report.coverage.silent == len(opened.plan)


async def test_an_answer_about_an_unknown_check_is_parked_alone(verification: Verification) -> None:
    opened = await verification.open(an_application())
    known, unknown = (
        answers(opened)[0],
        answers(replace(opened, check_id="chk_none", application_id="app_none"))[0],
    )
    await verification.hear(*together([known, unknown]))
    rows = await verification.bed.rows("select problem from parked")
    assert [row["problem"] for row in rows] == ["refused:check-unknown"]
    assert await verification.count("arrivals") == 1


async def test_an_application_of_a_region_without_policy_is_parked(verification: Verification) -> None:
    await verification.hear(an_application(region="999999"), an_application())
    assert await verification.count("checks") == 1
    assert await verification.count("parked") == 1


async def test_names_and_numbers_stand_nowhere_in_clear(verification: Verification) -> None:
    fact = an_application()
    opened = await verification.open(fact)
    await verification.hear(
        *answers(
            opened,
            {
                (Agency.VEHICLE, 1): [A_CAR],
                (Agency.PUBLIC_SECURITY, 0): [
                    Registration(status="normal", name_matches=True, region="990101", registered_persons=2)
                ],
            },
        )
    )
    tables = ("checks", "households", "arrivals", "flags", "reports", "signatures", "outbox", "audit")
    dump = "".join([str(await verification.bed.rows(f"select * from {table}")) for table in tables])
    for person in fact.private.people:
        assert person.citizen_id not in dump
        assert person.name not in dump
    assert opened.check_id in dump


async def test_a_late_report_carries_the_local_day(verification: Verification) -> None:
    verification.clock.at = datetime(2026, 9, 16, 17, 0, tzinfo=UTC)
    opened = await verification.open(an_application(declaration=[(ItemKind.WAGE, 1_200_000)]))
    await verification.hear(*answers(opened))
    (report,) = await verification.reports()
    assert "-20260917-" in report.number
    assert report.issued_at - NOW == timedelta(hours=15)


@asynccontextmanager
async def another_process(of: Verification) -> AsyncIterator[TestBed]:
    """The service once more on the same database, with nothing in its memory."""
    runtime = Runtime(of.bed.runtime.service, of.bed.site)
    runtime.clock = runtime.database.clock = of.clock
    await runtime.database.open()
    yield TestBed(runtime)
    await runtime.database.close()


async def test_what_other_processes_heard_in_between_is_in_the_report(verification: Verification) -> None:
    opened = await verification.open(an_application())
    told = {event.agency: event for event in answers(opened, {(Agency.VEHICLE, 1): [A_CAR]})}
    vehicle, tax, last = (told.pop(agency) for agency in (Agency.VEHICLE, Agency.TAX, Agency.BANK))
    await verification.hear(tax)
    async with another_process(verification) as other:
        await other.hear(vehicle)
    await verification.hear(*told.values())
    await verification.hear(last)
    (report,) = await verification.reports()
    assert report.coverage.answered == report.coverage.asked
    assert [flag.code for flag in report.open_flags] == [FlagCode.AST_08]


async def test_what_was_heard_in_vain_is_not_remembered(verification: Verification) -> None:
    opened = await verification.open(an_application())
    told = {event.agency: event for event in answers(opened, {(Agency.VEHICLE, 1): [A_CAR]})}
    vehicle, last = told.pop(Agency.VEHICLE), told.pop(Agency.BANK)
    nowhere = replace(an_application(), region="000000")
    await verification.hear(vehicle, *told.values(), nowhere)
    assert await verification.count("parked") == 1
    assert await verification.count("arrivals") == 1 + len(told)
    corrected = an_answer(opened, Agency.VEHICLE, as_of=NOW - timedelta(hours=2))
    async with another_process(verification) as other:
        await other.hear(corrected)
    await verification.hear(last)
    (report,) = await verification.reports()
    assert report.coverage.answered == report.coverage.asked
    assert report.open_flags == []
