"""Adapters on a real database, before agencies that really answer over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.vocabulary import Agency
from deploy.local.platform import LocalPlatform
from services.adapters.app import SERVICE
from tests.service.adapters.asking_bed import AskingBed
from tests.service.adapters.world import World, world_on_loopback
from tests.testbed import testbed


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with world_on_loopback(tmp_path / "ledger") as world:
        yield world


@pytest.fixture
async def bed(platform_postgres: LocalPlatform, world: World, tmp_path: Path) -> AsyncIterator[AskingBed]:
    """All fourteen agencies connected; asked again without delay."""
    options = {
        "agencies": world.addresses(),
        "lines": {agency.value: {"timeout_s": 0.4} for agency in Agency},
        "retry_first_s": 0.001,
        "retry_most_s": 0.002,
    }
    async with testbed(platform_postgres, SERVICE, tmp_path, options) as bed:
        yield AskingBed(bed)
