"""The world outside as the demonstration may see it: the households, and the truth by which the flags are judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class World:
    """The simulator's pages behind its admin token, which no service has."""

    def __init__(self, client: httpx.AsyncClient, url: str, admin_token: str) -> None:
        self._client = client
        self._url = url
        self._headers = {"X-Simulator-Admin": admin_token}

    async def households(self, first: int, count: int, *, region: str, signed_on: str) -> list[dict[str, Any]]:
        """`{"household_no", "application"}`, ready to hand in."""
        return await self._pages("people", first, count, {"region": region, "signed_on": signed_on})

    async def truth(self, first: int, count: int) -> dict[int, list[dict[str, Any]]]:
        """By household: the flags that were planted."""
        return {one["household_no"]: one["flags"] for one in await self._pages("truth", first, count, {})}

    async def money(self, peer: str) -> list[dict[str, Any]]:
        """The whole book of "bank" or "treasury": what it did, whatever anybody else says."""
        rows: list[dict[str, Any]] = []
        while True:
            after = rows[-1]["no"] if rows else 0
            page = await self._get(f"admin/money/ledger/{peer}", {"after": after})
            if not page["rows"]:
                return rows
            rows += page["rows"]

    async def money_summary(self) -> dict[str, dict[str, int]]:
        """What bank and treasury moved in all, and `paid_twice` at the bank."""
        summary: dict[str, dict[str, int]] = await self._get("admin/money/summary", {})
        return summary

    async def reject_card(self, account: str) -> None:
        """Let the bank return what is paid into this account, once."""
        told = {"peer": "bank", "fault": "rejected_card", "account": account, "times": 1}
        answer = await self._client.put(f"{self._url}/admin/money/faults", json=told, headers=self._headers)
        answer.raise_for_status()

    async def _get(self, page: str, query: Mapping[str, str | int]) -> Any:
        answer = await self._client.get(f"{self._url}/{page}", params=query, headers=self._headers)
        answer.raise_for_status()
        return answer.json()

    async def _pages(self, page: str, first: int, count: int, query: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < count:
            some: dict[str, str | int] = {"from": first + len(found), "count": min(count - len(found), 1_000), **query}
            found += (await self._get(page, some))["households"]
        return found
