"""SQL within a transaction. Only `store` rooms import this module: the one place where statements are spoken.

Query texts are constants; values travel as parameters; many rows go in as arrays through `unnest`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncpg import Record

if TYPE_CHECKING:
    from chassis.transaction import Transaction

__all__ = ["Record", "execute", "fetch", "fetchrow", "fetchval"]


async def fetch(tx: Transaction, query: str, *values: Any) -> list[Record]:
    """All rows of the answer; the query bounds their number."""
    rows: list[Record] = await tx.connection.fetch(query, *values)
    return rows


async def fetchrow(tx: Transaction, query: str, *values: Any) -> Record | None:
    """The first row, or None."""
    row: Record | None = await tx.connection.fetchrow(query, *values)
    return row


async def fetchval(tx: Transaction, query: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    return await tx.connection.fetchval(query, *values)


async def execute(tx: Transaction, query: str, *values: Any) -> int:
    """Run a statement; the number of rows it touched."""
    status: str = await tx.connection.execute(query, *values)
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0
