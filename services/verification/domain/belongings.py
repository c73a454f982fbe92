"""What agencies know a household to own: counted once here, for flags and for the property test alike (R-079)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TypeVar

from contracts.findings import Deposit, House, InsurancePolicy, Machine, MotorVehicle, SecurityHolding
from policies.eligibility import Assets
from policies.model import Policy
from services.verification.domain.merge import Found, Hit

T = TypeVar("T")


Owners = dict[str, list[Hit[T]]]
"""What each owner has."""


def financial_limit_fen(policy: Policy, members: int) -> int:
    """Financial assets a household of this size may hold."""
    return policy.financial_limit_per_head_fen * members


def deposits_fen(found: Found) -> int:
    hits = found.of(Deposit)
    return sum([hit.record.balance_fen for hit in hits]) if hits else 0


def securities_fen(found: Found) -> int:
    hits = found.of(SecurityHolding)
    return sum([hit.record.market_value_fen + hit.record.cash_fen for hit in hits]) if hits else 0


def insurance_fen(found: Found) -> int:
    hits = found.of(InsurancePolicy)
    return sum([hit.record.cash_value_fen for hit in hits]) if hits else 0


def residences(found: Found) -> list[Hit[House]]:
    """Residences of the household, as the register lists them under each owner."""
    return [hit for hit in found.of(House) if hit.record.use == "residence"]


def count_residences(hits: Sequence[Hit[House]]) -> int:
    """How many residences these are. One that several members own together (same size, same day) counts once."""
    if len(hits) < 2:
        return len(hits)
    times: dict[tuple[str, int, date], int] = {}
    for hit in hits:
        key = (hit.member_id, hit.record.area_dm2, hit.record.acquired_on)
        times[key] = times.get(key, 0) + 1
    most: dict[tuple[int, date], int] = {}
    for (_, area_dm2, acquired_on), often in times.items():
        most[area_dm2, acquired_on] = max(often, most.get((area_dm2, acquired_on), 0))
    return sum(most.values())


def non_residential(found: Found) -> Owners[House]:
    """Shops, offices and parking spaces by owner."""
    return _by_owner([hit for hit in found.of(House) if hit.record.use != "residence"])


def recent_residences(hits: Sequence[Hit[House]], accepted_on: date, assets: Assets) -> Owners[House]:
    """Those of these residences that were acquired within the policy's years before acceptance, by owner."""
    if not hits:
        return {}
    since = years_before(accepted_on, assets.new_house_years)
    return _by_owner([hit for hit in hits if hit.record.acquired_on > since])


def vehicles(found: Found, exempt: Collection[str]) -> Owners[MotorVehicle]:
    """Vehicles that count, by owner."""
    return _by_owner([hit for hit in found.of(MotorVehicle) if hit.record.type not in exempt])


def machines(found: Found, counted: Collection[str]) -> Owners[Machine]:
    """Machines and vessels that count, by owner."""
    return _by_owner([hit for hit in found.of(Machine) if hit.record.type in counted])


def count(owners: Owners[T]) -> int:
    """Things of all owners together."""
    return sum([len(owned) for owned in owners.values()]) if owners else 0


def years_before(day: date, years: int) -> date:
    """The same day that many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _by_owner(hits: Sequence[Hit[T]]) -> Owners[T]:
    owners: Owners[T] = {}
    for hit in hits:
        owners.setdefault(hit.member_id, []).append(hit)
    return owners
