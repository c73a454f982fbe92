"""`python -m tests.chaos.controls.publish_after_commit <service>`: what is said goes to Kafka after the commit.

There is no outbox: between the commit and the broker's acknowledgement an event exists in this process alone. It is
sent again until it is acknowledged, so that only the end of the process loses it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from chassis import run
from chassis.callers import Caller
from chassis.kafka import Outcome
from chassis.relay import Relay
from chassis.transaction import Database, Transaction
from chassis.wire import Record

_log = structlog.get_logger(__name__)
_AGAIN_S = 0.5

_committed: deque[Record] = deque()
_arrived = asyncio.Event()
_begin = Database.transaction
_write = Transaction.flush
_relay = Relay.run


async def flush_without_outbox(tx: Transaction, at: datetime) -> frozenset[str]:
    """Write what was audited, and leave out what was said."""
    said, tx._said = tx._said, []
    wakes = await _write(tx, at)
    tx._said = said
    return wakes


@asynccontextmanager
async def transaction_then_publish(database: Database, caller: Caller) -> AsyncIterator[Transaction]:
    """As ever; what was said is handed on once the commit has been acknowledged."""
    async with _begin(database, caller) as tx:
        yield tx
    if tx._said:
        _committed.extend(tx._said)
        _arrived.set()


async def publish_from_memory(relay: Relay) -> None:
    """Beside the relay, whose outbox stays empty and which still hears who is to be woken."""
    publishing = asyncio.create_task(_publish(relay))
    try:
        await _relay(relay)
    finally:
        publishing.cancel()


async def _publish(relay: Relay) -> None:
    while True:
        await _arrived.wait()
        _arrived.clear()
        while _committed:
            records = [_committed.popleft() for _ in range(len(_committed))]
            try:
                outcomes = await relay._speaker.send(records)
            except Exception as away:
                _log.warning("broker away", reason=type(away).__name__)
                outcomes = [Outcome.UNSURE] * len(records)
            unsent = [one for one, outcome in zip(records, outcomes, strict=True) if outcome is not Outcome.SENT]
            if unsent:
                _committed.extendleft(reversed(unsent))
                await asyncio.sleep(_AGAIN_S)


if __name__ == "__main__":
    Transaction.flush = flush_without_outbox  # type: ignore[assignment, method-assign]
    Database.transaction = transaction_then_publish  # type: ignore[assignment, method-assign]
    Relay.run = publish_from_memory  # type: ignore[assignment, method-assign]
    run.main()
