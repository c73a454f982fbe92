"""The first stage: households are handed in, checked at the agencies, and every flag is closed by a caseworker."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from deploy.demo import figures
from deploy.demo.caseworker import Caseworker
from deploy.demo.stage import Stage, together
from deploy.demo.township import REGION, Receipt, Township
from deploy.demo.world import World


@dataclass(frozen=True)
class Checked:
    """What the first stage leaves behind."""

    receipts: list[Receipt]
    """By household number."""
    households: dict[str, dict[str, Any]]
    """Application id -> what was handed in."""
    versions: dict[str, list[dict[str, Any]]]
    """Application id -> report versions, the first first."""
    flags: list[dict[str, Any]]
    """Closed ones."""
    figures: dict[str, Any]

    def flags_of(self, application_id: str) -> list[dict[str, Any]]:
        return [flag for flag in self.flags if flag["application_id"] == application_id]


class Checking:
    """From the township's desk to the last report version."""

    def __init__(self, stage: Stage, world: World) -> None:
        self._stage = stage
        self._world = world
        self._township = Township(stage.desk, stage.run.name)
        self._caseworker = Caseworker(stage.desk, stage.run.name)

    async def go(self) -> Checked:
        begun = time.perf_counter()
        run = self._stage.run
        households = await self._world.households(
            run.first_household, run.households, region=REGION, signed_on=run.signed_on
        )
        truth = await self._world.truth(run.first_household, run.households)
        receipts = await self._submit(households)
        applications = {receipt.application_id: receipt.household_no for receipt in receipts}
        await self._await_version(list(applications), 1, "核对报告 reports")
        reported = time.perf_counter()
        closed = await self._resolve(applications, truth)
        await self._await_version(sorted({flag["application_id"] for flag in closed}), 2, "补充报告 final versions")
        versions = {
            issued[0]["application_id"]: issued async for issued in together(self._caseworker.reports, applications)
        }
        planted = {
            application_id: [flag["code"] for flag in truth[number]] for application_id, number in applications.items()
        }
        answers: Counter[str] = Counter()
        for issued in versions.values():
            coverage = issued[-1]["coverage"]
            answers.update({outcome: coverage[outcome] for outcome in ("answered", "silent", "invalid")})
        counted = {
            "run": run.name,
            "begun": run.begun,
            "households": len(receipts),
            "reports": sum(1 for issued in versions.values() if issued[0]["version"] == 1),
            "answers": {outcome: answers[outcome] for outcome in ("answered", "silent", "invalid")},
            "flags": figures.judge(closed, planted),
            "households_per_second": round(len(receipts) / (reported - begun), 1),
        }
        by_number = {one["household_no"]: one["application"] for one in households}
        handed_in = {receipt.application_id: by_number[receipt.household_no] for receipt in receipts}
        return Checked(receipts, handed_in, versions, closed, counted)

    async def _submit(self, households: list[dict[str, Any]]) -> list[Receipt]:
        bar = self._stage.progress.add_task("申请 applications", total=len(households))
        receipts = []
        async for receipt in self._township.submit(households):
            receipts.append(receipt)
            self._stage.progress.advance(bar)
        return sorted(receipts, key=lambda receipt: receipt.household_no)

    async def _await_version(self, applications: list[str], version: int, label: str) -> None:
        """Until each of these has a report of at least that version."""
        waiting = set(applications)

        async def there() -> int:
            async for application_id, check in together(self._look, sorted(waiting)):
                if check is not None and check["version"] >= version:
                    waiting.discard(application_id)
            return len(applications) - len(waiting)

        await self._stage.until(label, len(applications), there, "verification")

    async def _look(self, application_id: str) -> tuple[str, dict[str, Any] | None]:
        return application_id, await self._caseworker.check(application_id)

    async def _resolve(
        self, applications: dict[str, int], truth: dict[int, list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        bar = self._stage.progress.add_task("疑点处置 flags", total=None)
        async for _ in self._caseworker.resolve_all(applications, truth, self._stage.clock.now()):
            self._stage.progress.advance(bar)
        closed = await self._caseworker.flags("closed", applications)
        self._stage.progress.update(bar, total=len(closed), completed=len(closed))
        return closed
