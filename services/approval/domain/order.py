"""The region's own order of steps, and which of them a case of that region cannot take yet (R-114)."""

from __future__ import annotations

from typing import Final

from policies.model import Policy
from policies.words import AppraisalMode, Step

_BUILT: Final = frozenset({Step.ACCEPTANCE, Step.CHECK, Step.SURVEY, Step.REVIEW_OPINION})
"""Steps before a decision that exist here. Publicity exists after the decision only."""


def missing_before(policy: Policy, step: Step) -> tuple[Step, ...]:
    """Steps the region wants before its opinion or its decision and that do not exist here, in the region's order.

    A case is never taken past them, nor is the region bent into another's order (R-114).
    """
    missing = [one for one in policy.decision.before(step) if one not in _BUILT]
    if step is Step.DECISION:
        if policy.appraisal.mode is AppraisalMode.ALWAYS and not policy.decision.has(Step.APPRAISAL):
            missing.append(Step.APPRAISAL)
        if policy.spot_check.predecision_percent and not policy.decision.has(Step.SPOT_CHECK):
            missing.append(Step.SPOT_CHECK)
    return tuple(missing)


def is_posted_after_decision(policy: Policy) -> bool:
    """Whether the region publishes what was decided (R-125), and not what is to be decided (R-124)."""
    decision = policy.decision
    return decision.has(Step.PUBLICITY) and Step.DECISION in decision.before(Step.PUBLICITY)
