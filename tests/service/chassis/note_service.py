"""A service small enough to read at a glance, on whose tables and events the chassis is proved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar, Self

import asyncpg
from msgspec.structs import replace

from chassis.callers import Caller, System
from chassis.ids import new_event_id
from chassis.transaction import Database
from contracts.events.event import Event, Part
from deploy.local.platform import LocalPlatform
from deploy.local.postgres import roles

NAME = "payments"
CLERK = Caller("user:clerk", "township_clerk", "cn/2307/", frozenset(), "township-2307")
SYSTEM = System(NAME)


class Secret(Part, frozen=True, kw_only=True):
    name: str
    citizen_id: str


class Noted(Event, frozen=True, kw_only=True):
    """The `number`-th note about a case."""

    name: ClassVar[str] = "note.written"
    topic: ClassVar[str] = "payments.roster"

    case_id: str
    number: int
    filler: str = ""

    @property
    def key(self) -> str:
        return self.case_id


class Whispered(Event, frozen=True, kw_only=True):
    """A note with a personal part."""

    name: ClassVar[str] = "note.whispered"
    topic: ClassVar[str] = "payments.roster"

    case_id: str
    private: Secret

    @property
    def key(self) -> str:
        return self.case_id


class Line(Part, frozen=True, kw_only=True):
    case_id: str
    number: int


class Listed(Event, frozen=True, kw_only=True):
    """Notes about many cases at once."""

    name: ClassVar[str] = "note.listed"
    topic: ClassVar[str] = "payments.roster"
    carries_many: ClassVar[bool] = True

    source: str
    lines: list[Line]

    @property
    def key(self) -> str:
        return self.lines[0].case_id if len(self.lines) == 1 else self.source

    @property
    def cases(self) -> list[str]:
        return [line.case_id for line in self.lines]

    def split(self) -> list[Self]:
        return [replace(self, lines=[line]) for line in self.lines]


def noted(case_id: str, number: int = 1, filler: str = "", kind: type[Noted] = Noted) -> Noted:
    return kind(event_id=new_event_id(), occurred_at=datetime.now(UTC), case_id=case_id, number=number, filler=filler)


def whispered(case_id: str, citizen_id: str = "990000197001010011") -> Whispered:
    return Whispered(
        event_id=new_event_id(),
        occurred_at=datetime.now(UTC),
        case_id=case_id,
        private=Secret(name="张三丰", citizen_id=citizen_id),
    )


def listed(source: str, *lines: tuple[str, int]) -> Listed:
    return Listed(
        event_id=new_event_id(),
        occurred_at=datetime.now(UTC),
        source=source,
        lines=[Line(case_id=case_id, number=number) for case_id, number in lines],
    )


async def as_owner(platform: LocalPlatform, database: str, *statements: str) -> None:
    """Statements as the role that owns the service's tables: what a migration would do."""
    owner = roles(NAME)[1]
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=platform.ports["postgres"],
        database=database,
        user=owner,
        password=platform.secrets.password(f"postgres-{owner}"),
    )
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def another_process(database: Database, *, connections: int = 4) -> Database:
    """A pool of its own on the same database, as a second process has: nothing but PostgreSQL in common."""
    return Database(
        database.site,
        keys=database.keys,
        codec=database.codec,
        clock=database.clock,
        shelf=database.shelf,
        connections=connections,
    )


def fails(times: int, error: Callable[[], BaseException]) -> Callable[[], None]:
    """Raises the error the first `times` times it is called."""
    left = times

    def step() -> None:
        nonlocal left
        if left > 0:
            left -= 1
            raise error()

    return step
