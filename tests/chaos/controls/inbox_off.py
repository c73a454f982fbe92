"""`python -m tests.chaos.controls.inbox_off <service>`: a consumer that does not remember what it has taken."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import parking, run
from chassis.transaction import Transaction


async def take_everything(tx: Transaction, event_ids: Sequence[str]) -> set[str]:
    """Every event is new, and none is noted."""
    return set(event_ids)


async def remember_nothing(tx: Transaction, event_ids: Sequence[str]) -> set[str]:
    """No event was ever taken before."""
    return set()


if __name__ == "__main__":
    parking.take = take_everything
    parking.taken = remember_nothing
    run.main()
