"""The agencies' interfaces, one file each, every one with a format of its own."""

from __future__ import annotations

from contracts.vocabulary import Agency
from simulator.agencies import public_security, vehicle
from simulator.agencies.wire import Wire

WIRES: dict[Agency, Wire] = {
    wire.agency: wire
    for wire in (
        public_security.WIRE,
        vehicle.WIRE,
    )
}
