"""What people do while things break: waves of households, each going the whole way from application to payment.

Everybody acts through the services' doors alone, as in the demonstration; only the simulator's truth stands in for a
visit to the family. A wave has three phases, between which business time is moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from deploy.demo.township import REGION
from deploy.demo.world import World
from tests.chaos.checking import check, hand_in_early
from tests.chaos.deciding import decide
from tests.chaos.handed_in import HandedIn
from tests.chaos.paying import pay
from tests.chaos.wave import Scene, Wave

PHASES: Mapping[str, Mapping[str, float]] = {
    "check": {"intake": 2.5, "verification": 3.0, "adapters": 3.0, "agencies": 3.0, "bank": 0.1, "treasury": 0.1},
    "decide": {"approval": 5.0, "verification": 1.5, "agencies": 0.4, "bank": 0.1, "treasury": 0.1},
    "pay": {"payments": 6.0, "approval": 2.0, "simulator": 2.0, "bank": 4.0, "treasury": 4.0, "agencies": 0.1},
}
"""What each phase asks for more of, and less."""

_STRETCH = 3
"""Households looked at for each that is taken."""
_FLAGGED = 4
"""One household in so many has something to hide; the rest are such as money is paid to."""


class Waves:
    """The people of one run."""

    def __init__(self, scene: Scene, world: World, *, clients: int, households: int) -> None:
        self._scene = scene
        self._world = world
        self._clients = clients
        self._households = households
        self.played: list[Wave] = []
        self._coming: Wave | None = None
        """The next wave, of which some are handed in before the one that is played has ended."""
        self.on_phase: Callable[[str], None] = lambda phase: None

    @property
    def handed_in(self) -> list[HandedIn]:
        waves = [*self.played, *([self._coming] if self._coming else [])]
        return [one for wave in waves for one in wave.handed_in]

    async def play(self) -> None:
        """One wave, from the first application to the closed month. Raises GivenUp when there is no answer any more."""
        wave = self._coming or await self._next(0)
        self.played.append(wave)
        self._coming = None
        self.on_phase("check")
        await check(self._scene, wave, self._clients)
        self._coming = await self._next(wave.number + 1)
        is_enough = asyncio.Event()
        early = asyncio.create_task(hand_in_early(self._scene, self._coming, is_enough))
        try:
            self.on_phase("decide")
            await decide(self._scene, wave)
            self.on_phase("pay")
            await pay(self._scene, wave, self._heads())
            is_enough.set()
            await early
        finally:
            early.cancel()
            await asyncio.gather(early, return_exceptions=True)

    async def _next(self, number: int) -> Wave:
        stretch = self._households * _STRETCH
        first = number * stretch
        today = self._scene.clock.today().isoformat()
        households = await self._world.households(first, stretch, region=REGION, signed_on=today)
        truth = await self._world.truth(first, stretch)
        some = self._households // _FLAGGED
        flagged = [one for one in households if truth[one["household_no"]]][:some]
        others = [one for one in households if not truth[one["household_no"]]][: self._households - len(flagged)]
        chosen = sorted([*flagged, *others], key=lambda one: int(one["household_no"]))
        return Wave(number, [HandedIn(one["household_no"], one["application"]) for one in chosen], truth)

    def _heads(self) -> dict[str, str]:
        return {
            one.application_id: member["citizen_id"]
            for one in self.handed_in
            if one.application_id
            for member in one.application["members"]
            if member["ref"] == one.application["head"]
        }
