"""Parts of a policy that say how much is paid and when: benefit, supplement, payment. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Annotated

from contracts.vocabulary import Aid
from policies.rule import Rule
from policies.words import BenefitMethod, FirstMonth, PaymentCycle, PaymentUnit, Rounding, SupplementGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """The monthly amount of a household (Annex 4, formula 3)."""

    method: Annotated[BenefitMethod, Rule("R-188")]
    rounding: Annotated[Rounding, Rule("R-188")]
    """How household income per month is settled to a whole fen before the difference is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """What members in particular need get on top (加发; Annex 4, formula 4)."""

    rate_percent: Annotated[int, Rule("R-194", most=100)]
    """Percentage of the local standard."""
    groups: Annotated[tuple[SupplementGroup, ...], Rule("R-194")]
    once: Annotated[bool, Rule("R-195")]
    """A person in several groups is counted once."""
    severe_disability_grades: Annotated[tuple[int, ...], Rule("R-194", least=1, most=4)]
    elderly_age: Annotated[int, Rule("R-194", least=50, most=100)]
    minor_below_age: Annotated[int, Rule("R-194", least=14, most=18)]
    rounding: Annotated[Rounding, Rule("R-194")]

    def amount_fen(self, standard_fen: int) -> int:
        """Supplement of one person and month under that standard (R-194)."""
        return self.rounding.divide(standard_fen * self.rate_percent, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The monthly calendar of money and the card it goes to (R-199 to R-215)."""

    first_month: Annotated[FirstMonth, Rule("R-199")]
    arrears_from_confirmation: Annotated[bool, Rule("R-199")]
    """Months between the confirmation's own first month and the first paid month are paid with the first."""
    cycle: Annotated[PaymentCycle, Rule("R-200")]
    ledger_cutoff_day: Annotated[int, Rule("R-203", least=1, most=28)]
    ledger_cutoff_at: Annotated[time, Rule("R-203")]
    """The month's ledger closes at this instant, local time, holiday or not."""
    roster_due_day: Annotated[int, Rule("R-204", least=1, most=28)]
    """The roster stands before this day of the month after the ledger."""
    due_day: Annotated[int, Rule("R-205", least=1, most=28)]
    """All money of a month is out before this day of it."""
    named_day_counts: Annotated[bool, Rule("Annex 10(1)")]
    """Whether "before the n-th" lets the n-th itself still count."""
    dibao_unit: Annotated[PaymentUnit, Rule("R-210")]
    tekun_unit: Annotated[PaymentUnit, Rule("R-210")]
    staff_agents_allowed: Annotated[bool, Rule("R-215")]
    """Whether officers and village cadres may keep a card or withdraw for a recipient."""

    def unit(self, aid: Aid) -> PaymentUnit:
        """To whose card the money of this aid goes (R-210)."""
        return self.tekun_unit if aid is Aid.TEKUN else self.dibao_unit
