"""The world outside, as a journey may see and hurt it: households and truth, faults, the agencies' own ledger."""

from __future__ import annotations

from typing import Any

import httpx

from contracts.vocabulary import Agency
from deploy.demo.world import World

_PAGE = 10_000


class Outside(World):
    """The simulator's pages behind its admin token."""

    async def put_fault(self, agency: Agency, fault: str, **more: Any) -> None:
        """`more`: citizen_id, ms, times."""
        answer = await self._client.put(
            f"{self._url}/admin/faults", json={"agency": agency, "fault": fault, **more}, headers=self._headers
        )
        answer.raise_for_status()

    async def mend(self) -> None:
        """No fault but those built into the reserved households."""
        try:
            answer = await self._client.delete(f"{self._url}/admin/faults", headers=self._headers)
        except httpx.TransportError:
            return
        answer.raise_for_status()

    async def calls(self, agency: Agency | None = None, after: int = 0) -> list[dict[str, Any]]:
        """What the agencies wrote down: `{"call", "agency", "at", "asked": {application: [person numbers]}}`."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"after": str(after), "limit": str(_PAGE), **({"agency": str(agency)} if agency else {})}
            answer = await self._client.get(f"{self._url}/admin/ledger", params=query, headers=self._headers)
            answer.raise_for_status()
            page = answer.json()["calls"]
            found += page
            if len(page) < _PAGE:
                return found
            after = page[-1]["call"]
