"""The people of a journey, each through the doors that everybody uses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import asyncpg
import httpx
import orjson

from chassis.clock import Clock
from deploy.demo.caseworker import Caseworker
from deploy.demo.desk import HttpDesk
from deploy.demo.township import REGION, TOWNSHIP, Receipt, Township
from deploy.local.platform import LocalPlatform
from tests.journeys.outside import Outside
from tests.journeys.patience import WITHIN_S, until

__all__ = ["BATCH", "County", "HouseholdOf", "household_of", "is_rural", "is_urban"]

BATCH = 200
_AT_ONCE = 16

HouseholdOf = dict[str, int]
"""Application id -> household number."""


class County:
    """A township, a caseworker and an operator of one journey, and what they know of the world outside."""

    def __init__(
        self,
        platform: LocalPlatform,
        client: httpx.AsyncClient,
        run: str,
        numbers: Iterator[int],
        handed_in: list[dict[str, Any]],
    ) -> None:
        secret = json.loads(platform.site_file("simulator").read_text())["admin_token"]
        self.platform = platform
        self.client = client
        self.run = run
        self.clock = Clock(platform.var / "clock.json")
        self.outside = Outside(client, platform.url("simulator"), secret)
        desk = HttpDesk(platform, client)
        self.township = Township(desk, run)
        self.caseworker = Caseworker(desk, run)
        self._numbers = numbers
        self._handed_in = handed_in

    def bearer(self, role: str, office: str = TOWNSHIP) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.platform.token(role, office)}"}

    async def households(
        self, count: int, among: Callable[[dict[str, Any]], bool] = lambda application: True
    ) -> list[dict[str, Any]]:
        """The next households that no journey has used, `{"household_no", "application"}`, only such as are wanted."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            numbers = [next(self._numbers) for _ in range(count)]
            some = await self.outside.households(
                numbers[0], count, region=REGION, signed_on=self.clock.today().isoformat()
            )
            found += [one for one in some if among(one["application"])]
        chosen = found[:count]
        self._handed_in += [one["application"] for one in chosen]
        return chosen

    async def submit(self, households: Sequence[dict[str, Any]]) -> HouseholdOf:
        """Hand in one by one; every household is accepted."""
        receipts = [receipt async for receipt in self.township.submit(households)]
        assert {receipt.state for receipt in receipts} == {"accepted"}
        return household_of(receipts)

    async def submit_batches(self, households: Sequence[dict[str, Any]], batch: int = BATCH) -> HouseholdOf:
        """Hand in many at a time; every household is accepted."""
        applications: HouseholdOf = {}
        for start in range(0, len(households), batch):
            some = households[start : start + batch]
            answer = await self.client.post(
                f"{self.platform.url('intake')}/intake/v1/applications/batch",
                content=orjson.dumps({"applications": [one["application"] for one in some]}),
                headers={
                    **self.bearer("township_clerk"),
                    "Content-Type": "application/json",
                    "Idempotency-Key": f"{self.run}-from-{some[0]['household_no']}",
                },
            )
            answer.raise_for_status()
            verdicts = answer.json()
            assert verdicts["accepted"] == len(some)
            for one, verdict in zip(some, verdicts["results"], strict=True):
                applications[verdict["receipt"]["application_id"]] = one["household_no"]
        return applications

    async def await_version(self, applications: Iterable[str], version: int, within_s: float = WITHIN_S) -> None:
        """Until the report of each of these has come to that version."""
        wanted = list(applications)

        async def all_there() -> bool:
            rows = await self.rows(
                "verification",
                "select count(*) as n from checks where application_id = any($1::text[]) and version >= $2",
                wanted,
                version,
            )
            return bool(rows[0]["n"] == len(wanted))

        await until(all_there, f"version {version} of {len(wanted)} reports", within_s)

    async def versions(self, application_id: str) -> list[dict[str, Any]]:
        """All versions of a report as lines, the first first."""
        return await self.caseworker.reports(application_id)

    async def latest(self, applications: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The newest version of each application's report, as a line."""
        ids, found = list(applications), {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            for one, lines in zip(some, await asyncio.gather(*map(self.versions, some)), strict=True):
                found[one] = lines[-1]
        return found

    async def rows(self, service: str, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of a service's database as PostgreSQL's superuser sees them."""
        connection = await asyncpg.connect(self.platform.admin_dsn(service))
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()


def household_of(receipts: Iterable[Receipt]) -> HouseholdOf:
    return {receipt.application_id: receipt.household_no for receipt in receipts}


def is_rural(application: dict[str, Any]) -> bool:
    return bool(application["area"] == "rural")


def is_urban(application: dict[str, Any]) -> bool:
    return not is_rural(application)
