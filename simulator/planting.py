"""What the generator plants so that a household deserves a flag: one way per code, with wide margins.

Nothing is shared with the rules that raise flags but the vocabulary.

The margins assume a standard of 700 yuan (urban) or 520 yuan (rural) a month and head, and a limit on financial assets
of 24 months of it per head; planted amounts reach three times the household's limit, planted incomes exceed the
declared ones by three tolerances or more. Each planting leaves alone whatever another code looks at.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts.vocabulary import FlagCode
from simulator.draws import Draws, Weighted
from simulator.family import Household, Person, Planted
from simulator.plants import belongings, earnings, registers

Plant = Callable[[Draws, Household, Person], bool]
"""Alters the household; False where this member cannot carry the code (nothing altered then)."""

PLANTS: dict[FlagCode, tuple[float, Plant]] = {
    FlagCode.REG_01: (5, registers.unregistered),
    FlagCode.REG_02: (5, registers.hidden_member),
    FlagCode.LIFE_01: (13, registers.dead_in_register),
    FlagCode.LIFE_02: (12, registers.cremated),
    FlagCode.MAR_01: (5, registers.marriage),
    FlagCode.INC_01: (8, earnings.taxed),
    FlagCode.INC_02: (9, earnings.benefit),
    FlagCode.INC_03: (8, earnings.fund),
    FlagCode.INC_04: (60, earnings.contribution),
    FlagCode.AST_01: (10, belongings.deposits),
    FlagCode.AST_02: (5, belongings.outflow),
    FlagCode.AST_03: (4, belongings.securities),
    FlagCode.AST_04: (5, belongings.insurance),
    FlagCode.AST_05: (7, belongings.second_house),
    FlagCode.AST_06: (5, belongings.shop),
    FlagCode.AST_07: (4, belongings.new_house),
    FlagCode.AST_08: (20, belongings.car),
    FlagCode.AST_09: (9, belongings.big_machine),
    FlagCode.BUS_01: (5, belongings.company),
    FlagCode.BUS_02: (6, belongings.stall),
    FlagCode.DUP_01: (5, registers.aid_elsewhere),
    FlagCode.DIS_01: (5, registers.certificate),
    FlagCode.POV_01: (8, registers.register_income),
}
"""Every code that belongs to an agency, how often it is tried, and how it is planted."""

_CODES: Weighted[FlagCode] = Weighted([(code, weight) for code, (weight, _) in PLANTS.items()])
_AT_MOST_ONE = (
    frozenset({FlagCode.REG_01, FlagCode.REG_02, FlagCode.LIFE_01}),
    frozenset({FlagCode.AST_05, FlagCode.AST_07}),
    frozenset({FlagCode.INC_02, FlagCode.INC_04}),
)
"""Codes that speak about the same records: a household gets one of each group."""


def plant(draws: Draws, household: Household, code: FlagCode, carrier: Person) -> bool:
    """Plant one code on one adult of the household; False where it does not fit there."""
    had = {planted.code for planted in household.planted}
    if code in had or any(code in group and had & group for group in _AT_MOST_ONE):
        return False
    _, way = PLANTS[code]
    if not way(draws, household, carrier):
        return False
    household.planted.append(Planted(code, carrier.index))
    return True


def plant_some(draws: Draws, household: Household) -> None:
    """Make the household deserve flags, on one to three of its adults, about every sixth of them for two reasons."""
    adults = household.adults
    roll = draws.uniform()
    wanted = min(1 if roll < 0.24 else 2 if roll < 0.82 else 3, len(adults))
    first = int(draws.uniform() * len(adults))
    for step in range(wanted):
        carrier = adults[(first + step) % len(adults)]
        for _ in range(2 if draws.chance(0.16) else 1):
            while not plant(draws, household, draws.weighted(_CODES), carrier):
                pass
