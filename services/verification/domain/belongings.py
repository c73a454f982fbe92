"""What agencies know a household to own: counted once here, for flags and for the property test alike (R-079)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from contracts.findings import Deposit, House, InsurancePolicy, Machine, MotorVehicle, SecurityHolding
from policies.model import Policy
from services.verification.domain.merge import Cell, Found, Hit

T = TypeVar("T")


class Owned(NamedTuple, Generic[T]):
    """Things of one sort with the cells that prove them."""

    pieces: int
    records: tuple[T, ...]
    cells: tuple[Cell, ...]


def financial_limit_fen(policy: Policy, members: int) -> int:
    """Financial assets a household of this size may hold."""
    return policy.financial_limit_per_head_fen * members


def deposits_fen(found: Found) -> int:
    return sum([hit.record.balance_fen for hit in found.of(Deposit)])


def securities_fen(found: Found) -> int:
    return sum([hit.record.market_value_fen + hit.record.cash_fen for hit in found.of(SecurityHolding)])


def insurance_fen(found: Found) -> int:
    return sum([hit.record.cash_value_fen for hit in found.of(InsurancePolicy)])


def residences(found: Found) -> Owned[House]:
    """Residences of the household. One that several members own together (same size, same day) counts once."""
    hits = [hit for hit in found.of(House) if hit.record.use == "residence"]
    times: dict[tuple[str, int, date], int] = {}
    for house, cell in hits:
        key = (cell.member_id, house.area_dm2, house.acquired_on)
        times[key] = times.get(key, 0) + 1
    most: dict[tuple[int, date], int] = {}
    for (_, area_dm2, acquired_on), often in times.items():
        most[area_dm2, acquired_on] = max(often, most.get((area_dm2, acquired_on), 0))
    return Owned(sum(most.values()), tuple([hit.record for hit in hits]), tuple([hit.cell for hit in hits]))


def non_residential(found: Found) -> dict[str, Owned[House]]:
    """Shops, offices and parking spaces by owner."""
    return _by_owner([hit for hit in found.of(House) if hit.record.use != "residence"])


def recent_residences(found: Found, since: date) -> dict[str, Owned[House]]:
    """Residences acquired after `since`, by owner."""
    return _by_owner(
        [hit for hit in found.of(House) if hit.record.use == "residence" and hit.record.acquired_on > since]
    )


def vehicles(found: Found, exempt: Collection[str]) -> dict[str, Owned[MotorVehicle]]:
    """Vehicles that count, by owner."""
    return _by_owner([hit for hit in found.of(MotorVehicle) if hit.record.type not in exempt])


def machines(found: Found, counted: Collection[str]) -> dict[str, Owned[Machine]]:
    """Machines and vessels that count, by owner."""
    return _by_owner([hit for hit in found.of(Machine) if hit.record.type in counted])


def years_before(day: date, years: int) -> date:
    """The same day that many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _by_owner(hits: Sequence[Hit[T]]) -> dict[str, Owned[T]]:
    if not hits:
        return {}
    owners: dict[str, list[Hit[T]]] = {}
    for hit in hits:
        owners.setdefault(hit.cell.member_id, []).append(hit)
    return {
        member_id: Owned(len(held), tuple(hit.record for hit in held), tuple(hit.cell for hit in held))
        for member_id, held in owners.items()
    }
