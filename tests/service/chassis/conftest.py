"""Fresh databases for the chassis' own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chassis.service import Service
from chassis.tables import guarded
from deploy.local.platform import LocalPlatform
from tests.service.chassis.note_service import as_owner
from tests.testbed import TestBed, testbed

Open = Callable[[Service], Awaitable[TestBed]]

_EFFECT = """
create table effect (
    id bigint generated always as identity,
    case_id text not null,
    number int not null default 0,
    office text collate "C" not null default 'cn/2307/'
)
"""


@pytest.fixture
async def open_bed(platform_postgres: LocalPlatform, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens services on databases of their own, each with a guarded table `effect`."""
    async with AsyncExitStack() as stack:

        async def open_one(service: Service) -> TestBed:
            bed = await stack.enter_async_context(testbed(platform_postgres, service, tmp_path))
            await as_owner(platform_postgres, bed.site.database.name, _EFFECT, *guarded("effect"))
            return bed

        yield open_one
