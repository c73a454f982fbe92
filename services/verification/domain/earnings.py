"""What agencies know about one member's earnings and benefits, over twelve months, in fen."""

from __future__ import annotations

from typing import Final, NamedTuple

from contracts.findings import FundContribution, SocialBenefit, SocialContribution, TaxedIncome
from services.verification.domain.merge import Found, Hit

READS: Final[frozenset[type[object]]] = frozenset({TaxedIncome, FundContribution, SocialBenefit, SocialContribution})
_WORK: Final = frozenset({"wage", "labour_service", "business"})


class Benefits(NamedTuple):
    """Benefits being paid, as a year's sum."""

    pension_fen: int
    unemployment_fen: int
    exempt_fen: int
    """Part of the resident pension that does not count as income (D57 art. 13)."""
    hits: tuple[Hit[SocialBenefit], ...]

    @property
    def counted_fen(self) -> int:
        return self.pension_fen + self.unemployment_fen - self.exempt_fen


_NONE: Final = Benefits(0, 0, 0, ())


def known_of(found: Found) -> set[str]:
    """Members about whom any earnings or benefits are known."""
    return {hit.member_id for kind in READS for hit in found.of(kind)}


def taxed_work(found: Found, member_id: str) -> list[Hit[TaxedIncome]]:
    """Wages, labour service and business on which tax was declared."""
    return [hit for hit in found.of_member(TaxedIncome, member_id) if hit.record.item in _WORK]


def taxed_property_fen(found: Found, member_id: str) -> int:
    hits = found.of_member(TaxedIncome, member_id)
    return sum([hit.record.amount_fen for hit in hits if hit.record.item == "property"]) if hits else 0


def active_funds(found: Found, member_id: str) -> list[Hit[FundContribution]]:
    return [hit for hit in found.of_member(FundContribution, member_id) if hit.record.is_active]


def active_insurance(found: Found, member_id: str) -> list[Hit[SocialContribution]]:
    """Contributions through an employer that are in force."""
    return [hit for hit in found.of_member(SocialContribution, member_id) if hit.record.is_active]


def benefits(found: Found, member_id: str, exempt_month_fen: int) -> Benefits:
    """Pension and unemployment benefit x 12; of each resident pension up to `exempt_month_fen` a month is exempt."""
    hits = tuple(found.of_member(SocialBenefit, member_id))
    if not hits:
        return _NONE
    pension_fen = unemployment_fen = exempt_fen = 0
    for hit in hits:
        year_fen = hit.record.monthly_amount_fen * 12
        if hit.record.type == "unemployment":
            unemployment_fen += year_fen
        else:
            pension_fen += year_fen
            if hit.record.type == "resident_pension":
                exempt_fen += min(year_fen, exempt_month_fen * 12)
    return Benefits(pension_fen, unemployment_fen, exempt_fen, hits)
