"""Duplicate, reordered and replayed events: said once or many times, in whatever order, they take effect once."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from msgspec.structs import replace

from chassis.ids import new_event_id
from tests.journeys import records
from tests.journeys.county import County, HouseholdOf
from tests.journeys.patience import until
from tests.journeys.records import Recorded
from tests.journeys.speaking import Voice

HOUSEHOLDS = 40
REPLAYED = ("intake.application", "verification.check", "adapters.answer")
_ORDER = Random(20261121)


async def test_recorded_events_again_and_shuffled_change_nothing(county: County) -> None:
    applications, recorded = await played(county)
    before = await picture(county, applications)
    again = recorded * 2
    _ORDER.shuffle(again)
    records.produce(county.platform, again)
    await all_taken(county)
    assert await picture(county, applications) == before


async def test_the_same_facts_under_new_ids_in_another_order_change_nothing(county: County) -> None:
    applications, recorded = await played(county)
    before = await picture(county, applications)
    voices = {service: Voice(county.platform, service) for service in ("intake", "verification", "adapters")}
    retold = []
    for record in recorded:
        voice = voices[record.topic.split(".")[0]]
        retold.append(voice.say(replace(voice.hear(record), event_id=new_event_id())))
    _ORDER.shuffle(retold)
    records.produce(county.platform, retold)
    await all_taken(county)
    assert await picture(county, applications) == before


async def played(county: County) -> tuple[HouseholdOf, list[Recorded]]:
    """Households all reported, and every record that led to it."""
    marks = records.marks(county.platform, REPLAYED)
    applications = await county.submit_batches(await county.households(HOUSEHOLDS))
    await county.await_version(applications, 1)
    await all_taken(county)
    recorded = records.read(county.platform, REPLAYED, marks)
    assert {record.topic for record in recorded} == set(REPLAYED)
    return applications, recorded


async def all_taken(county: County) -> None:
    """Until no service has anything left to hear, to ask or to say."""

    async def quiet() -> bool:
        if any(records.lag(county.platform, service) for service in ("verification", "adapters")):
            return False
        open_cells = await county.rows(
            "adapters", "select (select count(*) from cell) + (select count(*) from asking) as n"
        )
        unsent = [await county.rows(one, "select count(*) as n from outbox") for one in ("verification", "adapters")]
        return not open_cells[0]["n"] and not any(rows[0]["n"] for rows in unsent)

    await until(quiet, "everything taken, asked and said")


async def picture(county: County, applications: HouseholdOf) -> dict[str, Any]:
    """All that these households have become, inside and outside."""
    ids = list(applications)

    async def of(service: str, query: str) -> list[dict[str, Any]]:
        return await county.rows(service, query, ids)

    mine = "where application_id = any($1) order by 1, 2"
    checks = await of("verification", f"select check_id, application_id, state, ended, version from checks {mine}")
    reports = await of("verification", f"select report_id, version, content_hash, open_flags from reports {mine}")
    assert len(checks) == len(ids)
    assert Counter(one["version"] for one in reports) == {1: len(ids)}
    issued = [
        (record.key, record.header("id"))
        for record in records.read(county.platform, ["verification.report"])
        if record.key.decode() in applications
    ]
    return {
        "checks": checks,
        "reports": reports,
        "flags": await of("verification", f"select flag_id, revision, state from flags {mine}"),
        "calls": await of(
            "adapters",
            "select inquiry_id, call_id, agency, outcome from call join inquiry on inquiry_id = any(inquiry_ids)"
            " where application_id = any($1) order by 1, 2",
        ),
        "asked": sorted(
            (call["agency"], application_id, tuple(persons))
            for call in await county.outside.calls()
            for application_id, persons in call["asked"].items()
            if application_id in applications
        ),
        "issued": sorted(set(issued)),
        "parked": await county.rows("verification", "select id, event_id from parked order by id"),
    }
