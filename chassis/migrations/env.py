"""The one Alembic environment: every service's history runs through it, one upgrade at a time per database."""

from __future__ import annotations

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_LOCK = 7_003


def _upgrade(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=None,
        version_table=context.config.get_main_option("version_table") or "alembic_version",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()


async def _run() -> None:
    where: dict[str, Any] = context.config.attributes["database"]
    engine = create_async_engine(
        URL.create("postgresql+asyncpg", where["user"], where["password"], where["host"], where["port"], where["name"]),
        poolclass=NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run())
