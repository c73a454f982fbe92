"""The inbox forgets what no topic can bring again."""

from __future__ import annotations

from datetime import datetime

from chassis import sql
from chassis.transaction import Transaction

_FORGET_AT_ONCE = 50_000
_FORGET = """
delete from inbox where ctid = any(array(
    select ctid from inbox where taken_at < clock_timestamp() - interval '35 days' limit $1))
"""


async def forget_old_events(tx: Transaction, *, now: datetime) -> None:
    """Delete inbox rows older than any record a topic still keeps (30 days of real time), a bounded number at once."""
    await sql.execute(tx, _FORGET, _FORGET_AT_ONCE)
