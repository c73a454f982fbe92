"""What must hold of households after faults: nothing lost, nothing doubled."""

from __future__ import annotations

from collections import Counter, defaultdict

import orjson

from tests.journeys import records
from tests.journeys.county import County, HouseholdOf


async def assert_each_once(county: County, applications: HouseholdOf) -> None:
    """Each has one check, one inquiry, one report of version 1 said as one event, and nothing of it is put aside.

    A record may stand twice on its topic, with the same event id: listeners absorb that.
    """
    ids = list(applications)
    expected = Counter(ids)
    for service, query in (
        ("verification", "select application_id as one from checks where application_id = any($1)"),
        ("verification", "select application_id as one from reports where application_id = any($1) and version = 1"),
        ("adapters", "select application_id as one from inquiry where application_id = any($1)"),
        ("intake", "select application_id as one from application where application_id = any($1)"),
    ):
        assert Counter(row["one"] for row in await county.rows(service, query, ids)) == expected, query
    for service in county.platform.map.services:
        assert not await county.rows(service, "select type, problem from parked where key = any($1)", ids), service
    said: dict[str, set[str]] = defaultdict(set)
    for record in records.read(county.platform, ["verification.report"]):
        content = orjson.loads(record.value)
        if content["application_id"] in applications and content["report_version"] == 1:
            said[content["application_id"]].add(record.header("id"))
    assert {one: len(events) for one, events in said.items()} == dict.fromkeys(ids, 1)
