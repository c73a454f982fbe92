"""What the admin token opens: applications, truth, sandbox, faults, ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from contracts.vocabulary import Agency
from simulator.clock import Clock
from simulator.declarations import application, truth
from simulator.faults import Fault, FaultKind, Faults
from simulator.identity import SANDBOX_FROM, person_no
from simulator.ledger import Ledger
from simulator.population import Population
from simulator.sandbox import SANDBOX

MOST_HOUSEHOLDS = 5_000
MOST_CALLS = 10_000


class Unknown(Exception):
    """There is no such page or fault."""


class Admin:
    def __init__(self, population: Population, faults: Faults, ledger: Ledger, clock: Clock) -> None:
        self._population = population
        self._faults = faults
        self._ledger = ledger
        self._clock = clock

    def answer(self, method: str, path: list[str], query: Mapping[str, str], body: bytes) -> object:
        """Raise Unknown for another page; ValueError, KeyError or TypeError where query or body are not understood."""
        match method, path:
            case "GET", ["people"]:
                return {"households": self._applications(query)}
            case "GET", ["truth"]:
                return {"households": [truth(self._population.household(n)) for n in _numbers(query)]}
            case "GET", ["sandbox"]:
                return {"households": [self._special(number) for number in SANDBOX]}
            case "GET", ["admin", "faults"]:
                return self._in_force()
            case "PUT", ["admin", "faults"]:
                self._put(orjson.loads(body))
                return self._in_force()
            case "DELETE", ["admin", "faults"]:
                self._faults.clear()
                return self._in_force()
            case "DELETE", ["admin", "faults", fault_id]:
                if not self._faults.remove(fault_id):
                    raise Unknown
                return self._in_force()
            case "GET", ["admin", "ledger"]:
                agency = Agency(query["agency"]) if "agency" in query else None
                limit = min(int(query.get("limit", MOST_CALLS)), MOST_CALLS)
                return {"calls": self._ledger.calls(agency, int(query.get("after", 0)), limit)}
            case "GET", ["admin", "ledger", "summary"]:
                return {"agencies": self._ledger.summary()}
        raise Unknown

    def _applications(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        signed_on = date.fromisoformat(query["signed_on"]) if "signed_on" in query else self._clock.today()
        region = query.get("region")
        return [application(self._population.household(number), signed_on, region) for number in _numbers(query)]

    def _put(self, wanted: dict[str, Any]) -> None:
        agency = Agency(wanted.pop("agency"))
        if "latency_ms" in wanted:
            latency_ms = int(wanted.pop("latency_ms"))
            _nothing_else(wanted)
            self._faults.set_latency(agency, latency_ms)
            return
        number = None
        if (id_number := wanted.pop("citizen_id", None)) is not None:
            number = person_no(id_number)
            if number is None:
                raise ValueError("citizen_id")
        kind, ms, times = FaultKind(wanted.pop("fault")), int(wanted.pop("ms", 0)), wanted.pop("times", None)
        _nothing_else(wanted)
        times = None if times is None else int(times)
        self._faults.put(Fault(agency=agency, kind=kind, person_no=number, ms=ms, times=times))

    def _in_force(self) -> object:
        return {
            "faults": [
                {
                    "fault_id": fault.fault_id,
                    "agency": fault.agency,
                    "fault": fault.kind,
                    "person_no": fault.person_no,
                    "ms": fault.ms,
                    "times": fault.times,
                }
                for fault in self._faults.all()
            ],
            "latency_ms": {str(agency): ms for agency, ms in self._faults.latency_ms.items()},
        }

    def _special(self, number: int) -> object:
        special = SANDBOX[number]
        household = self._population.household(SANDBOX_FROM + number)
        return {
            "sandbox": number,
            "household_no": household.number,
            "meaning": special.meaning,
            "applicant": household.members[0].citizen_id,
            "flags": [code for code, _ in special.plants],
            "faults": [{"agency": agency, "fault": kind} for agency, kind, _, _ in special.faults],
        }


def _nothing_else(left: dict[str, Any]) -> None:
    if left:
        raise ValueError("unknown field")


def _numbers(query: Mapping[str, str]) -> range:
    start, count = int(query.get("from", 0)), int(query.get("count", 300))
    if not 0 <= count <= MOST_HOUSEHOLDS:
        raise ValueError("count")
    return range(start, start + count)
