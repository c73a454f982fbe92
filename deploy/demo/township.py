"""A township's script: hands simulated households in over REST, each under an idempotency key of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.desk import Desk, Officer, Refused, trace_of

TOWNSHIP = "cn/2307/230799/230799001/"
COUNTY = "cn/2307/230799/"
REGION = "230799001"
CLERK = Officer("township_clerk", TOWNSHIP)


@dataclass(frozen=True)
class Receipt:
    """What intake answered for one household."""

    household_no: int
    application_id: str
    number: str
    state: str
    traceparent: str
    """Under which everything that is done for the household goes on."""

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]


class Township:
    """Submits, and tries again under the same key while the platform is away: nothing is lost, nothing doubled."""

    def __init__(self, desk: Desk, run: str, *, clerk: Officer = CLERK) -> None:
        self._desk = desk
        self._run = run
        self._clerk = clerk

    async def submit(self, households: Sequence[dict[str, Any]], *, at_once: int = 8) -> AsyncIterator[Receipt]:
        """Hand the households in, a few at a time; receipts as they come. Raises Refused, OutOfPatience."""
        gate = asyncio.Semaphore(at_once)

        async def one(household: dict[str, Any]) -> Receipt:
            async with gate:
                return await self.submit_one(household)

        for finished in asyncio.as_completed([one(household) for household in households]):
            yield await finished

    async def submit_one(self, household: dict[str, Any]) -> Receipt:
        """Hand one `{"household_no", "application"}` in. Raises Refused, OutOfPatience."""
        number = household["household_no"]
        answer = await self._desk.ask(
            self._clerk,
            "intake",
            "POST",
            "/applications",
            body={**household["application"], "external_ref": f"{self._run}-{number}"},
            key=f"demo-{self._run}-{number}",
            trace=trace_of(self._run, number),
        )
        try:
            receipt = answer.expect(202)
        except Refused as why:
            raise Refused(f"household {number}: {why}") from None
        traceparent = answer.headers.get("traceparent", "")
        return Receipt(number, receipt["application_id"], receipt["number"], receipt["state"], traceparent)

    async def withdraw(self, application_id: str) -> None:
        """The family takes its application back. Raises Refused, OutOfPatience."""
        answer = await self._desk.ask(
            self._clerk,
            "intake",
            "POST",
            f"/applications/{application_id}/withdrawal",
            key=f"demo-{self._run}-withdraw-{application_id}",
        )
        answer.expect()
