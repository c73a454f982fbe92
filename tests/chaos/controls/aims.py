"""Faults aimed at one seam each: where the protection is that a control takes out, within a minute or so.

The product itself comes through each of them unharmed; that is shown beside the control.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

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
    handed_in: list[HandedIn]

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


async def bring_again(people: People) -> int:
    """Listeners are killed while they listen, then all that was ever said is brought to them once more."""
    stage = people.stage
    await people.hand_in(16)
    for service in ("verification", "adapters", "approval"):
        await asyncio.gather(people.hand_in(8), stage.kill(service))
    said = await asyncio.to_thread(records.read, stage.platform, _HEARD)
    await asyncio.to_thread(records.produce, stage.platform, said)
    return 4


async def kill_between_commit_and_topic(people: People) -> int:
    """The broker stands still while applications are acknowledged, and before it goes on, who took them is killed."""
    stage, rounds = people.stage, 3
    for _ in range(rounds):
        held = asyncio.create_task(stage.pause("kafka", 60.0))
        await asyncio.sleep(0)  # the broker is stopped within the task's first step
        try:
            await people.hand_in(8)
            await stage.kill("intake")
        finally:
            held.cancel()
            await asyncio.wait({held})
        await stage.await_ready("kafka")
    return 2 * rounds


async def lose_what_the_bank_says(people: People) -> int:
    """A bank that does not look before it pays drops its first answer, and payments is killed before the second."""
    stage = people.stage
    struck = 0

    def turn_to(phase: str) -> None:
        if phase == "pay":
            striking.append(asyncio.create_task(strike()))

    async def strike() -> None:
        nonlocal struck
        await stage.put("/admin/money/faults", {"peer": "bank", "fault": "duplicate"})
        await stage.put("/admin/money/faults", {"peer": "bank", "fault": "answer_lost", "times": 1})
        struck += 2
        await until(lambda: has_paid(stage), "the bank pays", within_s=600)
        await stage.kill("payments")
        struck += 1

    striking: list[asyncio.Task[None]] = []
    people.waves.on_phase = turn_to
    try:
        await people.waves.play()
    finally:
        people.handed_in += people.waves.handed_in
        for one in striking:
            one.cancel()
        await asyncio.gather(*striking, return_exceptions=True)
    return struck


async def has_paid(stage: Stage) -> bool:
    """Whether the bank has paid anything so far."""
    return bool((await stage.outside("/admin/money/summary"))["bank"]["paid"])


@dataclass(frozen=True)
class Aim:
    """How a control is found out, and by which count."""

    control: str
    count: str
    strike: Callable[[People], Awaitable[int]]
    """Acts and strikes; how many faults it made."""
    patience_s: float
    """How long people try after the last fault, and the platform may take to come to rest."""


AIMS = (
    Aim("inbox_off", "doubled", bring_again, 60.0),
    Aim("publish_after_commit", "lost", kill_between_commit_and_topic, 60.0),
    Aim("pay_then_mark", "paid_twice", lose_what_the_bank_says, 90.0),
)
