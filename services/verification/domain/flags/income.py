"""Income: what tax, housing fund and social insurance know against what each member declares (R-067)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.vocabulary import Agency, Employment, FlagCode, ItemKind, Severity
from services.verification.domain import earnings
from services.verification.domain.flags.flag import Case, Flag, Proof, Rule, raise_fen, yuan
from services.verification.domain.household import Member
from services.verification.domain.words import Step, Text

INC_01: Final = Rule(FlagCode.INC_01, 1, Agency.TAX, Severity.CLARIFY)
INC_02: Final = Rule(FlagCode.INC_02, 1, Agency.SOCIAL_INSURANCE, Severity.CLARIFY)
INC_03: Final = Rule(FlagCode.INC_03, 1, Agency.HOUSING_FUND, Severity.CLARIFY)
INC_04: Final = Rule(FlagCode.INC_04, 1, Agency.SOCIAL_INSURANCE, Severity.CLARIFY)
RULES: Final = (INC_01, INC_02, INC_03, INC_04)
READS: Final = earnings.READS

_DECLARED: Final = Text("减：申报", "less declared")
_BEYOND: Final = Text("高于申报", "above the declaration")
_EXEMPT: Final = Text("减：城乡居民基础养老金豁免部分", "less exempt part of the resident pension")
_FUND: Final = Text("公积金缴存基数×12", "housing-fund base x 12")
_BASE: Final = Text("单位参保缴费基数×12", "contribution base x 12")
_TAXED: Final = {
    "wage": Text("纳税工资薪金", "taxed wages"),
    "labour_service": Text("纳税劳务报酬", "taxed labour service"),
    "business": Text("纳税经营所得", "taxed business income"),
}
_BENEFIT: Final = {
    "employee_pension": Text("职工养老金×12", "employee pension x 12"),
    "resident_pension": Text("居民养老金×12", "resident pension x 12"),
    "unemployment": Text("失业保险金×12", "unemployment benefit x 12"),
}


def flags(case: Case) -> Iterator[Flag]:
    """INC-01 taxed income, INC-02 benefits, INC-03 fund base above the declaration.

    INC-04 insured by an employer while unemployed.
    """
    concerned = earnings.known_of(case.found)
    for member in case.household.members:
        if member.member_id in concerned:
            for flag in (
                _taxed(case, member),
                _benefit(case, member),
                _fund(case, member),
                _insured_while_unemployed(case, member),
            ):
                if flag is not None:
                    yield flag


def _taxed(case: Case, member: Member) -> Flag | None:
    hits = earnings.taxed_work(case.found, member.member_id)
    if not hits:
        return None
    declared_fen = _declared_work(case, member)
    if not _exceeds(case, sum([hit.record.amount_fen for hit in hits]), declared_fen):
        return None
    steps = [Step(_TAXED[hit.record.item], hit.record.amount_fen, Agency.TAX, member.member_id) for hit in hits]
    return _raise(case, INC_01, member, declared_fen, steps, [hit.answer for hit in hits])


def _fund(case: Case, member: Member) -> Flag | None:
    hits = earnings.active_funds(case.found, member.member_id)
    if not hits:
        return None
    declared_fen = case.household.fen_of(member.member_id).get(ItemKind.WAGE, 0)
    if not _exceeds(case, sum([hit.record.monthly_base_fen for hit in hits]) * 12, declared_fen):
        return None
    steps = [Step(_FUND, hit.record.monthly_base_fen * 12, Agency.HOUSING_FUND, member.member_id) for hit in hits]
    return _raise(case, INC_03, member, declared_fen, steps, [hit.answer for hit in hits])


def _benefit(case: Case, member: Member) -> Flag | None:
    paid = earnings.benefits(case.found, member.member_id, case.policy.income.resident_pension_exempt_fen)
    if not paid.hits:
        return None
    declared = case.household.fen_of(member.member_id)
    pension_fen, unemployment_fen = declared.get(ItemKind.PENSION, 0), declared.get(ItemKind.UNEMPLOYMENT_BENEFIT, 0)
    if not _exceeds(case, paid.pension_fen - paid.exempt_fen, pension_fen) and not _exceeds(
        case, paid.unemployment_fen, unemployment_fen
    ):
        return None
    steps = [
        Step(_BENEFIT[hit.record.type], hit.record.monthly_amount_fen * 12, Agency.SOCIAL_INSURANCE, member.member_id)
        for hit in paid.hits
    ]
    if paid.exempt_fen:
        steps.append(Step(_EXEMPT, -paid.exempt_fen, "policy", member.member_id))
    return _raise(case, INC_02, member, pension_fen + unemployment_fen, steps, [hit.answer for hit in paid.hits])


def _insured_while_unemployed(case: Case, member: Member) -> Flag | None:
    if member.employment is not Employment.UNEMPLOYED:
        return None
    hits = earnings.active_insurance(case.found, member.member_id)
    if not hits:
        return None
    steps = tuple(
        Step(_BASE, hit.record.monthly_base_fen * 12, Agency.SOCIAL_INSURANCE, member.member_id) for hit in hits
    )
    found_fen = sum([step.amount_fen for step in steps])
    return raise_fen(
        case,
        INC_04,
        [hit.answer for hit in hits],
        member_id=member.member_id,
        declared_fen=_declared_work(case, member),
        found_fen=found_fen,
        declared=Text("申报失业", "declared unemployed"),
        found=Text(
            f"单位在保，年缴费基数{yuan(found_fen)}元", f"insured by an employer, base {yuan(found_fen)} yuan a year"
        ),
        arithmetic=steps,
    )


def _exceeds(case: Case, found_fen: int, declared_fen: int) -> bool:
    """Whether a year's sum is above what was declared by more than is tolerated."""
    beyond_fen = found_fen - declared_fen
    return beyond_fen > 0 and beyond_fen > case.policy.flags.income_tolerance_fen(declared_fen)


def _raise(
    case: Case, rule: Rule, member: Member, declared_fen: int, steps: list[Step], answers: Iterable[Proof]
) -> Flag:
    found_fen = sum([step.amount_fen for step in steps])
    return raise_fen(
        case,
        rule,
        answers,
        member_id=member.member_id,
        declared_fen=declared_fen,
        found_fen=found_fen,
        found=Text(f"年{yuan(found_fen)}元", f"{yuan(found_fen)} yuan a year"),
        arithmetic=(
            *steps,
            Step(_DECLARED, -declared_fen, "declaration", member.member_id),
            Step(_BEYOND, found_fen - declared_fen, "sum", member.member_id),
        ),
        tolerance_fen=case.policy.flags.income_tolerance_fen(declared_fen),
    )


def _declared_work(case: Case, member: Member) -> int:
    declared = case.household.fen_of(member.member_id)
    return declared.get(ItemKind.WAGE, 0) + declared.get(ItemKind.BUSINESS_INCOME, 0)
