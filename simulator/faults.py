"""Named faults that can be switched on and off while the simulator runs: per agency, or for one identity at one agency.

`slow`, `silent` and `server_error` befall the whole call as soon as one person in it has them, as they would at a real
agency; `malformed`, `wrong_person` and `empty` befall that person's entry only. Set for a whole agency, `malformed`
breaks the document itself and the other two every entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import Agency


class FaultKind(StrEnum):
    SLOW = "slow"
    """Answers correctly after `ms` milliseconds."""
    SILENT = "silent"
    """Takes the question and never answers; the connection stays open until the caller gives up."""
    MALFORMED = "malformed"
    """Answers with values of the wrong form."""
    SERVER_ERROR = "server_error"
    """HTTP 500."""
    WRONG_PERSON = "wrong_person"
    """The entry carries another person's id."""
    EMPTY = "empty"
    """Says that records exist and lists none."""


@dataclass(slots=True)
class Fault:
    agency: Agency
    kind: FaultKind
    person_no: int | None = None
    """None: the whole agency."""
    ms: int = 0
    times: int | None = None
    """How many calls it still befalls; None: until removed."""

    @property
    def fault_id(self) -> str:
        return f"{self.agency}:{self.kind}:{'all' if self.person_no is None else self.person_no}"


@dataclass(slots=True)
class Struck:
    """What befalls one call."""

    delay_ms: int
    silent: bool
    server_error: bool
    document: bool
    """The whole document is broken."""
    entries: dict[int, FaultKind]
    """Place in the call -> what is wrong with that entry."""


class Faults:
    """The faults now in force. Those built in stay when the others are removed."""

    def __init__(self, built_in: Iterable[Fault] = (), latency_ms: dict[Agency, int] | None = None) -> None:
        self._built_in = list(built_in)
        self._latency_ms = dict(latency_ms or {})
        self._in_force: dict[Agency, dict[int | None, list[Fault]]] = {}
        for fault in self._built_in:
            self.put(fault)

    def put(self, fault: Fault) -> None:
        of_agency = self._in_force.setdefault(fault.agency, {})
        others = [known for known in of_agency.get(fault.person_no, []) if known.kind is not fault.kind]
        of_agency[fault.person_no] = [*others, fault]

    def remove(self, fault_id: str) -> bool:
        for fault in self.all():
            if fault.fault_id == fault_id:
                of_agency = self._in_force[fault.agency]
                of_agency[fault.person_no].remove(fault)
                if not of_agency[fault.person_no]:
                    del of_agency[fault.person_no]
                return True
        return False

    def clear(self) -> None:
        """Back to the built-in faults and no latency."""
        self._latency_ms.clear()
        self._in_force.clear()
        for fault in self._built_in:
            self.put(fault)

    def all(self) -> list[Fault]:
        return [fault for of_agency in self._in_force.values() for faults in of_agency.values() for fault in faults]

    def set_latency(self, agency: Agency, ms: int) -> None:
        self._latency_ms[agency] = ms

    @property
    def latency_ms(self) -> dict[Agency, int]:
        return dict(self._latency_ms)

    def strike(self, agency: Agency, person_nos: list[int | None]) -> Struck | None:
        """What befalls a call about these persons, counting down `times`; None in the usual case of nothing at all."""
        latency = self._latency_ms.get(agency, 0)
        of_agency = self._in_force.get(agency)
        if not of_agency:
            return Struck(latency, False, False, False, {}) if latency else None
        hit: list[tuple[int | None, Fault]] = [(None, fault) for fault in of_agency.get(None, ())]
        for place, number in enumerate(person_nos):
            if number is not None and number in of_agency:
                hit += [(place, fault) for fault in of_agency[number]]
        if not hit:
            return Struck(latency, False, False, False, {}) if latency else None
        struck = Struck(latency, False, False, False, {})
        spent = []
        for at, fault in hit:
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    spent.append(fault.fault_id)
            _apply(struck, at, fault, len(person_nos))
        for fault_id in spent:
            self.remove(fault_id)
        return struck


def _apply(struck: Struck, place: int | None, fault: Fault, size: int) -> None:
    match fault.kind:
        case FaultKind.SLOW:
            struck.delay_ms += fault.ms
        case FaultKind.SILENT:
            struck.silent = True
        case FaultKind.SERVER_ERROR:
            struck.server_error = True
        case FaultKind.MALFORMED if place is None:
            struck.document = True
        case kind:
            for at in range(size) if place is None else (place,):
                struck.entries[at] = kind
