"""Property:

deposits, securities, insurance, houses, vehicles and machines against the region's property rule (R-079).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from contracts.findings import Deposit, House, InsurancePolicy, Machine, MotorVehicle, SecurityHolding
from contracts.vocabulary import Agency, FlagCode, ItemKind, Severity
from services.verification.domain import belongings
from services.verification.domain.flags.flag import Case, Flag, Rule, raise_fen, raise_words, yuan
from services.verification.domain.merge import Hit
from services.verification.domain.words import Step, Text

AST_01: Final = Rule(FlagCode.AST_01, 1, Agency.BANK, Severity.CLARIFY)
AST_02: Final = Rule(FlagCode.AST_02, 1, Agency.BANK, Severity.CLARIFY)
AST_03: Final = Rule(FlagCode.AST_03, 1, Agency.SECURITIES, Severity.CLARIFY)
AST_04: Final = Rule(FlagCode.AST_04, 1, Agency.INSURANCE, Severity.CLARIFY)
AST_05: Final = Rule(FlagCode.AST_05, 1, Agency.HOUSING, Severity.CLARIFY)
AST_06: Final = Rule(FlagCode.AST_06, 1, Agency.HOUSING, Severity.CLARIFY)
AST_07: Final = Rule(FlagCode.AST_07, 1, Agency.HOUSING, Severity.CLARIFY)
AST_08: Final = Rule(FlagCode.AST_08, 1, Agency.VEHICLE, Severity.CLARIFY)
AST_09: Final = Rule(FlagCode.AST_09, 1, Agency.AGRICULTURAL_MACHINERY, Severity.CLARIFY)
RULES: Final = (AST_01, AST_02, AST_03, AST_04, AST_05, AST_06, AST_07, AST_08, AST_09)
READS: Final = frozenset({Deposit, SecurityHolding, InsurancePolicy, House, MotorVehicle, Machine})

_BALANCE: Final = Text("存款余额", "balance of deposits")
_MARKET: Final = Text("证券市值与资金", "securities and cash")
_CASH_VALUE: Final = Text("保单现金价值", "insurance cash value")
_LIMIT: Final = Text("减：人均限额×人数", "less limit per head x members")
_OVER: Final = Text("超出限额", "over the limit")
_OUTFLOW: Final = Text("半年内大额支出", "large payments out within half a year")
_USE: Final = {
    "residence": Text("住宅", "residence"),
    "shop": Text("商铺", "shop"),
    "office": Text("办公用房", "office"),
    "parking": Text("车位", "parking space"),
}
_VEHICLE: Final = {
    "car": Text("汽车", "car"),
    "truck": Text("货车", "truck"),
    "motorcycle": Text("摩托车", "motorcycle"),
    "electric_bicycle": Text("电动自行车", "electric bicycle"),
    "disability_aid": Text("残疾人代步车", "disability aid"),
}
_MACHINE: Final = {
    "large_tractor": Text("大型拖拉机", "large tractor"),
    "harvester": Text("联合收割机", "harvester"),
    "vessel": Text("船舶", "vessel"),
    "small_tractor": Text("小型拖拉机", "small tractor"),
}


def flags(case: Case) -> Iterator[Flag]:
    """AST-01 to AST-09, each where its agency found anything at all."""
    of = case.found.of
    limit_fen = belongings.financial_limit_fen(case.policy, case.size)
    if deposits := of(Deposit):
        if belongings.deposits_fen(case.found) > limit_fen:
            balances = [hit.record.balance_fen for hit in deposits]
            yield _over_limit(case, AST_01, ItemKind.DEPOSIT, _BALANCE, balances, deposits, limit_fen)
        yield from _outflow(case, deposits)
    if belongings.securities_fen(case.found) > limit_fen:
        holdings = of(SecurityHolding)
        values = [hit.record.market_value_fen + hit.record.cash_fen for hit in holdings]
        yield _over_limit(case, AST_03, ItemKind.SECURITY, _MARKET, values, holdings, limit_fen)
    if belongings.insurance_fen(case.found) > limit_fen:
        policies = of(InsurancePolicy)
        cash = [hit.record.cash_value_fen for hit in policies]
        yield _over_limit(case, AST_04, ItemKind.INSURANCE_POLICY, _CASH_VALUE, cash, policies, limit_fen)
    if of(House):
        yield from _houses(case)
    if of(MotorVehicle):
        yield from _vehicles(case)
    if of(Machine):
        yield from _machines(case)


def _over_limit(
    case: Case,
    rule: Rule,
    kind: ItemKind,
    label: Text,
    amounts_fen: list[int],
    hits: Sequence[Hit[Any]],
    limit_fen: int,
) -> Flag:
    found_fen = sum(amounts_fen)
    steps = [Step(label, fen, rule.agency, hit.member_id) for fen, hit in zip(amounts_fen, hits, strict=True)]
    return raise_fen(
        case,
        rule,
        [hit.answer for hit in hits],
        member_id=None,
        declared_fen=case.household.sum_fen(kind),
        found_fen=found_fen,
        found=Text(
            f"{yuan(found_fen)}元，限额{yuan(limit_fen)}元", f"{yuan(found_fen)} yuan, limit {yuan(limit_fen)} yuan"
        ),
        arithmetic=(*steps, Step(_LIMIT, -limit_fen, "policy"), Step(_OVER, found_fen - limit_fen, "sum")),
        tolerance_fen=limit_fen,
    )


def _outflow(case: Case, deposits: Iterable[Hit[Deposit]]) -> Iterator[Flag]:
    by_member: dict[str, list[Hit[Deposit]]] = {}
    for hit in deposits:
        if hit.record.outflow_half_year_fen:
            by_member.setdefault(hit.member_id, []).append(hit)
    for member_id, hits in by_member.items():
        steps = tuple(Step(_OUTFLOW, hit.record.outflow_half_year_fen, Agency.BANK, member_id) for hit in hits)
        found_fen = sum(step.amount_fen for step in steps)
        if found_fen >= case.policy.flags.large_outflow_fen:
            yield raise_fen(
                case,
                AST_02,
                [hit.answer for hit in hits],
                member_id=member_id,
                declared_fen=0,
                found_fen=found_fen,
                declared=Text("未申报", "not declared"),
                found=Text(f"半年内大额支出{yuan(found_fen)}元", f"{yuan(found_fen)} yuan paid out within half a year"),
                arithmetic=steps,
            )


def _houses(case: Case) -> Iterator[Flag]:
    """AST-05 of the household; AST-06 and AST-07 of each owner."""
    assets = case.policy.assets
    residences = belongings.residences(case.found)
    pieces = belongings.count_residences(residences)
    if pieces > max(assets.houses_max, 1):
        declared = case.household.sum_pieces(ItemKind.HOUSE)
        yield raise_words(
            case,
            AST_05,
            [hit.answer for hit in residences],
            member_id=None,
            declared=Text(f"申报住房{declared}套", f"{declared} residences declared"),
            found=Text(f"登记住房{pieces}套", f"{pieces} residences registered"),
            pieces=(declared, pieces),
        )
    for member_id, owned in belongings.non_residential(case.found).items():
        if len(owned) > assets.non_residential_max:
            things = [_USE[hit.record.use] for hit in owned]
            yield _owned(case, AST_06, member_id, owned, ItemKind.NON_RESIDENTIAL, things)
    for member_id, recent in belongings.recent_residences(residences, case.household.accepted_on, assets).items():
        days = sorted([hit.record.acquired_on.isoformat() for hit in recent])
        yield raise_words(
            case,
            AST_07,
            [hit.answer for hit in recent],
            member_id=member_id,
            declared=Text(
                f"受理日前{assets.new_house_years}年内", f"within {assets.new_house_years} years before acceptance"
            ),
            found=Text("住宅取得于" + "、".join(days), "residence acquired on " + ", ".join(days)),
            pieces=(0, len(recent)),
        )


def _vehicles(case: Case) -> Iterator[Flag]:
    owners = belongings.vehicles(case.found, case.policy.assets.exempt_vehicle_types)
    if belongings.count(owners) > case.policy.assets.vehicles_max:
        for member_id, owned in owners.items():
            things = [_VEHICLE[hit.record.type] for hit in owned]
            yield _owned(case, AST_08, member_id, owned, ItemKind.VEHICLE, things)


def _machines(case: Case) -> Iterator[Flag]:
    owners = belongings.machines(case.found, case.policy.assets.counted_machine_types)
    if belongings.count(owners) > case.policy.assets.machines_max:
        for member_id, owned in owners.items():
            things = [_MACHINE[hit.record.type] for hit in owned]
            yield _owned(case, AST_09, member_id, owned, ItemKind.MACHINE, things)


def _owned(
    case: Case, rule: Rule, member_id: str, owned: Iterable[Hit[Any]], kind: ItemKind, things: list[Text]
) -> Flag:
    declared = case.household.declared_pieces(member_id, kind)
    return raise_words(
        case,
        rule,
        [hit.answer for hit in owned],
        member_id=member_id,
        declared=Text(f"申报{declared}项", f"{declared} declared"),
        found=Text("、".join(sorted(thing.zh for thing in things)), ", ".join(sorted(thing.en for thing in things))),
        pieces=(declared, len(things)),
    )
