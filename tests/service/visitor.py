"""Whoever calls at a service's doors, and business time that stands where a test puts it."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any, ClassVar

import httpx
import orjson

from chassis.clock import Clock


class HeldClock(Clock):
    """Business time that stands where the test puts it."""

    def __init__(self, at: datetime) -> None:
        super().__init__(None)
        self.at = at

    def now(self) -> datetime:
        return self.at


class Visitor:
    """One person at the doors: calls with that person's token, and a fresh idempotency key unless told otherwise."""

    root: ClassVar[str]
    """What the service's paths begin with."""
    _numbers = itertools.count(1)

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def get(self, path: str = "") -> httpx.Response:
        return await self.client.get(f"{self.root}{path}", headers=self.headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """POST plain values as JSON, or bytes as they are; headers are named with underscores."""
        content = body if isinstance(body, bytes) else orjson.dumps({} if body is None else body)
        sent = {"content-type": "application/json", "idempotency-key": f"k-{next(self._numbers)}", **self.headers}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return await self.client.post(f"{self.root}{path}", content=content, headers=sent)

    async def read(self, path: str) -> dict[str, Any]:
        """What must be there."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
