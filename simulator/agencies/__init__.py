"""The agencies' interfaces, one file each, every one with a format of its own."""

from __future__ import annotations

from contracts.vocabulary import Agency
from simulator.agencies import (
    agricultural_machinery,
    bank,
    civil_affairs,
    disabled_federation,
    housing,
    housing_fund,
    insurance,
    market_registration,
    poverty_register,
    public_security,
    securities,
    social_insurance,
    tax,
    vehicle,
)
from simulator.agencies.wire import Wire

WIRES: dict[Agency, Wire] = {
    wire.agency: wire
    for wire in (
        public_security.WIRE,
        vehicle.WIRE,
        tax.WIRE,
        housing.WIRE,
        bank.WIRE,
        securities.WIRE,
        insurance.WIRE,
        housing_fund.WIRE,
        social_insurance.WIRE,
        market_registration.WIRE,
        agricultural_machinery.WIRE,
        disabled_federation.WIRE,
        civil_affairs.WIRE,
        poverty_register.WIRE,
    )
}
