"""The inbox forgets what no topic can bring again."""

from __future__ import annotations

from datetime import datetime

from chassis import sql
from chassis.transaction import Transaction


async def forget_old_events(tx: Transaction, *, now: datetime) -> None:
    """Delete inbox rows older than any record a topic still keeps (topics keep 30 days; real time, as Kafka counts)."""
    await sql.execute(tx, "delete from inbox where taken_at < clock_timestamp() - interval '35 days'")
