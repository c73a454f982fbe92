"""The three conditions - registration, income, property - each evaluated and shown by itself (R-077, R-078, R-079).

A condition whose agencies did not all answer is `not_known`, unless it already fails: no answer never reads as "owns
nothing".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from contracts.vocabulary import Agency, FlagCode, ItemKind
from policies.eligibility import Assets
from policies.model import Policy
from services.verification.domain import belongings, income
from services.verification.domain.belongings import Owners
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
    ("deposits", _DEPOSITS, ItemKind.DEPOSIT, FlagCode.AST_01, Agency.BANK, belongings.deposits_fen),
    ("securities", _SECURITIES, ItemKind.SECURITY, FlagCode.AST_03, Agency.SECURITIES, belongings.securities_fen),
    ("insurance", _INSURANCE, ItemKind.INSURANCE_POLICY, FlagCode.AST_04, Agency.INSURANCE, belongings.insurance_fen),
)
_FINANCIAL_AGENCIES: Final = (Agency.BANK, Agency.SECURITIES, Agency.INSURANCE)
_REGISTRATION_AGENCIES: Final = (Agency.PUBLIC_SECURITY, Agency.CIVIL_AFFAIRS)
_VEHICLE_RULE: Final = (ItemKind.VEHICLE, FlagCode.AST_08, Agency.VEHICLE)
_MACHINE_RULE: Final = (ItemKind.MACHINE, FlagCode.AST_09, Agency.AGRICULTURAL_MACHINERY)
_REGISTRATION_CODES: Final = frozenset({FlagCode.REG_01, FlagCode.LIFE_01, FlagCode.LIFE_02, FlagCode.DUP_01})


def weigh(
    household: Household, policy: Policy, found: Found, reckoned: Income, flags: Iterable[Flag], rulings: Rulings
) -> Conditions:
    """All three conditions for what is known now, each by itself (R-077, R-078, R-079)."""
    tests = (
        *_financial(household, policy, found, rulings),
        *_houses(household, policy.assets, found, rulings),
        *_engines(household, policy.assets, found, rulings),
    )
    return Conditions(
        registration=_registration(flags, found, rulings),
        income=_verdict(reckoned.is_below, found.have_answered(income.SOURCES)),
        property_rule=_worst([test.verdict for test in tests]),
        property_tests=tests,
    )


def _registration(flags: Iterable[Flag], found: Found, rulings: Rulings) -> Verdict:
    standing = [
        flag
        for flag in flags
        if flag.code in _REGISTRATION_CODES and not is_refuted(rulings, flag.code, flag.member_id)
    ]
    return _verdict(not standing, found.have_answered(_REGISTRATION_AGENCIES))


def _financial(household: Household, policy: Policy, found: Found, rulings: Rulings) -> list[Test]:
    """Each kind of financial asset, and all of them together, against the limit of the household."""
    limit_fen = belongings.financial_limit_fen(policy, len(household.members))
    tests: list[Test] = []
    sum_declared_fen = sum_found_fen = sum_counted_fen = 0
    for code, label, kind, flag_code, agency, sum_of in _FINANCIAL_KINDS:
        declared_fen = household.sum_fen(kind)
        found_fen = sum_of(found)
        counted = max(declared_fen, counted_fen(rulings, flag_code, None, found_fen))
        is_known = found.has_answered(agency)
        tests.append(_test(code, label, "fen", declared_fen, found_fen, counted, limit_fen, is_known))
        sum_declared_fen += declared_fen
        sum_found_fen += found_fen
        sum_counted_fen += counted
    is_known = found.have_answered(_FINANCIAL_AGENCIES)
    sums = (sum_declared_fen, sum_found_fen, sum_counted_fen)
    tests.append(_test("financial_assets", _FINANCIAL, "fen", *sums, limit_fen, is_known))
    return tests


def _houses(household: Household, assets: Assets, found: Found, rulings: Rulings) -> tuple[Test, ...]:
    is_known = found.has_answered(Agency.HOUSING)
    residences = belongings.residences(found)
    pieces = belongings.count_residences(residences)
    declared = household.sum_pieces(ItemKind.HOUSE)
    counted = max(declared, counted_pieces(rulings, FlagCode.AST_05, None, pieces))
    of_any = _test("residences", _HOUSES, "pieces", declared, pieces, counted, assets.houses_max, is_known)

    others = belongings.non_residential(found)
    pieces = belongings.count(others)
    declared = household.sum_pieces(ItemKind.NON_RESIDENTIAL)
    counted = max(declared, _remaining(rulings, FlagCode.AST_06, others))
    limit = assets.non_residential_max
    of_others = _test("non_residential", _OTHER_HOUSES, "pieces", declared, pieces, counted, limit, is_known)

    recent = belongings.recent_residences(residences, household.accepted_on, assets)
    counted = _remaining(rulings, FlagCode.AST_07, recent)
    of_recent = _test("recent_residences", _RECENT, "pieces", 0, belongings.count(recent), counted, 0, is_known)
    return of_any, of_others, of_recent


def _engines(household: Household, assets: Assets, found: Found, rulings: Rulings) -> tuple[Test, ...]:
    """Vehicles and machines. The agency knows which vehicles count.

    A declared one counts only where it was not asked or is silent.
    """
    vehicles = belongings.vehicles(found, assets.exempt_vehicle_types)
    machines = belongings.machines(found, assets.counted_machine_types)
    return (
        _engine("vehicles", _VEHICLES, _VEHICLE_RULE, vehicles, assets.vehicles_max, household, found, rulings),
        _engine("machines", _MACHINES, _MACHINE_RULE, machines, assets.machines_max, household, found, rulings),
    )


def _engine(
    code: str,
    label: Text,
    rule: tuple[ItemKind, FlagCode, Agency],
    owners: Owners[T],
    limit: int,
    household: Household,
    found: Found,
    rulings: Rulings,
) -> Test:
    kind, flag_code, agency = rule
    declared, pieces = household.sum_pieces(kind), belongings.count(owners)
    is_known = found.has_answered(agency)
    counted = _remaining(rulings, flag_code, owners) if is_known and found.was_asked(agency) else max(declared, pieces)
    return _test(code, label, "pieces", declared, pieces, counted, limit, is_known)


def _remaining(rulings: Rulings, code: FlagCode, owners: Owners[T]) -> int:
    """Pieces left after each owner's flag was ruled on."""
    if not owners:
        return 0
    return sum([counted_pieces(rulings, code, member_id, len(owned)) for member_id, owned in owners.items()])


def _test(
    code: str, label: Text, unit: str, declared: int, found: int, counted: int, limit: int, is_known: bool
) -> Test:
    return Test(code, label, unit, declared, found, counted, limit, _verdict(counted <= limit, is_known))


def _verdict(is_met: bool, is_known: bool) -> Verdict:
    if not is_met:
        return Verdict.NOT_MET
    return Verdict.MET if is_known else Verdict.NOT_KNOWN


def _worst(verdicts: Collection[Verdict]) -> Verdict:
    if Verdict.NOT_MET in verdicts:
        return Verdict.NOT_MET
    return Verdict.NOT_KNOWN if Verdict.NOT_KNOWN in verdicts else Verdict.MET
