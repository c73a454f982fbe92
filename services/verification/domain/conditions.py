"""The three conditions - registration, income, property - each evaluated and shown by itself (R-077, R-078, R-079).

A condition whose agencies did not all answer is `not_known`, unless it already fails: no answer never reads as "owns
nothing".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from contracts.vocabulary import Agency, FlagCode, ItemKind
from policies.model import Policy
from services.verification.domain import belongings, income
from services.verification.domain.belongings import Owned
from services.verification.domain.flags.flag import Flag
from services.verification.domain.household import Household
from services.verification.domain.income import Income
from services.verification.domain.merge import Found
from services.verification.domain.rulings import Rulings, counted_fen, counted_pieces, is_refuted
from services.verification.domain.words import Text

T = TypeVar("T")


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


class Test(NamedTuple):
    """One rule of a condition: what is allowed, what was declared, found and counted, in fen or in pieces."""

    code: str
    label: Text
    unit: str
    """`fen` or `pieces`."""
    declared: int
    found: int
    counted: int
    limit: int
    """`counted` may reach but not pass it."""
    verdict: Verdict


class Conditions(NamedTuple):
    registration: Verdict
    income: Verdict
    property_rule: Verdict
    property_tests: tuple[Test, ...]

    @property
    def all_met(self) -> bool:
        return self.registration is Verdict.MET and self.income is Verdict.MET and self.property_rule is Verdict.MET

    @property
    def any_failed(self) -> bool:
        return Verdict.NOT_MET in (self.registration, self.income, self.property_rule)


_DEPOSITS: Final = Text("存款", "deposits")
_SECURITIES: Final = Text("证券基金", "securities and funds")
_INSURANCE: Final = Text("商业保险现金价值", "insurance cash value")
_FINANCIAL: Final = Text("金融资产合计", "financial assets together")
_HOUSES: Final = Text("住房套数", "residences")
_OTHER_HOUSES: Final = Text("商铺、办公用房、车位", "shops, offices, parking spaces")
_RECENT: Final = Text("限期内新购住房", "residences newly acquired")
_VEHICLES: Final = Text("机动车", "motor vehicles")
_MACHINES: Final = Text("大型农机、船舶", "large machines and vessels")
_FINANCIAL_KINDS: Final = (
    ("deposits", _DEPOSITS, ItemKind.DEPOSIT, FlagCode.AST_01, Agency.BANK),
    ("securities", _SECURITIES, ItemKind.SECURITY, FlagCode.AST_03, Agency.SECURITIES),
    ("insurance", _INSURANCE, ItemKind.INSURANCE_POLICY, FlagCode.AST_04, Agency.INSURANCE),
)
_REGISTRATION_CODES: Final = frozenset({FlagCode.REG_01, FlagCode.LIFE_01, FlagCode.LIFE_02, FlagCode.DUP_01})


def weigh(
    household: Household, policy: Policy, found: Found, reckoned: Income, flags: Iterable[Flag], rulings: Rulings
) -> Conditions:
    """All three conditions for what is known now, each by itself (R-077, R-078, R-079)."""
    tests = (
        *_financial(household, policy, found, rulings),
        *_houses(household, policy, found, rulings),
        *_engines(household, policy, found, rulings),
    )
    return Conditions(
        registration=_registration(flags, found, rulings),
        income=_verdict(reckoned.is_below, found.have_answered(income.SOURCES)),
        property_rule=_worst([test.verdict for test in tests]),
        property_tests=tests,
    )


def _registration(flags: Iterable[Flag], found: Found, rulings: Rulings) -> Verdict:
    stands = any(
        flag.code in _REGISTRATION_CODES and not is_refuted(rulings, flag.code, flag.member_id) for flag in flags
    )
    return _verdict(not stands, found.have_answered((Agency.PUBLIC_SECURITY, Agency.CIVIL_AFFAIRS)))


def _financial(household: Household, policy: Policy, found: Found, rulings: Rulings) -> tuple[Test, ...]:
    """Each kind of financial asset, and all of them together, against the limit of the household."""
    limit_fen = belongings.financial_limit_fen(policy, len(household.members))
    tests: list[Test] = []
    for (code, label, kind, flag_code, agency), found_fen in zip(
        _FINANCIAL_KINDS,
        (belongings.deposits_fen(found), belongings.securities_fen(found), belongings.insurance_fen(found)),
        strict=True,
    ):
        declared_fen = household.sum_fen(kind)
        counted = max(declared_fen, counted_fen(rulings, flag_code, None, found_fen))
        is_known = found.has_answered(agency)
        tests.append(_test(code, label, "fen", declared_fen, found_fen, counted, limit_fen, is_known))
    together = _test(
        "financial_assets",
        _FINANCIAL,
        "fen",
        sum([test.declared for test in tests]),
        sum([test.found for test in tests]),
        sum([test.counted for test in tests]),
        limit_fen,
        found.have_answered((Agency.BANK, Agency.SECURITIES, Agency.INSURANCE)),
    )
    return (*tests, together)


def _houses(household: Household, policy: Policy, found: Found, rulings: Rulings) -> Iterable[Test]:
    is_known = found.has_answered(Agency.HOUSING)
    assets = policy.assets
    pieces = belongings.residences(found).pieces
    declared = household.sum_pieces(ItemKind.HOUSE)
    counted = max(declared, counted_pieces(rulings, FlagCode.AST_05, None, pieces))
    yield _test("residences", _HOUSES, "pieces", declared, pieces, counted, assets.houses_max, is_known)

    others = belongings.non_residential(found)
    declared = household.sum_pieces(ItemKind.NON_RESIDENTIAL)
    counted = max(declared, _remaining(rulings, FlagCode.AST_06, others))
    yield _test(
        "non_residential",
        _OTHER_HOUSES,
        "pieces",
        declared,
        _all(others),
        counted,
        assets.non_residential_max,
        is_known,
    )

    since = belongings.years_before(household.accepted_on, assets.new_house_years)
    recent = belongings.recent_residences(found, since)
    counted = _remaining(rulings, FlagCode.AST_07, recent)
    yield _test("recent_residences", _RECENT, "pieces", 0, _all(recent), counted, 0, is_known)


def _engines(household: Household, policy: Policy, found: Found, rulings: Rulings) -> Iterable[Test]:
    """Vehicles and machines. The agency knows which vehicles count.

    A declared one counts only where it was not asked or is silent.
    """
    assets = policy.assets
    vehicles = belongings.vehicles(found, assets.exempt_vehicle_types)
    declared = household.sum_pieces(ItemKind.VEHICLE)
    is_known = found.has_answered(Agency.VEHICLE)
    counted = (
        _remaining(rulings, FlagCode.AST_08, vehicles)
        if found.was_asked(Agency.VEHICLE) and is_known
        else max(declared, _all(vehicles))
    )
    yield _test("vehicles", _VEHICLES, "pieces", declared, _all(vehicles), counted, assets.vehicles_max, is_known)

    machines = belongings.machines(found, assets.counted_machine_types)
    declared = household.sum_pieces(ItemKind.MACHINE)
    is_known = found.has_answered(Agency.AGRICULTURAL_MACHINERY)
    counted = (
        _remaining(rulings, FlagCode.AST_09, machines)
        if found.was_asked(Agency.AGRICULTURAL_MACHINERY) and is_known
        else max(declared, _all(machines))
    )
    yield _test("machines", _MACHINES, "pieces", declared, _all(machines), counted, assets.machines_max, is_known)


def _all(owned: Mapping[str, Owned[T]]) -> int:
    return sum([held.pieces for held in owned.values()]) if owned else 0


def _remaining(rulings: Rulings, code: FlagCode, owned: Mapping[str, Owned[T]]) -> int:
    """Pieces left after each owner's flag was ruled on."""
    return (
        sum([counted_pieces(rulings, code, member_id, held.pieces) for member_id, held in owned.items()])
        if owned
        else 0
    )


def _test(
    code: str, label: Text, unit: str, declared: int, found: int, counted: int, limit: int, is_known: bool
) -> Test:
    return Test(code, label, unit, declared, found, counted, limit, _verdict(counted <= limit, is_known))


def _verdict(is_met: bool, is_known: bool) -> Verdict:
    if not is_met:
        return Verdict.NOT_MET
    return Verdict.MET if is_known else Verdict.NOT_KNOWN


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    seen = set(verdicts)
    if Verdict.NOT_MET in seen:
        return Verdict.NOT_MET
    return Verdict.NOT_KNOWN if Verdict.NOT_KNOWN in seen else Verdict.MET
