"""Broker, intake and database are killed while townships hand in: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import asyncio

import httpx

from deploy.demo.township import Receipt
from tests.journeys.county import County, household_of
from tests.journeys.once import assert_each_once

HOUSEHOLDS = 500
KILLED_AFTER = {"kafka": 100, "intake": 120, "postgres": 250}
"""How many households were acknowledged when each was killed: intake while it has nobody to tell what it took."""
WITHIN_S = 120


async def test_killed_in_mid_flow_nothing_is_lost_and_nothing_is_doubled(county: County) -> None:
    households = await county.households(HOUSEHOLDS)
    stored_before = await stored(county)
    before = county.platform.processes()
    receipts: list[Receipt] = []
    async for receipt in county.township.submit(households):
        receipts.append(receipt)
        for name, count in KILLED_AFTER.items():
            if count == len(receipts):
                await asyncio.to_thread(county.platform.kill, name)
    for name in KILLED_AFTER:
        await asyncio.to_thread(county.platform.await_ready, name)
        assert county.platform.processes()[name] != before[name]
    applications = household_of(receipts)
    assert len(applications) == len({receipt.number for receipt in receipts}) == HOUSEHOLDS
    assert {receipt.state for receipt in receipts} == {"accepted"}
    await county.await_version(applications, 1, WITHIN_S)
    await assert_each_once(county, applications)

    replayed: list[str] = []

    async def note(answer: httpx.Response) -> None:
        replayed.append(answer.headers.get("Idempotent-Replayed", "no"))

    county.client.event_hooks["response"].append(note)
    again = [receipt async for receipt in county.township.submit(households)]
    assert household_of(again) == applications, "retries get the answer they got before"
    assert replayed == ["true"] * HOUSEHOLDS
    assert await stored(county) == stored_before + HOUSEHOLDS
    await assert_each_once(county, applications)


async def stored(county: County) -> int:
    """How many applications intake holds."""
    (row,) = await county.rows("intake", "select count(*) as n from application")
    return int(row["n"])
