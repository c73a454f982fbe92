"""The demonstration is killed with all its processes, twice at the worst moments, and ends as if nothing had been."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local import kernel
from deploy.local.keeper import SUPERVISOR
from deploy.local.platform import LocalPlatform
from tests.journeys.patience import until

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLDS = 40
_WITHIN_S = 120.0

pytestmark = pytest.mark.timeout(360)


class Stage:
    """A demonstration on a platform of its own, as somebody at a terminal starts and kills it."""

    def __init__(self, folder: Path, lease: Path) -> None:
        self.platform = LocalPlatform(ROOT, folder, own_ports=True, lease=lease)
        self._output = folder / "demo.txt"
        self._playing: subprocess.Popen[bytes] | None = None

    def begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "deploy.demo", "--households", str(HOUSEHOLDS)]
        with self._output.open("ab") as output:
            self._playing = subprocess.Popen(
                [*command, "--apart", str(self.platform.var)], cwd=ROOT, stdout=output, stderr=output
            )
        return self._playing

    def kill(self) -> None:
        """The demonstration, the supervisor and whatever it keeps, all by SIGKILL."""
        living = self.platform.processes()
        assert self._playing is not None
        assert self._playing.poll() is None, self.said()
        self._playing.kill()
        self._playing.wait()
        for name in sorted(living, key=lambda name: name != SUPERVISOR):
            kernel.send_signal(living[name], signal.SIGKILL)
        for identity in living.values():
            kernel.wait_gone(identity, 10)
        assert not self.platform.processes()

    def end(self) -> None:
        if self._playing is not None and self._playing.poll() is None:
            self._playing.kill()
            self._playing.wait()
        self.platform.stop()
        self.platform.postgres.remove()

    def said(self) -> str:
        return self._output.read_text(errors="replace")

    def bank(self) -> list[dict[str, Any]]:
        """What the bank has in its book, whatever anybody else says."""
        book = self.platform.var / "simulator" / "bank.jsonl"
        return [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []

    async def count(self, service: str, query: str) -> int:
        """A number from a service's database; 0 while the service has not been started."""
        if service not in self.platform.processes():
            return 0
        connection = await asyncpg.connect(self.platform.admin_dsn(service))
        try:
            return int(await connection.fetchval(query))
        finally:
            await connection.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    folder = ROOT / "var" / "journeys" / "demo"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name("demo.lease").open("a") as lease:
        fcntl.flock(lease, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)
        made = Stage(folder, Path(lease.name))
        try:
            yield made
        finally:
            made.end()


@asynccontextmanager
async def _simulator(stage: Stage) -> AsyncIterator[Callable[[str, Any], Any]]:
    async with httpx.AsyncClient() as client:

        async def put(page: str, body: Any) -> bool:
            try:
                secret = json.loads(stage.platform.site_file("simulator").read_text())["admin_token"]
                answer = await client.put(
                    f"{stage.platform.url('simulator')}/{page}", json=body, headers={"X-Simulator-Admin": secret}
                )
            except (httpx.TransportError, FileNotFoundError):
                return False
            return answer.is_success

        yield put


async def test_killed_in_submission_and_in_payment_the_demonstration_ends_as_if_nothing_had_been(stage: Stage) -> None:
    stage.begin()

    async def some_handed_in() -> bool:
        return await stage.count("intake", "select count(*) from application") >= HOUSEHOLDS // 5

    await until(some_handed_in, "some households handed in", _WITHIN_S)
    stage.kill()

    stage.begin()
    async with _simulator(stage) as put:
        # The bank executes and its answer is lost: money has moved, and nobody here knows.
        lost = {"peer": "bank", "fault": "answer_lost"}
        await until(lambda: put("admin/money/faults", lost), "the bank's answers lost", _WITHIN_S)

    async def money_has_moved() -> bool:
        under_way = "select count(*) from lines where state = 'under_way'"
        return bool(stage.bank()) and await stage.count("payments", under_way) > 0

    await until(money_has_moved, "money under way", _WITHIN_S)
    paid_before = {row["id"] for row in stage.bank() if row["status"] == "paid"}
    assert paid_before
    stage.kill()

    ended = stage.begin()

    async def is_over() -> bool:
        return ended.poll() is not None

    await until(is_over, "the demonstration to end", _WITHIN_S)
    assert ended.returncode == 0, stage.said()
    told = json.loads((stage.platform.var / "demo.json").read_text())
    assert (told["run"], told["begun"]) == ("run0001", 3)
    assert told["households"] == told["reports"] == HOUSEHOLDS
    assert told["reconciliation_difference_fen"] == told["differences"] == told["paid_twice"] == 0
    assert told["roster_total_fen"] == told["paid_total_fen"] == told["treasury_total_fen"] == told["bank_total_fen"]
    paid = [row for row in stage.bank() if row["status"] == "paid"]
    ids = [row["id"] for row in paid]
    assert paid_before <= set(ids)
    assert len(ids) == len(set(ids)) == told["roster_lines"] > 0
    assert sum(row["amount_fen"] for row in paid) == told["paid_total_fen"] > 0
    assert f"演示 {told['run']}" in stage.said()
