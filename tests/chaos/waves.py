"""What people do while things break: waves of households, each going the whole way from application to payment.

Everybody acts through the services' doors alone, as in the demonstration; only the simulator's truth stands in for a
visit to the family. A wave has three phases, between which business time is moved.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from chassis.clock import CHINA
from contracts.values import Month
from deploy.demo.caseworker import Caseworker
from deploy.demo.county import APPROVER, CountyOffice
from deploy.demo.desk import OutOfPatience, Refused, every, trace_of
from deploy.demo.office import Family, TownshipOffice
from deploy.demo.township import CLERK, REGION, Township
from deploy.demo.treasury_office import TreasuryOffice
from deploy.demo.world import World
from policies.calendar import ledger_cutoff
from policies.load import load_packs
from policies.lookup import policy_for
from tests.chaos.business import BusinessTime
from tests.chaos.desk import RetryingDesk
from tests.chaos.handed_in import HandedIn

ROOT = Path(__file__).resolve().parents[2]
PHASES: Mapping[str, Mapping[str, float]] = {
    "check": {"intake": 2.5, "verification": 3.0, "adapters": 3.0, "agencies": 3.0, "bank": 0.1, "treasury": 0.1},
    "decide": {"approval": 5.0, "verification": 1.5, "agencies": 0.4, "bank": 0.1, "treasury": 0.1},
    "pay": {"payments": 6.0, "approval": 2.0, "simulator": 2.0, "bank": 4.0, "treasury": 4.0, "agencies": 0.1},
}
"""What each phase asks for more of, and less."""

_PUBLICITY_DAYS = 8
_LOOK_S = 0.6
_PATIENCE_S = 150.0
"""For one step of a whole wave, whatever befalls it."""
_AT_ONCE = 8
_OVER = {"refused", "closed", "certified", "paid"}
"""States of a case in which nobody at the township waits for anything."""


@dataclass
class Wave:
    """The households of one wave and what they have come to."""

    number: int
    handed_in: list[HandedIn]
    truth: Mapping[int, list[dict[str, Any]]]
    stuck: dict[str, str] = field(default_factory=dict)
    """Application -> what keeps it from going on, in codes."""
    draws: int = 0

    def accepted(self) -> dict[str, HandedIn]:
        return {one.application_id: one for one in self.handed_in if one.application_id and not one.is_withdrawn}


class Waves:
    """The people of one run."""

    def __init__(
        self,
        desk: RetryingDesk,
        world: World,
        clock: BusinessTime,
        dice: random.Random,
        *,
        clients: int,
        households: int,
    ) -> None:
        self._desk = desk
        self._world = world
        self._clock = clock
        self._dice = dice
        self._clients = clients
        self._households = households
        self._packs = load_packs(ROOT / "policies")
        self.played: list[Wave] = []
        self.on_phase: Callable[[str], None] = lambda phase: None

    @property
    def handed_in(self) -> list[HandedIn]:
        return [one for wave in self.played for one in wave.handed_in]

    async def play(self) -> None:
        """One wave, from the first application to the closed month. Raises GivenUp when there is no answer any more."""
        number = len(self.played)
        first = number * self._households
        households = await self._world.households(
            first, self._households, region=REGION, signed_on=self._clock.today().isoformat()
        )
        wave = Wave(
            number,
            [HandedIn(one["household_no"], one["application"]) for one in households],
            await self._world.truth(first, self._households),
        )
        self.played.append(wave)
        for phase, act in (("check", self._check), ("decide", self._decide), ("pay", self._pay)):
            self.on_phase(phase)
            await act(wave)

    # Phase 1: from the application to the last version of the report.

    async def _check(self, wave: Wave) -> None:
        waiting = list(wave.handed_in)
        townships = [self._township(wave, number, waiting) for number in range(self._clients)]
        await asyncio.gather(*townships, self._close_flags(wave))

    async def _township(self, wave: Wave, client: int, waiting: list[HandedIn]) -> None:
        """One client's clerk: takes the next household, hands it in, now and then takes something back."""
        township = Township(self._desk, _run(wave))
        while waiting:
            one = waiting.pop()
            receipt = await township.submit_one({"household_no": one.household_no, "application": one.application})
            one.application_id, one.state = receipt.application_id, receipt.state
            wish = self._dice.random()
            if wish < 0.06:
                await asyncio.sleep(self._dice.uniform(0, 3))
                await self._withdraw(township, one)
            elif wish < 0.14:
                await asyncio.sleep(self._dice.uniform(0, 2))
                await self._withdraw_consent(wave, one)

    async def _withdraw(self, township: Township, one: HandedIn) -> None:
        assert one.application_id is not None
        await township.withdraw(one.application_id)
        one.take_back()

    async def _withdraw_consent(self, wave: Wave, one: HandedIn) -> None:
        """A member who is not the applicant takes the consent back; a family of one takes the application back."""
        assert one.application_id is not None
        given = {consent["member_ref"] for consent in one.application["consents"]}
        places = [place for place, member in enumerate(one.application["members"]) if place and member["ref"] in given]
        if not places:
            return
        place = self._dice.choice(places)
        member_id = f"mem_{one.application_id.removeprefix('app_')}_{place:02d}"
        answer = await self._desk.ask(
            CLERK,
            "intake",
            "POST",
            f"/applications/{one.application_id}/consents/{member_id}/withdrawal",
            key=f"{_run(wave)}-consent-{member_id}",
        )
        answer.expect(HTTPStatus.ACCEPTED)
        one.take_back(place)

    async def _close_flags(self, wave: Wave) -> None:
        """The caseworker closes flags as they come, until every report of the wave is without an open one."""
        caseworker = Caseworker(self._desk, _run(wave))
        settled: set[str] = set()
        patience = _Patience()
        while True:
            are_all_in = all(one.application_id for one in wave.handed_in)
            open_ones = {name: one for name, one in wave.accepted().items() if one.state == "accepted"}
            await self._resolve(caseworker, {name: one.household_no for name, one in open_ones.items()}, wave)
            for name in sorted(open_ones.keys() - settled):
                check = await caseworker.check(name)
                if check is not None and check["version"] and not check["open_flags"]:
                    settled.add(name)
            left = [name for name, one in wave.accepted().items() if one.state == "accepted" and name not in settled]
            if are_all_in and not left:
                return
            if patience.is_over():
                wave.stuck |= dict.fromkeys(left, "no report without open flags")
                return
            await asyncio.sleep(_LOOK_S)

    async def _resolve(self, caseworker: Caseworker, applications: Mapping[str, int], wave: Wave) -> None:
        for flag in await caseworker.flags("open", applications):
            code, household_no = flag["code"]["code"], applications[flag["application_id"]]
            is_true = any(planted["code"] == code for planted in wave.truth[household_no])
            try:
                await caseworker.resolve(flag, is_true, self._clock.now())
            except Refused:
                continue  # somebody, or a late answer, has changed it meanwhile: it is looked at again
            if is_true:
                wave.accepted()[flag["application_id"]].found_true.add(code)

    # Phase 2: from the report through survey, opinion and confirmation to the end of the publicity.

    async def _decide(self, wave: Wave) -> None:
        cases = {name: one for name, one in wave.accepted().items() if one.state == "accepted"}
        families = {
            name: Family(one.application, trace_of(_run(wave), one.household_no), frozenset(one.found_true))
            for name, one in cases.items()
        }
        office = TownshipOffice(self._desk, _run(wave), families, self._clock.now)
        county = CountyOffice(self._desk, _run(wave))
        states = await self._carry(office, county, wave, cases, {"publicity"} | _OVER)
        posted = [name for name, state in states.items() if state == "publicity"]
        if posted:
            await self._object(office, wave, self._dice.choice(posted))
            await self._carry(office, county, wave, cases, {"publicity"} | _OVER)
        if len(posted) > 1:
            # A family changes its mind while its name hangs on the wall.
            one = cases[self._dice.choice(posted)]
            await self._withdraw(Township(self._desk, _run(wave)), one)
        await self._clock.forward(_PUBLICITY_DAYS)
        still = {name: one for name, one in cases.items() if not one.is_withdrawn}
        await self._carry(office, county, wave, still, _OVER)

    async def _carry(
        self,
        office: TownshipOffice,
        county: CountyOffice,
        wave: Wave,
        cases: Mapping[str, HandedIn],
        until: Iterable[str],
    ) -> dict[str, str]:
        """Carry every case on until it is in one of these states; whom the county draws, it looks at."""
        ends = set(until)
        states: dict[str, str] = {}

        async def one(name: str) -> None:
            try:
                case = await office.case_of(name)
                if case is not None:
                    carried = await office.carry(case)
                    states[name] = carried["state"]["code"]
            except (Refused, OutOfPatience) as unexpected:
                wave.stuck[name] = str(unexpected)
            else:
                wave.stuck.pop(name, None)

        patience = _Patience()
        while True:
            waiting = [name for name in cases if states.get(name) not in ends and not cases[name].is_withdrawn]
            await _some_at_a_time(waiting, one)
            left = [name for name in waiting if states.get(name) not in ends]
            if not left:
                return states
            if patience.is_over():
                for name in left:
                    wave.stuck.setdefault(name, f"the case stays in {states.get(name, 'nowhere')}")
                return states
            await self._look(county, wave)
            await asyncio.sleep(_LOOK_S)

    async def _look(self, county: CountyOffice, wave: Wave) -> None:
        wave.draws += await county.draw(wave.draws + 1)
        rows = every(self._desk, APPROVER, "approval", "/spot-checks", {"done": "false"})
        async for _ in county.look([row["spot_check_id"] async for row in rows]):
            pass

    async def _object(self, office: TownshipOffice, wave: Wave, name: str) -> None:
        case = await office.case_of(name)
        assert case is not None
        try:
            await office.object_to(case)
        except Refused as unexpected:
            wave.stuck[name] = str(unexpected)

    # Phase 3: the month's roster, its payment, and the comparison with treasury and bank.

    async def _pay(self, wave: Wave) -> None:
        treasury = TreasuryOffice(self._desk, _run(wave))
        month = await self._month(wave, treasury)
        policy = policy_for(self._packs, REGION[:6], month.first_day)
        closes = ledger_cutoff(month.plus(-1), policy.payment)
        days = (closes - self._clock.now()) // timedelta(days=1) + 1
        if days > 0:
            await self._clock.forward(days)
        roster = await treasury.sign(await self._draw_up(treasury, str(month)))
        roster = await treasury.pay(roster)
        await self._until_paid(treasury, roster["roster_id"])
        await self._reconcile(treasury, str(month))

    async def _month(self, wave: Wave, treasury: TreasuryOffice) -> Month:
        """The month on whose roster all the wave's families stand, once payments knows them all."""
        latest = Month.of(self._clock.now().astimezone(CHINA).date()).plus(1)
        for name, one in wave.accepted().items():
            if one.state != "accepted" or await self._state(name) not in ("certified", "paid"):
                continue
            while not (found := await treasury.entitlements(name)):
                await asyncio.sleep(_LOOK_S)
            latest = max(latest, *(Month.parse(each["first_roster"]) for each in found))
        return latest

    async def _state(self, name: str) -> str:
        answer = await self._desk.ask(CLERK, "approval", "GET", "/cases", query={"application_id": name})
        found = answer.expect(HTTPStatus.OK)["data"]
        return str(found[0]["state"]["code"]) if found else ""

    async def _draw_up(self, treasury: TreasuryOffice, month: str) -> dict[str, Any]:
        """A service that has not read the moved clock yet says that the ledger is open still."""
        while True:
            try:
                return await treasury.draw_up(month)
            except Refused as why:
                if "ledger-still-open" not in str(why):
                    raise
                await asyncio.sleep(_LOOK_S)

    async def _until_paid(self, treasury: TreasuryOffice, roster_id: str) -> None:
        head_of = {
            one.application_id: member["citizen_id"]
            for one in self.handed_in
            for member in one.application["members"]
            if member["ref"] == one.application["head"]
        }
        while True:
            lines = await treasury.lines(roster_id)
            for line in lines:
                if line["state"]["code"] == "returned":
                    await treasury.pay_again(line, head_of[line["application_id"]])
            if all(line["state"]["code"] in ("paid", "stopped") for line in lines):
                return
            await asyncio.sleep(_LOOK_S)

    async def _reconcile(self, treasury: TreasuryOffice, month: str) -> None:
        """Compared again and again until nothing differs, as what is late at the bank arrives; then closed."""
        number = 0
        while True:
            number += 1
            await treasury.reconcile(month, number)
            while (state := await treasury.month(month))["reconciliation"]["state"] != "done":
                await asyncio.sleep(_LOOK_S)
            if not state["reconciliation"]["differences"]:
                break
            await asyncio.sleep(_LOOK_S)
        await treasury.close(month)


class _Patience:
    """Begins when it is made."""

    def __init__(self) -> None:
        self._until = asyncio.get_running_loop().time() + _PATIENCE_S

    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() > self._until


async def _some_at_a_time(names: Iterable[str], act: Callable[[str], Awaitable[None]]) -> None:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> None:
        async with gate:
            await act(name)

    await asyncio.gather(*map(one, names))


def _run(wave: Wave) -> str:
    return f"wave{wave.number}"
