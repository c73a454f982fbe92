"""What may befall a platform, how often, and for how long."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from contracts.vocabulary import Agency
from tests.chaos.evidence import Stall
from tests.chaos.replaying import bring_again
from tests.chaos.stage import Stage

Deed = Callable[[Stage, random.Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. `target` is the process or peer it is about, by which a phase may ask for more of it."""

    name: str
    target: str
    weight: float
    deed: Deed
    kills: bool = False
    """Whether it ends the process, so that it must first have stood for a while."""
    stalls: bool = False
    """Whether a question on its way to an agency may be held up by it."""


@dataclass(slots=True)
class Struck:
    """A fault that was made."""

    kind: str
    target: str
    begun_s: float
    ended_s: float | None = None
    failed: str = ""
    """The error that kept it from being made; the fault is then not counted."""


SERVICES = ("intake", "verification", "adapters", "approval", "payments")
ROADS = ("postgres", "kafka", "simulator")
_ON_THE_ROAD = ("simulator", "adapters", "postgres")
"""Where a question may be held up between the look at the consent and the agency."""
_LIES_IN_WAIT_S = 2.0
"""How long a fault that waits for its occasion counts as in force; it may befall somebody later."""


def _kill(name: str, number: int = signal.SIGKILL) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        await stage.kill(name, number)

    return deed


async def _cut_power(stage: Stage, dice: random.Random) -> None:
    await stage.cut_power()


def _pause(name: str, least_s: float, most_s: float) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        await stage.pause(name, dice.uniform(least_s, most_s))

    return deed


def _cut(road: str) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        stage.doors[road].cut()
        try:
            await asyncio.sleep(dice.uniform(0.1, 2.0))
        finally:
            stage.doors[road].mend()

    return deed


def _delay(road: str) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        stage.doors[road].delay_s = dice.uniform(0.02, 0.2)
        try:
            await asyncio.sleep(dice.uniform(1.0, 4.0))
        finally:
            stage.doors[road].delay_s = 0.0

    return deed


def _hole(road: str) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        stage.doors[road].hole()
        try:
            await asyncio.sleep(dice.uniform(0.5, 4.0))
        finally:
            stage.doors[road].mend()

    return deed


def _half_open(road: str) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        lines = stage.doors[road].forget()
        try:
            await asyncio.sleep(dice.uniform(3.0, 12.0))
        finally:
            stage.doors[road].break_off(lines)

    return deed


def _agencies(fault: str, times: tuple[int, int], ms: tuple[int, int] = (0, 0)) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        for agency in dice.sample(list(Agency), dice.randint(1, 4)):
            wanted = {"agency": agency.value, "fault": fault, "times": dice.randint(*times)}
            await stage.put("/admin/faults", wanted | ({"ms": dice.randint(*ms)} if ms[1] else {}))
        await asyncio.sleep(_LIES_IN_WAIT_S)

    return deed


def _money(peer: str, fault: str, times: tuple[int, int], ms: tuple[int, int] = (0, 0)) -> Deed:
    async def deed(stage: Stage, dice: random.Random) -> None:
        wanted = {"peer": peer, "fault": fault, "times": dice.randint(*times)}
        await stage.put("/admin/money/faults", wanted | ({"ms": dice.randint(*ms)} if ms[1] else {}))
        await asyncio.sleep(_LIES_IN_WAIT_S)

    return deed


def table() -> list[Kind]:
    """All kinds, with the weight each has where a phase asks for nothing in particular."""
    kinds = [
        *(Kind("kill -9", name, 6 / 5, _kill(name), kills=True) for name in SERVICES),
        Kind("kill -9", "simulator", 0.7, _kill("simulator"), kills=True, stalls=True),
        Kind("kill -9", "kafka", 0.5, _kill("kafka"), kills=True),
        Kind("kill -9", "postgres", 0.2, _kill("postgres"), kills=True),
        Kind("power cut", "platform", 0.1, _cut_power, stalls=True),
        Kind("records again", "kafka", 0.6, bring_again),
        Kind("immediate stop", "postgres", 0.8, _kill("postgres", signal.SIGQUIT), kills=True),
        *(
            Kind("pause", name, 2 / 8, _pause(name, 0.3, 1.5), stalls=name in _ON_THE_ROAD)
            for name in (*SERVICES, *ROADS)
        ),
        *(
            Kind("long pause", name, 0.04, _pause(name, 12.0, 20.0), stalls=name in _ON_THE_ROAD)
            for name in (*SERVICES, *ROADS)
        ),
    ]
    for road in ROADS:
        stalls = road in _ON_THE_ROAD
        kinds += [
            Kind("network cut", road, 0.4, _cut(road), stalls=stalls),
            Kind("network delay", road, 0.3, _delay(road), stalls=stalls),
            Kind("black hole", road, 0.3, _hole(road), stalls=stalls),
            Kind("half-open", road, 0.2, _half_open(road), stalls=stalls),
        ]
    kinds += [
        Kind("agency answer lost", "agencies", 0.6, _agencies("silent", (1, 3))),
        Kind("agency answer late", "agencies", 0.5, _agencies("slow", (1, 4), (500, 4_000)), stalls=True),
        Kind("agency error", "agencies", 0.5, _agencies("server_error", (1, 4))),
        Kind("agency answer malformed", "agencies", 0.3, _agencies("malformed", (1, 1))),
    ]
    kinds.append(Kind("bank returns the money", "bank", 0.25, _money("bank", "rejected_card", (1, 2))))
    for peer in ("bank", "treasury"):
        kinds += [
            Kind(f"{peer} answer lost", peer, 0.4, _money(peer, "answer_lost", (1, 2))),
            Kind(f"{peer} answer late", peer, 0.3, _money(peer, "late", (1, 2), (500, 7_000))),
            Kind(f"{peer} away", peer, 0.2, _money(peer, "unavailable", (1, 4))),
            Kind(f"{peer} answer garbled", peer, 0.3, _money(peer, "garbled", (1, 2))),
            Kind(f"{peer} does not look before it pays", peer, 0.3, _money(peer, "duplicate", (1, 50))),
        ]
    return kinds


class Mischief:
    """Makes faults, one after another, each for its time; several may be in force at once."""

    def __init__(
        self, stage: Stage, dice: random.Random, pace_s: float, favour: Mapping[str, float] | None = None
    ) -> None:
        """`pace_s`: seconds between two faults, on average. `favour`: factors by the name of a kind or a target."""
        self._stage = stage
        self._dice = dice
        self._pace_s = pace_s
        self._favour = dict(favour or {})
        self._table = table()
        self._under_way: set[asyncio.Task[None]] = set()
        self.struck: list[Struck] = []
        self.stalls: list[Stall] = []
        self.focus: Mapping[str, float] = {}
        """Factors for the phase that is being played."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._dice.uniform(0.4, 1.6) * self._pace_s)
            kind = self._choose()
            if kind is not None:
                task = asyncio.create_task(self._strike(kind))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def end(self) -> None:
        """Break off what is in force; every deed mends what it did."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def made(self) -> list[Struck]:
        """The faults that count."""
        return [one for one in self.struck if not one.failed]

    def _choose(self) -> Kind | None:
        possible = [one for one in self._table if not one.kills or self._stage.may_be_killed(one.target)]
        weights = [one.weight * self._factor(one) for one in possible]
        return self._dice.choices(possible, weights)[0] if any(weights) else None

    def _factor(self, kind: Kind) -> float:
        factor = 1.0
        for wishes in (self._favour, self.focus):
            for name in (kind.name, kind.target, f"{kind.name} {kind.target}"):
                factor *= wishes.get(name, 1.0)
        return factor

    async def _strike(self, kind: Kind) -> None:
        struck = Struck(kind.name, kind.target, time.time())
        self.struck.append(struck)
        try:
            await kind.deed(self._stage, self._dice)
        except (OSError, KeyError) as failed:
            struck.failed = type(failed).__name__
        finally:
            struck.ended_s = time.time()
            if kind.stalls:
                self.stalls.append(Stall(struck.begun_s, struck.ended_s))


def lines(struck: Iterable[Struck], acknowledged: Callable[[float, float], int]) -> list[dict[str, object]]:
    """Per kind: how often, upon whom, and how much was acknowledged while it was in force."""
    by_kind: dict[str, list[Struck]] = {}
    for one in struck:
        by_kind.setdefault(one.kind, []).append(one)
    return [
        {
            "kind": kind,
            "times": len(some),
            "targets": dict(sorted(Counter(one.target for one in some).items())),
            "meanwhile_accepted": sum(acknowledged(one.begun_s, one.ended_s or one.begun_s) for one in some),
        }
        for kind, some in sorted(by_kind.items(), key=lambda item: -len(item[1]))
    ]
