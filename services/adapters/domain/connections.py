"""The lines to the agencies: how each is asked and understood, over what, and how it has been answering lately."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk
from services.adapters.domain.retries import larger, smaller

_BROKEN_IN_ROW = 8
"""After so many broken answers in a row the agency itself is the cause, not one person asked about."""


class Line(Protocol):
    """What carries a question to one agency and its answer back: own pool, deadline, breaker and rate limit."""

    async def post(self, path: str, body: bytes) -> bytes:
        """The raw answer; raises when there is none."""

    @property
    def state(self) -> str:
        """Of the breaker: closed, open or half-open."""

    async def aclose(self) -> None: ...


class Connection:
    """One agency as this process knows it. `line` is None where the site has no address for it."""

    def __init__(self, desk: AgencyDesk, line: Line | None, households_per_call: int) -> None:
        self.desk = desk
        self.line = line
        self.households_per_call = households_per_call
        self.retried_per_call = households_per_call
        """For households asked about again. Halved when a call fails, until the one that breaks it is alone."""
        self._broken_in_row = 0

    @property
    def breaker(self) -> str:
        return self.line.state if self.line is not None else "not_connected"

    @property
    def is_worth_searching(self) -> bool:
        """Whether a broken answer is likely due to one of the persons asked about."""
        return self._broken_in_row < _BROKEN_IN_ROW

    def note_good(self, *, retried: bool) -> None:
        """An answer could be read, at least in part."""
        self._broken_in_row = 0
        if retried:
            self.retried_per_call = larger(self.retried_per_call, self.households_per_call)

    def note_failed(self, households: int, *, broken: bool) -> None:
        """No answer about `households`, or none of it could be read (`broken`)."""
        self._broken_in_row += broken
        self.retried_per_call = smaller(min(households, self.retried_per_call))


class Connections:
    """All fourteen, by agency."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        self._by_agency = {connection.desk.agency: connection for connection in connections}

    def of(self, agency: Agency) -> Connection:
        return self._by_agency[agency]

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._by_agency.values())

    async def aclose(self) -> None:
        for connection in self:
            if connection.line is not None:
                await connection.line.aclose()
