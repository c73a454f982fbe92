"""One question to one agency: read it, enter it in the ledger, answer it, with whatever fault is in force."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import orjson

from contracts.vocabulary import Agency
from simulator.agencies import WIRES
from simulator.agencies.wire import Asked, Json, Wire
from simulator.clock import Clock
from simulator.family import Person
from simulator.faults import FaultKind, Faults, Struck
from simulator.identity import SLOTS
from simulator.ledger import Ledger
from simulator.population import Population

BULK_LIMIT = 200
"""Persons a bulk question may name."""

Answer = tuple[int, bytes]
"""HTTP status and body."""


class Refused(Exception):
    """A question that no agency would accept; carries HTTP status and an explanation without any personal word."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Desk:
    """All agencies' counters over one population."""

    def __init__(self, population: Population, faults: Faults, ledger: Ledger, clock: Clock) -> None:
        self._population = population
        self._faults = faults
        self._ledger = ledger
        self._clock = clock

    async def answer(
        self, agency: Agency, body: bytes, limit: int, gone: Callable[[], Awaitable[None]]
    ) -> Answer | None:
        """Answer a question once it stands in the ledger. None: the agency keeps silent until the caller is gone.

        Raises Refused where the question is unreadable, names too many persons or gives no purpose or case (R-033).
        """
        wire = WIRES[agency]
        asked = _read(wire, body, limit)
        find = self._population.person
        persons = [find(one[2]) for one in asked]
        by_case: dict[str, list[int]] = {}
        numbers: list[int | None] = []
        for one, person in zip(asked, persons, strict=True):
            number = person.person_no if person else None
            numbers.append(number)
            by_case.setdefault(one[3], []).append(-1 if number is None else number)
        entered = self._ledger.written(agency, by_case)
        struck = self._faults.strike(agency, numbers)
        if struck is None:
            entry = wire.entry
            entries = [entry(one, person) for one, person in zip(asked, persons, strict=True)]
            document = orjson.dumps(wire.document(entries, self._clock.now()))
            await entered
            return 200, document
        await entered
        return await self._struck_answer(wire, asked, persons, struck, gone)

    async def _struck_answer(
        self,
        wire: Wire,
        asked: list[Asked],
        persons: list[Person | None],
        struck: Struck,
        gone: Callable[[], Awaitable[None]],
    ) -> Answer | None:
        if struck.delay_ms:
            await asyncio.sleep(struck.delay_ms / 1_000)
        if struck.silent:
            await gone()
            return None
        if struck.server_error:
            return 500, b'{"error":"internal"}'
        entries = [wire.entry(one, person) for one, person in zip(asked, persons, strict=True)]
        for place, kind in struck.entries.items():
            entries[place] = self._spoilt(wire, asked[place], persons[place], entries[place], kind)
        document = orjson.dumps(wire.document(entries, self._clock.now()))
        return 200, document[: len(document) * 2 // 3] if struck.document else document

    def _spoilt(self, wire: Wire, asked: Asked, person: Person | None, entry: Json, kind: FaultKind) -> Json:
        if kind is FaultKind.EMPTY:
            field, value = wire.claim
            hollow = {key: type(known)() if isinstance(known, list | dict) else known for key, known in entry.items()}
            return {**hollow, field: value}
        if kind is FaultKind.WRONG_PERSON:
            other = self._population.household(0 if person is None else (person.person_no // SLOTS) ^ 1).members[0]
            return {**wire.entry(asked, other), wire.person_fields[2]: other.citizen_id}
        identity = (wire.person_fields[0], wire.person_fields[2])
        way = 0 if person is None else person.person_no % 3
        if way == 0:
            return {key: value for key, value in entry.items() if key in identity}
        broken = None if way == 1 else "NaN"
        return {key: value if key in identity else broken for key, value in entry.items()}


def _read(wire: Wire, body: bytes, limit: int) -> list[Asked]:
    try:
        purpose, rows = wire.read(orjson.loads(body))
        asked: list[Asked] = list(map(wire.persons, rows))
        "".join(map("".join, asked))  # TypeError where anything is not text
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Refused(400, "unreadable") from None
    if not 0 < len(asked) <= limit:
        raise Refused(413, f"at most {limit} persons")
    if not purpose or not all(one[3] for one in asked):
        raise Refused(403, "purpose and case are required")
    return asked
