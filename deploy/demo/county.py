"""The county's people who look at what a township decides: they draw from its applicants and check whom they drew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from http import HTTPStatus

from deploy.demo.desk import Desk, Officer, every
from deploy.demo.township import COUNTY, TOWNSHIP

APPROVER = Officer("county_approver", COUNTY)
_AT_ONCE = 16


class CountyOffice:
    """Draws and records what it found, each once."""

    def __init__(self, desk: Desk, run: str) -> None:
        self._desk = desk
        self._run = run

    async def draw(self, number: int = 1) -> int:
        """Draw until every applicant with an opinion was in a draw; how many draws that took. The first is `number`."""
        done = 0
        while True:
            answer = await self._desk.ask(
                APPROVER,
                "approval",
                "POST",
                "/draws",
                body={"office": TOWNSHIP},
                key=f"{self._run}-draw-{number + done}",
            )
            if answer.code == "nothing-to-draw":
                return done
            answer.expect(HTTPStatus.CREATED)
            done += 1

    async def waiting(self, cases: Collection[str]) -> list[str]:
        """Spot checks of these cases that have no result yet."""
        rows = every(self._desk, APPROVER, "approval", "/spot-checks", {"done": "false"})
        return [row["spot_check_id"] async for row in rows if row["case_id"] in cases]

    async def look(self, spot_checks: Collection[str]) -> AsyncIterator[str]:
        """Look at the file of each and find it in order."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(spot_check_id: str) -> str:
            async with gate:
                answer = await self._desk.ask(
                    APPROVER,
                    "approval",
                    "POST",
                    f"/spot-checks/{spot_check_id}/result",
                    body={"look": "file", "found": "in_order"},
                    key=f"{self._run}-{spot_check_id}",
                )
            if answer.code != "already-checked":
                answer.expect(HTTPStatus.CREATED)
            return spot_check_id

        for finished in asyncio.as_completed([one(spot_check_id) for spot_check_id in spot_checks]):
            yield await finished
