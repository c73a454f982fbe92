"""The real PostgreSQL and the real Kafka that tests share.

One platform under `var/test` serves every worker of every test run of this checkout. It starts with the first test that
asks for it; whoever uses it holds a lock on a lease file, and its supervisor stops it when nobody does any more.
"""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.local.platform import LocalPlatform

ROOT = Path(__file__).resolve().parents[1]
_TOGETHER = ("tests/chaos/", "tests/journeys/")


class ByPlace(LoadScopeScheduling):  # type: ignore[misc]  # its package has no types
    """Deals tests out to the workers by the file; what runs a whole platform goes to one worker, one after another."""

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER[-1] if nodeid.startswith(_TOGETHER) else nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPlace:
    """With `-n`; the workers begin with what has the most tests."""
    return ByPlace(config, log)


@pytest.fixture(scope="session")
def shared_platform() -> Iterator[LocalPlatform]:
    """The platform of this checkout's tests, kept alive until the session ends; nothing is started yet."""
    var = ROOT / "var" / "test"
    var.mkdir(parents=True, exist_ok=True)
    lease = var / "lease"
    with lease.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield LocalPlatform(ROOT, var, own_ports=True, lease=lease)


@pytest.fixture(scope="session")
def platform_postgres(shared_platform: LocalPlatform) -> LocalPlatform:
    """PostgreSQL runs, with every service's database and roles. Tests make databases of their own in it."""
    shared_platform.start(["postgres"])
    return shared_platform


@pytest.fixture(scope="session")
def platform_kafka(platform_postgres: LocalPlatform) -> LocalPlatform:
    """Kafka runs too, with the map's topics, users and access rules."""
    platform_postgres.start(["kafka"])
    return platform_postgres


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cells of the access matrix were asked, when any were, and how many of them leaked."""
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    told = [(name, value) for report in reports for name, value in report.user_properties]
    cells = sum(value for name, value in told if name == "access_cells")
    if cells:
        leaks = sum(value for name, value in told if name == "access_leaks")
        terminalreporter.write_line(f"access matrix: {cells} cells, {leaks} leaks")
