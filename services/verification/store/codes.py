"""Sets of agencies as bits of one number. The order is part of what is stored: new agencies are added at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contracts.vocabulary import Agency

ORDER: Final = (
    Agency.PUBLIC_SECURITY,
    Agency.VEHICLE,
    Agency.TAX,
    Agency.HOUSING,
    Agency.BANK,
    Agency.SECURITIES,
    Agency.INSURANCE,
    Agency.HOUSING_FUND,
    Agency.SOCIAL_INSURANCE,
    Agency.MARKET_REGISTRATION,
    Agency.AGRICULTURAL_MACHINERY,
    Agency.DISABLED_FEDERATION,
    Agency.CIVIL_AFFAIRS,
    Agency.POVERTY_REGISTER,
)
BIT: Final[dict[Agency, int]] = {agency: 1 << place for place, agency in enumerate(ORDER)}


def bits_of(agencies: Iterable[Agency]) -> int:
    bits = 0
    for agency in agencies:
        bits |= BIT[agency]
    return bits


def agencies_of(bits: int) -> frozenset[Agency]:
    return frozenset(agency for agency, bit in BIT.items() if bits & bit)
