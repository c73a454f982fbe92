"""Each region's own order, and which steps of it do not exist here."""

from __future__ import annotations

import pytest

from policies.words import Step
from services.approval.domain.order import missing_before
from tests.unit.approval.cases import policy


@pytest.mark.policy("R-114")
@pytest.mark.parametrize(
    ("region", "opinion", "decision"),
    [
        ("230799", (), ()),
        ("654099", (Step.APPRAISAL,), (Step.APPRAISAL, Step.PUBLICITY, Step.SPOT_CHECK)),
        ("5306", (), (Step.APPRAISAL, Step.PUBLICITY)),
        ("cn", (), (Step.PUBLICITY,)),
    ],
)
def test_what_a_region_wants_before_its_opinion_and_its_decision(
    region: str, opinion: tuple[Step, ...], decision: tuple[Step, ...]
) -> None:
    assert missing_before(policy(region), Step.REVIEW_OPINION) == opinion
    assert missing_before(policy(region), Step.DECISION) == decision
