"""A township's script: hands simulated households in over REST, each under an idempotency key of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

TOWNSHIP = "cn/2307/230799/230799001/"
COUNTY = "cn/2307/230799/"
REGION = "230799001"
_RETRIES = 40
_PAUSE_S = 0.25


@dataclass(frozen=True)
class Receipt:
    """What intake answered for one household."""

    household_no: int
    application_id: str
    number: str
    state: str
    trace_id: str


class NotTaken(RuntimeError):
    """Intake refused a household that the script thinks complete. Shows the problem's code, never the application."""


class Township:
    """Submits, and tries again under the same key while the platform is away: nothing is lost, nothing doubled."""

    def __init__(
        self, client: httpx.AsyncClient, intake_url: str, token: str, run: str, *, retries: int = _RETRIES
    ) -> None:
        self._retries = retries
        self._client = client
        self._url = intake_url
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._run = run

    async def submit(self, households: Sequence[dict[str, Any]], *, at_once: int = 8) -> AsyncIterator[Receipt]:
        """Hand the households in, a few at a time; receipts as they come."""
        gate = asyncio.Semaphore(at_once)

        async def one(household: dict[str, Any]) -> Receipt:
            async with gate:
                return await self._submit_one(household)

        for finished in asyncio.as_completed([one(household) for household in households]):
            yield await finished

    async def _submit_one(self, household: dict[str, Any]) -> Receipt:
        number = household["household_no"]
        body = orjson.dumps({**household["application"], "external_ref": f"{self._run}-{number}"})
        headers = {**self._headers, "Idempotency-Key": f"demo-{self._run}-{number}"}
        for _ in range(self._retries):
            try:
                answer = await self._client.post(f"{self._url}/intake/v1/applications", content=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(_PAUSE_S)
                continue
            if answer.status_code in (409, 429, 503) and answer.headers.get("Retry-After"):
                await asyncio.sleep(_PAUSE_S)
                continue
            if answer.status_code != 202:
                problem = answer.json() if answer.content else {}
                where = [f"{error['pointer']} {error['code']}" for error in problem.get("errors", ())]
                raise NotTaken(f"household {number}: {answer.status_code} {problem.get('code')} {'; '.join(where)}")
            receipt = answer.json()
            trace = answer.headers.get("traceparent", "")
            return Receipt(number, receipt["application_id"], receipt["number"], receipt["state"], trace[3:35])
        raise NotTaken(f"household {number}: intake could not be reached")
