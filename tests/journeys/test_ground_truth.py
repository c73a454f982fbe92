"""Thousands of households against the truth that the generator planted, and against the agencies' own ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from contracts.vocabulary import Agency
from tests.journeys.conftest import HOUSEHOLDS
from tests.journeys.county import County, HouseholdOf
from tests.journeys.once import assert_each_once

WITHIN_S = 60 + HOUSEHOLDS / 20

# Whom each agency is asked about, as policies/national.yaml has it, written down a second time.
_ALL_MEMBERS = {Agency.PUBLIC_SECURITY, Agency.HOUSING, Agency.BANK, Agency.INSURANCE, Agency.CIVIL_AFFAIRS}
_RURAL_MEMBERS = {Agency.POVERTY_REGISTER}
_RURAL_ADULTS = {Agency.AGRICULTURAL_MACHINERY}
_DECLARED_DISABLED = {Agency.DISABLED_FEDERATION}
_ADULTS = set(Agency) - _ALL_MEMBERS - _RURAL_MEMBERS - _RURAL_ADULTS - _DECLARED_DISABLED


async def test_every_planted_flag_is_found_and_every_question_is_asked_once_and_answered(county: County) -> None:
    households = await county.households(HOUSEHOLDS)
    truth = await county.outside.truth(households[0]["household_no"], len(households))
    calls_before = len(await county.outside.calls())
    applications = await county.submit_batches(households)
    assert len(applications) == HOUSEHOLDS
    await county.await_version(applications, 1, WITHIN_S)

    raised = found_flags(await county.caseworker.flags("open", applications), applications)
    planted = planted_flags(truth)
    assert not planted - raised, "planted and missed"
    assert len(raised & planted) / len(raised) >= 0.95, raised - planted

    await assert_each_once(county, applications)
    plans = {one["household_no"]: plan(one["application"], county.clock.today()) for one in households}
    reports = await county.rows(
        "verification",
        "select application_id, version, is_partial, asked, answered from reports where application_id = any($1)",
        list(applications),
    )
    assert Counter(one["version"] for one in reports) == {1: HOUSEHOLDS}
    for one in reports:
        asked = plans[applications[one["application_id"]]].total()
        assert (one["asked"], one["answered"], one["is_partial"]) == (asked, asked, False)

    asked_outside: dict[str, Counter[Agency]] = {application_id: Counter() for application_id in applications}
    for call in (await county.outside.calls())[calls_before:]:
        for application_id, persons in call["asked"].items():
            asked_outside[application_id][Agency(call["agency"])] += len(persons)
    assert all(asked_outside[one] == plans[number] for one, number in applications.items())


def plan(application: dict[str, Any], today: date) -> Counter[Agency]:
    """How many members each agency is to be asked about."""
    members = application["members"]
    adults = sum(is_adult(one["citizen_id"], today) for one in members)
    rural = application["area"] == "rural"
    disabled = sum(one["disability_grade"] is not None for one in members)
    counts = {
        **dict.fromkeys(_ALL_MEMBERS, len(members)),
        **dict.fromkeys(_ADULTS, adults),
        **dict.fromkeys(_RURAL_MEMBERS, len(members) if rural else 0),
        **dict.fromkeys(_RURAL_ADULTS, adults if rural else 0),
        **dict.fromkeys(_DECLARED_DISABLED, disabled),
    }
    return Counter({agency: count for agency, count in counts.items() if count})


def is_adult(citizen_id: str, today: date) -> bool:
    """By the day of birth that the resident id says."""
    born = date(int(citizen_id[6:10]), int(citizen_id[10:12]), int(citizen_id[12:14]))
    return (today.year - born.year) - ((today.month, today.day) < (born.month, born.day)) >= 18


Found = set[tuple[int, str, int | None]]
"""Household number, code, and the member's place in it where the flag is about one member."""


def found_flags(flags: Iterable[dict[str, Any]], applications: HouseholdOf) -> Found:
    """What was raised."""
    return {(applications[one["application_id"]], one["code"]["code"], place_of(one["member_id"])) for one in flags}


def place_of(member_id: str | None) -> int | None:
    return None if member_id is None else int(member_id.rpartition("_")[2])


def planted_flags(truth: dict[int, list[dict[str, Any]]]) -> Found:
    """What there is to be found."""
    return {
        (number, one["code"], None if one["scope"] == "household" else one["member"])
        for number, flags in truth.items()
        for one in flags
    }
