"""Faults of the database that say nothing about the work."""

from __future__ import annotations

import asyncpg

from chassis.refusal import Kind, Refusal


class DatabaseAway(Refusal):
    """The database cannot be reached, or broke off; if that was at the very commit, nobody knows whether it was stored.

    Trying again is safe all the same: every door knows what it has already taken (inbox, idempotency key, fence).
    """

    kind = Kind.BUSY
    code = "database-away"
    zh = "数据库暂不可用，请稍后重试。"
    en = "The database is not available; try again shortly."


BROKEN_OFF: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the server ended the connection while it was idle in the transaction
)
TRANSIENT: tuple[type[Exception], ...] = (
    *BROKEN_OFF,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.DiskFullError,
    DatabaseAway,
)
"""Failures that say nothing about the work itself: the same work may succeed later."""
