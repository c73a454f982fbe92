"""The population: households from numbers, persons from ids; nothing is stored, a restart changes nothing."""

from __future__ import annotations

from functools import lru_cache

from contracts.vocabulary import Aid, Area
from simulator.draws import Draws, Weighted, stream_start
from simulator.family import Household, Person, new_members, new_shape
from simulator.identity import HOUSEHOLDS, SANDBOX_FROM, SLOTS, person_no
from simulator.livelihood import settle
from simulator.planting import plant, plant_some
from simulator.sandbox import SANDBOX

URBAN_SHARE = 0.4
FLAGGED_SHARE = 0.24
KEPT_HOUSEHOLDS = 32_768
"""How many households stay in memory, of 4 kB each: as many as a bench draws before it has them checked."""
_KEPT_IDS = 4 * KEPT_HOUSEHOLDS

_AIDS: Weighted[Aid] = Weighted([(Aid.DIBAO, 0.84), (Aid.LOW_INCOME_EDGE, 0.11), (Aid.RIGID_EXPENDITURE, 0.05)])


class Population:
    def __init__(self, seed: int | str) -> None:
        self._start = stream_start(seed)
        self.household = lru_cache(maxsize=KEPT_HOUSEHOLDS)(self._household)
        self._by_id: dict[str, Person] = {}

    def person(self, id_number: str) -> Person | None:
        """The person with exactly this id, or None: a changed birth date or check sign is nobody."""
        known = self._by_id.get(id_number)
        if known is not None:
            return known
        number = person_no(id_number)
        if number is None:
            return None
        if len(self._by_id) > _KEPT_IDS:
            self._by_id.clear()
        members = self.household(number // SLOTS).members
        self._by_id.update((member.citizen_id, member) for member in members)
        return self._by_id.get(id_number)

    def _household(self, number: int) -> Household:
        """A household by its number. Raises ValueError outside 0..HOUSEHOLDS."""
        if not 0 <= number < HOUSEHOLDS:
            raise ValueError("household number")
        draws = Draws(self._start * HOUSEHOLDS + number)
        special = SANDBOX.get(number - SANDBOX_FROM)
        if special is None:
            area = Area.URBAN if draws.chance(URBAN_SHARE) else Area.RURAL
            shape = new_shape(draws)
            aid = Aid.TEKUN if shape == "E" and draws.chance(0.15) else draws.weighted(_AIDS)
        else:
            area, shape, aid = special.area, special.shape, Aid.DIBAO
        household = Household(number=number, area=area, aid=aid, members=new_members(draws, number, shape))
        settle(draws, household)
        if special is not None:
            special.arrange(household)
            for code, carrier in special.plants:
                if not plant(draws, household, code, household.members[carrier]):
                    raise AssertionError(f"sandbox household {number - SANDBOX_FROM} cannot carry {code}")
            household.consent_missing = list(special.consent_missing)
        elif draws.chance(FLAGGED_SHARE):
            plant_some(draws, household)
        return household
