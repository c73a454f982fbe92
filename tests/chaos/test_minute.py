"""A minute of faults on the whole way, from a fixed seed: nothing lost, nothing doubled, everybody paid once."""

from __future__ import annotations

import pytest

from tests.chaos.__main__ import told
from tests.chaos.conductor import Plan, conduct

SEED = 20_261_121
SECONDS = 60.0
HOUSEHOLDS = 24


@pytest.mark.timeout(600)
async def test_a_minute_of_faults_leaves_everything_in_order() -> None:
    verdict = await conduct(Plan(SEED, SECONDS, households=HOUSEHOLDS))
    assert verdict.is_good, "\n".join(told(verdict))
    assert verdict.figures["faults"] > 0
    assert verdict.figures["accepted"] >= HOUSEHOLDS
    assert verdict.figures["decisions"] > 0
    assert verdict.figures["paid"] > 0
