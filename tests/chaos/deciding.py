"""The second phase of a wave: survey, opinion and confirmation, the days on the wall, the certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from deploy.demo.county import APPROVER, CountyOffice
from deploy.demo.desk import OutOfPatience, Refused, every, trace_of
from deploy.demo.office import Family, TownshipOffice
from tests.chaos.checking import withdraw
from tests.chaos.handed_in import HandedIn
from tests.chaos.wave import LOOK_S, Patience, Scene, Wave, some_at_a_time

_PUBLICITY_DAYS = 8
_POSTED_ANEW_S = 30.0
_RIVALS = 0.2
"""Share of cases on which two offices' people work at the same moment, knowing nothing of each other."""
_OVER = frozenset({"refused", "closed", "certified", "paid"})
"""States of a case in which nobody at the township waits for anything."""


async def decide(scene: Scene, wave: Wave) -> None:
    """One posted family is objected to, another changes its mind while its name hangs on the wall."""
    families = wave.under_way()
    known = {
        name: Family(one.application, trace_of(wave.run, one.household_no), frozenset(one.found_true))
        for name, one in families.items()
    }
    office = TownshipOffice(scene.desk, wave.run, known, scene.clock.now)
    rival = TownshipOffice(scene.desk, f"{wave.run}-rival", known, scene.clock.now)
    contested = frozenset(name for name in families if scene.dice.random() < _RIVALS)
    await _contest(rival, office, contested)
    posted = await _carry(scene, office, wave, families, _OVER | {"publicity"})
    if posted:
        await _object(office, wave, scene.dice.choice(posted))
        posted = await _carry(scene, office, wave, families, _OVER | {"publicity"})
    if len(posted) > 1:
        await _withdraw(scene, office, wave, families, scene.dice.choice(posted))
    await scene.clock.forward(_PUBLICITY_DAYS)
    if await _carry(scene, office, wave, families, _OVER, Patience(_POSTED_ANEW_S)):
        # A late answer had some decided and posted anew after the days went by: theirs have to go by as well.
        await scene.clock.forward(_PUBLICITY_DAYS)
        await _carry(scene, office, wave, families, _OVER)


async def _contest(rival: TownshipOffice, office: TownshipOffice, names: Iterable[str]) -> None:
    """Each case is carried on from both sides at once; who comes second is refused, and reads the case anew."""

    async def carry(office: TownshipOffice, name: str) -> None:
        case = await office.case_of(name)
        if case is not None:
            await office.carry(case)

    async def both(name: str) -> None:
        for outcome in await asyncio.gather(carry(office, name), carry(rival, name), return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, (Refused, OutOfPatience)):
                raise outcome

    await some_at_a_time(names, both)


async def _carry(
    scene: Scene,
    office: TownshipOffice,
    wave: Wave,
    families: Mapping[str, HandedIn],
    until: Iterable[str],
    patience: Patience | None = None,
) -> list[str]:
    """Carry every case on until it is in one of these states; which of them are posted then.

    Whom the county draws meanwhile, it looks at.
    """
    ends, county, patience = set(until), CountyOffice(scene.desk, wave.run), patience or Patience()
    states: dict[str, str] = {}

    async def carry(name: str) -> None:
        try:
            case = await office.case_of(name)
            if case is not None:
                states[name] = (await office.carry(case))["state"]["code"]
        except (Refused, OutOfPatience) as unexpected:
            wave.stuck[name] = str(unexpected)
        else:
            wave.stuck.pop(name, None)

    while True:
        waiting = [name for name, one in families.items() if states.get(name) not in ends and not one.is_withdrawn]
        await some_at_a_time(waiting, carry)
        left = [name for name in waiting if states.get(name) not in ends]
        for name in left if patience.is_over() else ():
            wave.stuck.setdefault(name, f"the case stays in {states.get(name, 'nowhere')}")
        if not left or patience.is_over():
            return [name for name, state in states.items() if state == "publicity"]
        await _look(scene, county, wave)
        await asyncio.sleep(LOOK_S)


async def _look(scene: Scene, county: CountyOffice, wave: Wave) -> None:
    wave.draws += await county.draw(wave.draws + 1)
    rows = every(scene.desk, APPROVER, "approval", "/spot-checks", {"done": "false"})
    async for _ in county.look([row["spot_check_id"] async for row in rows]):
        pass


async def _withdraw(
    scene: Scene, office: TownshipOffice, wave: Wave, families: Mapping[str, HandedIn], name: str
) -> None:
    """The family's case is closed before weeks go by: no event is on its way for as long as that."""
    patience = Patience()
    await withdraw(scene, wave, families[name])
    while (case := await office.case_of(name)) is None or case["state"]["code"] != "closed":
        if patience.is_over():
            wave.stuck[name] = "withdrawn, and its case stays open"
            return
        await asyncio.sleep(LOOK_S)


async def _object(office: TownshipOffice, wave: Wave, name: str) -> None:
    case = await office.case_of(name)
    assert case is not None, "a case does not go away"
    try:
        await office.object_to(case)
    except Refused as unexpected:
        wave.stuck[name] = str(unexpected)
