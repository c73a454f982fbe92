"""Verified income: per head and month, by Annex 4 formulae 1, 2 and 7, each line shown (R-078, R-081, R-082).

i = max(0, (gross - exempt - employment cost - rigid expenditure) / members / 12). Declared and found amounts are sums
of the last twelve months. Of declared and found the higher counts, unless a caseworker refuted what was found.
Integer fen throughout; the one rounding is the policy's, of the amounts shown per month: whether a household is below
a line is decided on unrounded sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from contracts.vocabulary import Agency, Aid, Employment, FlagCode, ItemKind
from policies.model import Policy
from policies.words import RigidCategory
from services.verification.domain import earnings
from services.verification.domain.household import Household, Member
from services.verification.domain.merge import Found
from services.verification.domain.rulings import NO_RULINGS, Rulings, counted_fen
from services.verification.domain.words import Step, Text

MONTHS: Final = 12

WORK: Final = Text("工资与经营收入", "wages and business income")
PROPERTY: Final = Text("财产净收入", "property income")
BENEFITS: Final = Text("养老金与失业保险金", "pension and unemployment benefit")
OTHER: Final = Text("赡养抚养费及其他收入", "maintenance and other income")
_GROSS: Final = Text("家庭年收入合计", "gross income of the household, yearly")
_EXEMPT: Final = Text("减：豁免的居民基础养老金", "less exempt part of resident pensions")
_WORKING: Final = Text("减：就业成本", "less employment cost")
_RIGID: Final = {
    RigidCategory.SERIOUS_ILLNESS: Text("减：重病自负支出", "less own payment for serious illness"),
    RigidCategory.DISABILITY_REHABILITATION: Text("减：残疾康复支出", "less disability rehabilitation"),
    RigidCategory.SCHOOLING: Text("减：就学支出", "less schooling"),
}
_RIGID_KIND: Final = {
    RigidCategory.SERIOUS_ILLNESS: ItemKind.MEDICAL_EXPENDITURE,
    RigidCategory.DISABILITY_REHABILITATION: ItemKind.REHABILITATION_EXPENDITURE,
    RigidCategory.SCHOOLING: ItemKind.EDUCATION_EXPENDITURE,
}
_YEAR: Final = Text("核定家庭年收入", "verified income of the household, yearly")
_HEAD: Final = Text("核定月人均收入", "verified income per head and month")
_EDGE_AIDS: Final = frozenset({Aid.LOW_INCOME_EDGE, Aid.RIGID_EXPENDITURE})
_KINDS: Final = frozenset(
    {
        ItemKind.WAGE,
        ItemKind.BUSINESS_INCOME,
        ItemKind.PROPERTY_INCOME,
        ItemKind.PENSION,
        ItemKind.UNEMPLOYMENT_BENEFIT,
        ItemKind.MAINTENANCE,
        ItemKind.OTHER_INCOME,
    }
)
SOURCES: Final = (Agency.TAX, Agency.SOCIAL_INSURANCE, Agency.HOUSING_FUND)
"""Agencies without whose answers income is not known."""


Declared = Mapping[ItemKind, int]
"""What one member declares, in fen by kind."""


class Line(NamedTuple):
    """Declared against found, one kind of income of one member."""

    label: Text
    member_id: str
    declared_fen: int
    found_fen: int
    counted_fen: int
    basis: str
    """What counted: `declaration`, an agency, or `review:<code>`."""


class Income(NamedTuple):
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    year_fen: int
    household_month_fen: int
    per_head_month_fen: int
    limit_fen: int
    """Per head and month; the household is below it or does not qualify.

    The standard, or the edge line where that is asked for.
    """
    is_below: bool


class _Work(NamedTuple):
    """A reading of one member's earnings; the one with the highest sum counts."""

    wage_fen: int
    business_fen: int
    basis: str

    @property
    def sum_fen(self) -> int:
        return self.wage_fen + self.business_fen


def verified_income(household: Household, policy: Policy, found: Found, rulings: Rulings = NO_RULINGS) -> Income:
    """Reckon the household's income from its declaration and what was found (R-067, R-078, R-081, R-082, R-083)."""
    lines: list[Line] = []
    cost_fen = exempt_fen = 0
    known = earnings.known_of(found)
    for member in household.members:
        declared, is_known = household.fen_of(member.member_id), member.member_id in known
        if not is_known and _KINDS.isdisjoint(declared):
            continue
        work, line = _work(declared, found, member, rulings, is_known=is_known)
        lines.append(line)
        if work.wage_fen:
            cost_fen += policy.income.employment_cost_fen(work.wage_fen)
        if is_known or ItemKind.PROPERTY_INCOME in declared:
            lines.append(_property(declared, found, member))
        line, exempt = _benefits(declared, policy, found, member, rulings)
        lines.append(line)
        exempt_fen += exempt
        if ItemKind.MAINTENANCE in declared or ItemKind.OTHER_INCOME in declared:
            lines.append(_other(declared, member))
    shown = [line for line in lines if line.counted_fen or line.found_fen]
    return _settle(household, policy, shown, cost_fen, exempt_fen)


def _work(told: Declared, found: Found, member: Member, rulings: Rulings, *, is_known: bool) -> tuple[_Work, Line]:
    """The highest reading of a member's earnings:

    declared, taxed, by fund base, or by insurance base of one declared unemployed.
    """
    member_id = member.member_id
    wage_fen, business_fen = told.get(ItemKind.WAGE, 0), told.get(ItemKind.BUSINESS_INCOME, 0)
    declared = _Work(wage_fen, business_fen, "declaration")
    if not is_known:
        return declared, Line(WORK, member_id, wage_fen + business_fen, 0, wage_fen + business_fen, "declaration")
    readings = [declared]
    found_fen = 0
    if taxed := earnings.taxed_work(found, member_id):
        sum_fen = sum([hit.record.amount_fen for hit in taxed])
        trade_fen = sum([hit.record.amount_fen for hit in taxed if hit.record.item == "business"])
        found_fen = sum_fen
        readings.append(_reading(rulings, FlagCode.INC_01, Agency.TAX, member_id, sum_fen, trade_fen))
    if funds := earnings.active_funds(found, member_id):
        base_fen = sum([hit.record.monthly_base_fen for hit in funds]) * MONTHS
        found_fen = max(found_fen, base_fen)
        by_fund = _reading(rulings, FlagCode.INC_03, Agency.HOUSING_FUND, member_id, base_fen, 0)
        readings.append(by_fund._replace(business_fen=business_fen) if by_fund.wage_fen else by_fund)
    if member.employment is Employment.UNEMPLOYED and (insured := earnings.active_insurance(found, member_id)):
        base_fen = sum([hit.record.monthly_base_fen for hit in insured]) * MONTHS
        found_fen = max(found_fen, base_fen)
        readings.append(_reading(rulings, FlagCode.INC_04, Agency.SOCIAL_INSURANCE, member_id, base_fen, 0))
    best = readings[0] if len(readings) == 1 else max(readings, key=lambda reading: reading.sum_fen)
    return best, Line(WORK, member_id, declared.sum_fen, found_fen, best.sum_fen, best.basis)


def _reading(
    rulings: Rulings, code: FlagCode, agency: Agency, member_id: str, sum_fen: int, business_fen: int
) -> _Work:
    counted = counted_fen(rulings, code, member_id, sum_fen)
    business = min(business_fen, counted)
    return _Work(counted - business, business, f"review:{code}" if (code, member_id) in rulings else agency.value)


def _property(told: Declared, found: Found, member: Member) -> Line:
    declared_fen = told.get(ItemKind.PROPERTY_INCOME, 0)
    found_fen = earnings.taxed_property_fen(found, member.member_id)
    basis = Agency.TAX.value if found_fen > declared_fen else "declaration"
    return Line(PROPERTY, member.member_id, declared_fen, found_fen, max(declared_fen, found_fen), basis)


def _benefits(told: Declared, policy: Policy, found: Found, member: Member, rulings: Rulings) -> tuple[Line, int]:
    """Pension and unemployment benefit, and the exempt part of what was found."""
    member_id = member.member_id
    declared_fen = told.get(ItemKind.PENSION, 0) + told.get(ItemKind.UNEMPLOYMENT_BENEFIT, 0)
    paid = earnings.benefits(found, member_id, policy.income.resident_pension_exempt_fen)
    if not paid.hits:
        return Line(BENEFITS, member_id, declared_fen, 0, declared_fen, "declaration"), 0
    gross_fen = paid.pension_fen + paid.unemployment_fen
    if (FlagCode.INC_02, member_id) in rulings:
        counted = max(declared_fen, counted_fen(rulings, FlagCode.INC_02, member_id, paid.counted_fen))
        return Line(BENEFITS, member_id, declared_fen, gross_fen, counted, f"review:{FlagCode.INC_02}"), 0
    counted = max(declared_fen, gross_fen)
    basis = Agency.SOCIAL_INSURANCE.value if gross_fen > declared_fen else "declaration"
    return Line(BENEFITS, member_id, declared_fen, gross_fen, counted, basis), paid.exempt_fen


def _other(told: Declared, member: Member) -> Line:
    sum_fen = told.get(ItemKind.MAINTENANCE, 0) + told.get(ItemKind.OTHER_INCOME, 0)
    return Line(OTHER, member.member_id, sum_fen, 0, sum_fen, "declaration")


def _settle(household: Household, policy: Policy, lines: list[Line], cost_fen: int, exempt_fen: int) -> Income:
    rules = policy.income
    heads = len(household.members)
    gross_fen = sum([line.counted_fen for line in lines])
    standard_fen = rules.standard_fen(household.area)
    steps = [Step(line.label, line.counted_fen, line.basis, line.member_id) for line in lines]
    steps.append(Step(_GROSS, gross_fen, "sum"))
    if exempt_fen:
        steps.append(Step(_EXEMPT, -exempt_fen, "policy"))
    if cost_fen:
        steps.append(Step(_WORKING, -cost_fen, "policy"))
    year_fen = max(0, gross_fen - exempt_fen - cost_fen)
    if not rules.rigid_only_above_standard or year_fen > standard_fen * heads * MONTHS:
        for category in rules.rigid_categories:
            if rigid_fen := household.sum_fen(_RIGID_KIND[category]):
                steps.append(Step(_RIGID[category], -rigid_fen, "declaration"))
                year_fen -= rigid_fen
        year_fen = max(0, year_fen)
    limit_fen = rules.edge_limit_fen(household.area) if household.aid in _EDGE_AIDS else standard_fen
    per_head_fen = rules.rounding.divide(year_fen, heads * MONTHS)
    steps.append(Step(_YEAR, year_fen, "sum"))
    steps.append(Step(_HEAD, per_head_fen, "sum"))
    return Income(
        lines=tuple(lines),
        steps=tuple(steps),
        year_fen=year_fen,
        household_month_fen=rules.rounding.divide(year_fen, MONTHS),
        per_head_month_fen=per_head_fen,
        limit_fen=limit_fen,
        is_below=year_fen < limit_fen * heads * MONTHS,
    )
