"""The first phase of a wave: from the application to the last version of the report."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from deploy.demo.caseworker import Caseworker
from deploy.demo.desk import Refused
from deploy.demo.township import CLERK, Township
from tests.chaos.handed_in import HandedIn
from tests.chaos.wave import LOOK_S, Patience, Scene, Wave

WITHDRAW = 0.06
"""Share of families that take their application back at once."""
WITHDRAW_CONSENT = 0.08
"""Share of families of which a member takes the consent back at once."""


async def check(scene: Scene, wave: Wave, clients: int) -> None:
    """So many clients hand in what is left of the wave while a caseworker closes the flags that are raised."""
    waiting = [one for one in wave.handed_in if one.application_id is None]
    await asyncio.gather(*(_client(scene, wave, waiting) for _ in range(clients)), _close_flags(scene, wave))


async def hand_in_early(scene: Scene, wave: Wave, is_enough: asyncio.Event) -> None:
    """A clerk hands in up to half of a wave, one household after another, until it is enough."""
    waiting = wave.handed_in[: len(wave.handed_in) // 2]
    while waiting and not is_enough.is_set():
        await _client(scene, wave, [waiting.pop()])
        await asyncio.sleep(scene.dice.uniform(0.2, 1.5))


async def withdraw(scene: Scene, wave: Wave, one: HandedIn) -> None:
    """The family takes its application back."""
    assert one.application_id is not None
    await Township(scene.desk, wave.run).withdraw(one.application_id)
    one.take_back()


async def _client(scene: Scene, wave: Wave, waiting: list[HandedIn]) -> None:
    """A clerk who takes the next household, hands it in, and now and then takes something back."""
    township = Township(scene.desk, wave.run)
    while waiting:
        one = waiting.pop()
        receipt = await township.submit_one({"household_no": one.household_no, "application": one.application})
        one.application_id, one.state = receipt.application_id, receipt.state
        wish = scene.dice.random()
        if wish < WITHDRAW:
            await asyncio.sleep(scene.dice.uniform(0, 3))
            await withdraw(scene, wave, one)
        elif wish < WITHDRAW + WITHDRAW_CONSENT:
            await asyncio.sleep(scene.dice.uniform(0, 2))
            await _withdraw_consent(scene, wave, one)


async def _withdraw_consent(scene: Scene, wave: Wave, one: HandedIn) -> None:
    """A member who is not the applicant takes the consent back, where there is one."""
    assert one.application_id is not None
    given = {consent["member_ref"] for consent in one.application["consents"]}
    places = [place for place, member in enumerate(one.application["members"]) if place and member["ref"] in given]
    if not places:
        return
    place = scene.dice.choice(places)
    member_id = f"mem_{one.application_id.removeprefix('app_')}_{place:02d}"
    answer = await scene.desk.ask(
        CLERK,
        "intake",
        "POST",
        f"/applications/{one.application_id}/consents/{member_id}/withdrawal",
        key=f"{wave.run}-consent-{member_id}",
    )
    answer.expect(HTTPStatus.ACCEPTED)
    one.take_back(place)


async def _close_flags(scene: Scene, wave: Wave) -> None:
    """The caseworker closes flags as they come, until every report of the wave is without an open one."""
    caseworker = Caseworker(scene.desk, wave.run)
    settled: set[str] = set()
    patience = Patience()
    while True:
        are_all_in = all(one.application_id for one in wave.handed_in)
        await _resolve(scene, caseworker, wave)
        for name in sorted(wave.under_way().keys() - settled):
            found = await caseworker.check(name)
            if found is not None and found["version"] and not found["open_flags"]:
                settled.add(name)
        left = wave.under_way().keys() - settled
        if are_all_in and not left:
            return
        if patience.is_over():
            wave.stuck |= dict.fromkeys(sorted(left), "no report without open flags")
            return
        await asyncio.sleep(LOOK_S)


async def _resolve(scene: Scene, caseworker: Caseworker, wave: Wave) -> None:
    families: Mapping[str, HandedIn] = wave.under_way()
    numbers = {name: one.household_no for name, one in families.items()}
    for flag in await caseworker.flags("open", numbers):
        code, name = flag["code"]["code"], flag["application_id"]
        is_true = any(planted["code"] == code for planted in wave.truth[numbers[name]])
        try:
            await caseworker.resolve(flag, is_true, scene.clock.now())
        except Refused:
            continue  # somebody, or a late answer, has changed it meanwhile: it is looked at again
        if is_true:
            families[name].found_true.add(code)
