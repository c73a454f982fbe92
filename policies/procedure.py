"""Parts of a policy that say how a case walks to its decision: survey, check, appraisal, publicity, spot check,
decision, deadlines.

Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from contracts.vocabulary import Aid
from policies.rule import Rule
from policies.words import (
    AppraisalMode,
    Appraiser,
    Authority,
    ClockEnd,
    DecisionPath,
    LongTermField,
    LongTermPlace,
    PublicityContent,
    Rounding,
    Step,
    SurveySigner,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The visit to the home (入户调查)."""

    visit_percent: Annotated[int, Rule("R-093", most=100)]
    min_surveyors: Annotated[int, Rule("R-094", least=1)]
    neighbour_interview_required: Annotated[bool, Rule("R-095")]
    signers: Annotated[tuple[SurveySigner, ...], Rule("R-096")]
    signed_on_spot: Annotated[bool, Rule("R-096")]
    three_confirmations: Annotated[bool, Rule("R-098")]
    """Home entered, person met, papers seen: each confirmed on the record."""
    start_workdays: Annotated[int, Rule("D57 art. 15", least=1)]
    """The survey begins within this many working days after acceptance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The check of economic status (核对)."""

    mandatory: Annotated[bool, Rule("R-065")]
    start_workdays: Annotated[int, Rule("D57 art. 17", least=1)]
    """The check begins within this many working days after the township's request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """The democratic appraisal (民主评议)."""

    mode: Annotated[AppraisalMode, Rule("R-102")]
    participants: Annotated[tuple[Appraiser, ...], Rule("R-103")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publicity:
    """The first notice (公示) and the one that stays (长期公示). Their place in the order is `Decision.steps`."""

    days: Annotated[int, Rule("R-124", least=1)]
    """Full calendar days after the day of posting."""
    content: Annotated[tuple[PublicityContent, ...], Rule("R-124")]
    long_term_fields: Annotated[tuple[LongTermField, ...], Rule("R-131")]
    long_term_place: Annotated[LongTermPlace, Rule("R-131")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotCheck:
    """What the county looks at again (抽查)."""

    predecision_percent: Annotated[int, Rule("R-137", most=100)]
    """Applying households visited before a decision."""
    delegated_percent: Annotated[int, Rule("R-138", most=100)]
    """Applicants sampled where the township decides."""
    flagged_percent: Annotated[int, Rule("R-139", most=100)]
    """Doubtful, reported or key cases visited."""
    near_relative_percent: Annotated[int, Rule("R-144", most=100)]
    """Cases of filed near relatives visited."""

    @staticmethod
    def sample_size(cases: int, percent: int) -> int:
        """Cases to draw for a ratio of "not less than": rounded up (Annex 3)."""
        return Rounding.UP.divide(cases * percent, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decides, how, and after what."""

    authority: Annotated[Authority, Rule("R-109")]
    paths: Annotated[tuple[DecisionPath, ...], Rule("R-108")]
    steps: Annotated[tuple[tuple[Step, ...], ...], Rule("R-114")]
    """The order of the region; steps of one inner tuple may run side by side."""
    refusal_notice_workdays: Annotated[int, Rule("R-116", least=1)]
    case_by_case: Annotated[bool, Rule("R-120")]

    def before(self, step: Step) -> tuple[Step, ...]:
        """Every step that must be done before this one may begin. ValueError for a step the region does not have."""
        done: list[Step] = []
        for stage in self.steps:
            if step in stage:
                return tuple(done)
            done.extend(stage)
        raise ValueError(f"step {step.value} is not in this region's order")

    def has(self, step: Step) -> bool:
        """Whether the region's order holds this step at all."""
        return any(step in stage for stage in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Working days from acceptance, and what they may be extended to."""

    workdays: int
    extended_workdays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Approval clocks (R-118, R-119). The day of acceptance is not counted."""

    dibao_workdays: Annotated[int, Rule("R-118", least=1)]
    dibao_extended_workdays: Annotated[int, Rule("R-118", least=1)]
    tekun_workdays: Annotated[int, Rule("R-119", least=1)]
    tekun_extended_workdays: Annotated[int, Rule("R-119", least=1)]
    rigid_workdays: Annotated[int, Rule("GX24", least=1)]
    rigid_extended_workdays: Annotated[int, Rule("GX24", least=1)]
    temporary_workdays: Annotated[int, Rule("R-177", least=1)]
    temporary_extended_workdays: Annotated[int, Rule("R-177", least=1)]
    ends_at: Annotated[ClockEnd, Rule("R-118")]

    def limit(self, aid: Aid) -> Limit:
        """The limit for a kind of aid; edge families follow the procedure of dibao."""
        match aid:
            case Aid.DIBAO | Aid.LOW_INCOME_EDGE:
                return Limit(workdays=self.dibao_workdays, extended_workdays=self.dibao_extended_workdays)
            case Aid.TEKUN:
                return Limit(workdays=self.tekun_workdays, extended_workdays=self.tekun_extended_workdays)
            case Aid.RIGID_EXPENDITURE:
                return Limit(workdays=self.rigid_workdays, extended_workdays=self.rigid_extended_workdays)
            case Aid.TEMPORARY:
                return Limit(workdays=self.temporary_workdays, extended_workdays=self.temporary_extended_workdays)
