"""Values that contradict each other inside one policy. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.vocabulary import Area
from policies.model import Policy
from policies.words import AppraisalMode, Step

Contradiction = tuple[str, str, str]
"""Key, what is wrong, remedy."""


def contradictions(policy: Policy) -> Iterator[Contradiction]:
    """Every pair of values in force that cannot both stand."""
    yield from _standards(policy)
    yield from _limits(policy)
    yield from _order(policy)


def _standards(policy: Policy) -> Iterator[Contradiction]:
    """A dibao standard is lower than the local minimum wage (R-190)."""
    wage = policy.income.minimum_wage_fen
    for area in Area:
        standard = policy.income.standard_fen(area)
        if standard >= wage:
            what = f"the standard {standard} is not lower than the minimum wage {wage} (R-190)"
            yield f"income.standard_{area.value}_fen", what, "lower the standard, or correct income.minimum_wage_fen"


def _limits(policy: Policy) -> Iterator[Contradiction]:
    limits = policy.deadlines
    for aid, limit, extended in (
        ("dibao", limits.dibao_workdays, limits.dibao_extended_workdays),
        ("tekun", limits.tekun_workdays, limits.tekun_extended_workdays),
        ("rigid", limits.rigid_workdays, limits.rigid_extended_workdays),
        ("temporary", limits.temporary_workdays, limits.temporary_extended_workdays),
    ):
        if extended < limit:
            what = f"the extended limit {extended} is shorter than the limit {limit}"
            yield f"deadlines.{aid}_extended_workdays", what, "write the longer of the two"


def _order(policy: Policy) -> Iterator[Contradiction]:
    """Nobody is approved without survey and check, nobody paid without a decision (R-112, R-114)."""
    decision, key = policy.decision, "decision.steps"
    steps = [step for stage in decision.steps for step in stage]
    if len(set(steps)) != len(steps):
        yield key, "a step stands twice", "keep each step once"
        return
    for earlier, later in (
        (Step.ACCEPTANCE, Step.SURVEY),
        (Step.ACCEPTANCE, Step.CHECK),
        (Step.SURVEY, Step.DECISION),
        (Step.CHECK, Step.DECISION),
        (Step.REVIEW_OPINION, Step.DECISION),
        (Step.DECISION, Step.PAYMENT),
        (Step.PUBLICITY, Step.PAYMENT),
    ):
        if earlier not in steps or later not in steps or earlier not in decision.before(later):
            yield key, f"{earlier.value} does not stand before {later.value}", "put both in, in this order"
    always = policy.appraisal.mode is AppraisalMode.ALWAYS
    if always != decision.has(Step.APPRAISAL):
        what = f"appraisal is held {policy.appraisal.mode.value}, which the steps do not say"
        yield key, what, "put appraisal among the steps exactly where appraisal.mode is always"
    if (policy.spot_check.predecision_percent > 0) != decision.has(Step.SPOT_CHECK):
        what = f"spot_check.predecision_percent is {policy.spot_check.predecision_percent}, which the steps do not say"
        yield key, what, "put spot_check among the steps exactly where that percentage is above 0"
