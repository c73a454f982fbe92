"""A range is kept twice, in the queries and by the rows themselves: either alone must keep strangers out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.callers import Caller
from chassis.transaction import Database
from deploy.local.platform import LocalPlatform
from tests.access.matrix import Matrix
from tests.access.operations import OPERATIONS
from tests.access.policy import Verdict
from tests.access.seeding import STAGES, Stage

_GUARDED = "select relname from pg_class where relkind = 'r' and relrowsecurity"
_UNGUARD = "alter table {0} disable row level security, no force row level security"
_REFUSED_OTHERWISE = ("POST /draws", "POST /rosters")
"""Acts on an office that has no row yet: without the use case's own look at the office they end at the empty range."""


async def strangers(stage: Stage, admin: asyncpg.Connection) -> list[str]:
    """What leaks to whoever has the permission but stands outside."""
    matrix = Matrix(stage, OPERATIONS[stage.name], admin)
    await matrix.keep_out(Verdict.AS_ABSENT)
    assert matrix.cells > 0
    return matrix.leaks


@pytest.mark.parametrize("service", STAGES)
async def test_queries_keep_the_range_where_the_rows_do_not(
    service: str, platform_postgres: LocalPlatform, tmp_path: Path
) -> None:
    async with STAGES[service](platform_postgres, tmp_path) as stage:
        admin = await asyncpg.connect(platform_postgres.admin_dsn(stage.bed.site.database.name))
        tables = [row["relname"] for row in await admin.fetch(_GUARDED)]
        assert tables
        for table in tables:
            await admin.execute(_UNGUARD.format(table))
        leaks = await strangers(stage, admin)
        await admin.close()
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("service", STAGES)
async def test_rows_keep_the_range_where_queries_take_everybody_for_the_country(
    service: str, platform_postgres: LocalPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow, begin = Caller.reach, Database._begin

    class Narrow(Caller):
        reach = narrow

    async def begin_in_range(database: Database, pool: Any, caller: Caller) -> Any:
        own = Narrow(caller.subject, caller.role, caller.org, caller.scopes, caller.client)
        return await begin(database, pool, own)

    async with STAGES[service](platform_postgres, tmp_path) as stage:
        monkeypatch.setattr(Database, "_begin", begin_in_range)
        monkeypatch.setattr(Caller, "reach", property(lambda caller: ("", "~")))
        admin = await asyncpg.connect(platform_postgres.admin_dsn(stage.bed.site.database.name))
        leaks = await strangers(stage, admin)
        await admin.close()
    otherwise = [
        leak for leak in leaks if leak.startswith(_REFUSED_OTHERWISE) and leak.endswith(Verdict.AS_ABSENT.value)
    ]
    assert not set(leaks) - set(otherwise), "\n".join(leaks)
