"""The agencies of a test: the simulator on a loopback port in this process, with its faults and its ledger at hand."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from chassis.ids import new_event_id
from contracts.events.intake import ApplicationWithdrawn, ConsentWithdrawn, People, Person
from contracts.events.verification import Ask, CheckOpened
from contracts.vocabulary import Agency
from simulator.admin import Admin
from simulator.clock import Clock
from simulator.desk import Desk
from simulator.faults import Fault, FaultKind, Faults
from simulator.ledger import Ledger
from simulator.population import Population
from simulator.web import Web
from tests.testbed import OFFICE

SEED = 20261121


class World:
    """Everything outside: whom there is, what agencies do, and what they wrote down about being asked."""

    def __init__(self, folder: Path) -> None:
        self.population = Population(SEED)
        self.faults = Faults()
        self.ledger = Ledger(folder)
        clock = Clock(None)
        desk = Desk(self.population, self.faults, self.ledger, clock)
        admin = Admin(self.population, self.faults, self.ledger, clock)
        self.web = Web(desk, admin, "token-of-this-test", self.ledger.start)
        self.address = ""

    def addresses(self, agencies: Iterable[Agency] = Agency) -> dict[str, str]:
        """The `agencies` option of the service."""
        return {agency.value: f"{self.address}/agencies/{agency}" for agency in agencies}

    def strike(self, agency: Agency, kind: FaultKind, person_no: int | None = None, times: int | None = None) -> None:
        self.faults.put(Fault(agency=agency, kind=kind, person_no=person_no, times=times))

    def person_no(self, household: int, member: int = 0) -> int:
        return self.population.household(household).members[member].person_no

    def asked(self, agency: Agency) -> list[int]:
        """Every person number this agency was asked about, in order, with repetitions."""
        numbers: list[int] = []
        for call in self.ledger.calls(agency, after=0, limit=10_000):
            by_case = call["asked"]
            assert isinstance(by_case, dict)
            numbers += [number for group in by_case.values() for number in group]
        return numbers

    def calls(self, agency: Agency) -> int:
        return len(self.ledger.calls(agency, after=0, limit=10_000))

    def check(self, household: int, agencies: Iterable[Agency], members: int | None = None) -> CheckOpened:
        """A check about this household of the population, asking the agencies about its (first) members."""
        people = self.population.household(household).members
        asked = [member_id(household, person.index) for person in people[:members]]
        return CheckOpened(
            event_id=new_event_id(),
            occurred_at=datetime.now(UTC),
            check_id=f"chk_{household}",
            application_id=f"app_{household}",
            office=OFFICE,
            plan=[Ask(agency=agency, member_ids=tuple(asked)) for agency in agencies],
            private=People(
                people=[
                    Person(member_id=member_id(household, person.index), name=person.name, citizen_id=person.citizen_id)
                    for person in people
                ]
            ),
        )

    def of_size(self, size: int, count: int, start: int = 0) -> list[int]:
        """The first household numbers from `start` with exactly so many members."""
        found: list[int] = []
        number = start
        while len(found) < count:
            if len(self.population.household(number).members) == size:
                found.append(number)
            number += 1
        return found


def member_id(household: int, index: int) -> str:
    return f"mem_{household}_{index}"


def consent_withdrawn(household: int, member: int) -> ConsentWithdrawn:
    return ConsentWithdrawn(
        event_id=new_event_id(),
        occurred_at=datetime.now(UTC),
        application_id=f"app_{household}",
        office=OFFICE,
        member_id=member_id(household, member),
    )


def application_withdrawn(household: int) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        event_id=new_event_id(), occurred_at=datetime.now(UTC), application_id=f"app_{household}", office=OFFICE
    )


@asynccontextmanager
async def world_on_loopback(folder: Path) -> AsyncIterator[World]:
    """The simulator served on a free port of this machine while the block lasts."""
    world = World(folder)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(world.web, lifespan="on", access_log=False, log_level="error", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    world.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        yield world
    finally:
        server.should_exit = True
        await serving
        listening.close()
