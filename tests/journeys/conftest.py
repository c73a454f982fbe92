"""One whole platform for all journeys of a test session, started fresh under var/journeys and stopped with the session.

Journeys run one after another: some of them kill what all stand on, and the search for canaries comes last.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from contracts.vocabulary import Agency
from deploy.local.platform import LocalPlatform
from tests.journeys.county import County

ROOT = Path(__file__).resolve().parents[2]
PLACES = ROOT / "var" / "journeys"
HOUSEHOLDS = int(os.environ.get("HOUSEHOLDS", "2000"))
"""Of the journey that goes against the truth; the search for people goes through all they left behind."""
TIMEOUT_S = 150 + HOUSEHOLDS / 20
"""More than the slowest journey needs on a busy machine."""

# The agencies' deadline stays at its five days: the journey that is about it moves the platform's clock. Asking again
# is quick, and the one agency that a journey silences is given up on after a second.
OPTIONS: dict[str, dict[str, Any]] = {
    "adapters": {
        "retry_first_s": 0.2,
        "retry_most_s": 1.0,
        "lines": {Agency.AGRICULTURAL_MACHINERY: {"timeout_s": 1.0}},
    }
}


@dataclass
class Session:
    """What the journeys of one session leave behind for those that come after."""

    household_numbers: Iterator[int] = field(default_factory=itertools.count)
    """Of the simulated population, each used once."""
    runs: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    """Of the townships' scripts: one for each journey."""
    applications: list[dict[str, Any]] = field(default_factory=list)
    """Everything that was handed in, well or badly."""
    refusals: list[bytes] = field(default_factory=list)
    """The bodies of all answers that were errors."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys have more time than other tests, and the search for canaries comes last."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.timeout(TIMEOUT_S))
    last = [item for item in ours if item.path.name == "test_canaries.py"]
    items[:] = [item for item in items if item not in last] + last


@pytest.fixture(scope="session")
def session() -> Session:
    return Session()


@pytest.fixture(scope="session")
def platform() -> Iterator[LocalPlatform]:
    """Everything runs: PostgreSQL, Kafka, the simulator and all services, with empty databases and topics."""
    var, lease = _free_place()
    with lease:
        _platform_in(var, lease).postgres.remove()
        shutil.rmtree(var)
        platform = _platform_in(var, lease)
        try:
            platform.start()
            yield platform
        finally:
            platform.stop()
            platform.postgres.remove()


@pytest.fixture
async def county(platform: LocalPlatform, session: Session) -> AsyncIterator[County]:
    """The people of one journey: a township that hands in, a caseworker who reads and resolves, an operator."""

    async def keep_refusal(answer: httpx.Response) -> None:
        if answer.is_error:
            session.refusals.append(await answer.aread())

    async with httpx.AsyncClient(
        transport=AiohttpTransport(), timeout=30, event_hooks={"response": [keep_refusal]}
    ) as client:
        run = f"journey{next(session.runs)}"
        county = County(platform, client, run, session.household_numbers, session.applications)
        yield county
        await county.outside.mend()


def _platform_in(var: Path, lease: IO[str]) -> LocalPlatform:
    return LocalPlatform(ROOT, var, own_ports=True, options=OPTIONS, lease=Path(lease.name))


def _free_place() -> tuple[Path, IO[str]]:
    """A folder that no other session uses, and the lease on it: its supervisor stops everything when it is let go."""
    PLACES.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        lease = (PLACES / f"{number}.lease").open("a")
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lease.close()
            continue
        return PLACES / str(number), lease
    raise AssertionError("unreachable")
