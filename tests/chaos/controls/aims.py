"""Faults aimed at one seam each: where the protection is that a control takes out, within a minute or so.

The product itself comes through each of them unharmed; that is shown beside the control.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from deploy.demo.township import REGION, Township
from deploy.demo.world import World
from tests.chaos.business import BusinessTime
from tests.chaos.desk import RetryingDesk
from tests.chaos.handed_in import HandedIn
from tests.chaos.stage import Stage
from tests.chaos.waves import Waves
from tests.journeys import records
from tests.journeys.patience import until

_AT_ONCE = 8
_HEARD = ("intake.application", "verification.check", "adapters.answer", "verification.report", "approval.decision")


@dataclass
class People:
    """Who acts in an aimed run."""

    stage: Stage
    desk: RetryingDesk
    world: World
    clock: BusinessTime
    waves: Waves
    handed_in: list[HandedIn] = field(default_factory=list)
    faults: int = 0
    """Made so far."""

    async def hand_in(self, count: int) -> None:
        """So many further households, acknowledged."""
        first = len(self.handed_in)
        some = await self.world.households(first, count, region=REGION, signed_on=self.clock.today().isoformat())
        new = [HandedIn(one["household_no"], one["application"]) for one in some]
        self.handed_in += new
        township = Township(self.desk, "aimed")
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(household: HandedIn) -> None:
            async with gate:
                document = {"household_no": household.household_no, "application": household.application}
                receipt = await township.submit_one(document)
                household.application_id, household.state = receipt.application_id, receipt.state

        await asyncio.gather(*map(one, new))


async def bring_again(people: People) -> None:
    """Listeners are killed while they listen, then all that was ever said is brought to them once more."""
    stage = people.stage
    await people.hand_in(16)
    for service in ("verification", "adapters", "approval"):
        people.faults += 1
        await asyncio.gather(people.hand_in(8), stage.kill(service))
    said = await asyncio.to_thread(records.read, stage.platform, _HEARD)
    people.faults += 1
    await asyncio.to_thread(records.produce, stage.platform, said)


async def kill_between_commit_and_topic(people: People) -> None:
    """The broker stands still while applications are acknowledged, and before it goes on, who took them is killed."""
    stage = people.stage
    for _ in range(3):
        held = asyncio.create_task(stage.pause("kafka", 60.0))
        await asyncio.sleep(0)  # the broker is stopped within the task's first step
        people.faults += 2
        try:
            await people.hand_in(8)
            await stage.kill("intake")
        finally:
            held.cancel()
            await asyncio.wait({held})
        await stage.await_ready("kafka")


async def lose_what_the_bank_says(people: People) -> None:
    """A bank that does not look before it pays drops its first answer, and payments is killed after the first payment.

    The households go the whole way; once the bank's own book shows somebody paid twice, there is nothing to wait for.
    """
    stage = people.stage
    striking: list[asyncio.Task[None]] = []

    async def strike() -> None:
        await stage.put("/admin/money/faults", {"peer": "bank", "fault": "duplicate"})
        await stage.put("/admin/money/faults", {"peer": "bank", "fault": "answer_lost", "times": 1})
        people.faults += 2
        await until(lambda: _of_bank(stage, "paid"), "the bank pays", within_s=600)
        people.faults += 1
        await stage.kill("payments")
        await until(lambda: _of_bank(stage, "paid_twice"), "the bank pays twice", within_s=600)

    def turn_to(phase: str) -> None:
        if phase == "pay":
            striking.append(asyncio.create_task(strike()))
            striking[0].add_done_callback(lambda _: playing.cancel())

    people.waves.on_phase = turn_to
    playing = asyncio.create_task(people.waves.play())
    try:
        await asyncio.wait({playing})
        if not playing.cancelled():
            playing.result()
    finally:
        people.handed_in = people.waves.handed_in
        for task in (playing, *striking):
            task.cancel()
        await asyncio.gather(playing, *striking, return_exceptions=True)


async def _of_bank(stage: Stage, figure: str) -> int:
    """A figure of the bank's own book; none while nobody there answers."""
    with suppress(httpx.HTTPError):
        return int((await stage.outside("/admin/money/summary"))["bank"][figure])
    return 0


@dataclass(frozen=True)
class Aim:
    """How a control is found out, and by which count."""

    control: str
    count: str
    strike: Callable[[People], Awaitable[None]]
    patience_s: float
    """Within which everybody has acted, however busy the machine."""


AIMS = (
    Aim("inbox_off", "doubled", bring_again, 90.0),
    Aim("publish_after_commit", "lost", kill_between_commit_and_topic, 90.0),
    Aim("pay_then_mark", "paid_twice", lose_what_the_bank_says, 240.0),
)
