"""Records brought again: what a listener hears whose offsets were lost, or a speaker says that was not sure."""

from __future__ import annotations

import asyncio
import random

from confluent_kafka import KafkaException

from deploy.local.platform import LocalPlatform
from tests.chaos.stage import Stage
from tests.journeys import records

_MOST = 300
"""Records of a partition, counted from its end."""


async def bring_again(stage: Stage, dice: random.Random) -> None:
    """Write the latest records of one topic to it once more, to the letter. OSError where the broker does not answer.

    What has begun is ended even when the fault is broken off: nothing may be written once the platform has healed.
    """
    heard = sorted({topic.name for topic in stage.platform.map.topics.values() if topic.listeners})
    writing = asyncio.create_task(asyncio.to_thread(_write_again, stage.platform, dice.choice(heard)))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait({writing})
        raise
    except (KafkaException, AssertionError) as away:
        raise OSError("the broker does not answer") from away


def _write_again(platform: LocalPlatform, topic: str) -> None:
    ends = records.marks(platform, [topic])
    begin = {place: max(end - _MOST, 0) for place, end in ends.items()}
    records.produce(platform, records.read(platform, [topic], begin))
