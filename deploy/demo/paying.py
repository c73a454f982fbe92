"""The third stage: the roster of the month, two signatures, payment through treasury and bank, the closed month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.values import Month
from deploy.demo.papers import card_of
from deploy.demo.stage import Stage, together
from deploy.demo.township import COUNTY
from deploy.demo.treasury_office import TreasuryOffice
from deploy.demo.world import World
from policies.calendar import ledger_cutoff
from policies.load import load_packs
from policies.lookup import policy_for

_COUNTY_CODE = COUNTY.rstrip("/").rpartition("/")[2]
_COMPARED_MOST = 5


@dataclass(frozen=True)
class Paid:
    """What the third stage leaves behind."""

    rosters: list[dict[str, Any]]
    reconciliations: list[dict[str, Any]]
    lines: dict[str, list[dict[str, Any]]]
    """Application id -> its lines, the oldest first."""
    figures: dict[str, Any]


class Paying:
    """Pays every month that the certificates of this run begin with; usually that is one."""

    def __init__(self, stage: Stage, world: World, heads: Mapping[str, str]) -> None:
        """`heads`: application id -> resident id of the head of the family, who holds the card."""
        self._stage = stage
        self._world = world
        self._heads = heads
        self._office = TreasuryOffice(stage.desk, stage.run.name)

    async def go(self, certified: Iterable[str]) -> Paid:
        """Pay; run again, it goes on where it was."""
        months = await self._months(sorted(certified))
        rosters, compared = [], []
        for month in months:
            roster = await self._draw_up_and_pay(month)
            compared.append(await self._compare_and_close(month))
            rosters.append(await self._office.roster(roster["roster_id"]))
        lines: dict[str, list[dict[str, Any]]] = {}
        for roster in rosters:
            for line in await self._office.lines(roster["roster_id"]):
                lines.setdefault(line["application_id"], []).append(line)
        return Paid(rosters, compared, lines, await self._count(rosters, compared))

    async def _months(self, certified: list[str]) -> list[Month]:
        """The months on whose rosters these households first stand, with those between."""
        known: dict[str, Month] = {}

        async def look(application_id: str) -> None:
            for one in await self._office.entitlements(application_id):
                known[application_id] = Month.parse(one["first_roster"])

        async def there() -> int:
            async for _ in together(look, [one for one in certified if one not in known]):
                pass
            return len(known)

        await self._stage.until("保障资格 entitlements", len(certified), there, "payments")
        if not known:
            return []
        months = [min(known.values())]
        while months[-1] < max(known.values()):
            months.append(months[-1].plus(1))
        return months

    async def _draw_up_and_pay(self, month: Month) -> dict[str, Any]:
        policy = policy_for(load_packs(self._stage.platform.root / "policies"), _COUNTY_CODE, month.first_day)
        closes = ledger_cutoff(month.plus(-1), policy.payment)
        await self._stage.move_to(closes.date())
        roster = await self._office.draw_up(str(month))
        roster = await self._office.sign(roster)
        await self._stage.move_to(month.first_day)
        if roster["state"]["code"] == "locked":
            await self._spoil_a_card(roster["roster_id"])
        roster = await self._office.pay(roster)

        async def settled() -> int:
            now = await self._office.roster(roster["roster_id"])
            lines: dict[str, int] = {one["state"]["code"]: one["lines"] for one in now["counts"]}
            if lines.get("returned"):
                await self._pay_again(roster["roster_id"])
            return lines.get("paid", 0) + lines.get("stopped", 0)

        await self._stage.until(f"发放 payment {month}", roster["lines"], settled, "payments")
        return roster

    async def _spoil_a_card(self, roster_id: str) -> None:
        """The bank will not know one family's card, once."""
        ours = [line["application_id"] for line in await self._office.lines(roster_id)]
        spoilt = next((one for one in ours if one in self._heads), None)
        if spoilt is not None:
            await self._world.reject_card(card_of(self._heads[spoilt]))

    async def _pay_again(self, roster_id: str) -> None:
        """The township asks each family whose money came back for its next card."""
        for line in await self._office.lines(roster_id):
            if line["state"]["code"] == "returned" and line["application_id"] in self._heads:
                await self._office.pay_again(line, self._heads[line["application_id"]])

    async def _compare_and_close(self, month: Month) -> dict[str, Any]:
        """The comparison the month was closed on, or the last one that found something."""
        state = await self._office.month(str(month))
        for number in range(1, _COMPARED_MOST + 1):
            if state["closing"] is not None:
                break
            await self._office.reconcile(str(month), number)
            state = await self._compared(month)
            if state["reconciliation"]["differences"] == 0:
                state = await self._office.close(str(month))
        bar = self._stage.progress.add_task(f"结账 {month} closed", total=1)
        self._stage.progress.update(bar, completed=int(state["closing"] is not None))
        found: dict[str, Any] = state["reconciliation"]
        return found

    async def _compared(self, month: Month) -> dict[str, Any]:
        state: dict[str, Any] = {}

        async def done() -> int:
            nonlocal state
            state = await self._office.month(str(month))
            return int(state["reconciliation"]["state"] == "done")

        await self._stage.until(f"三方比对 {month} compared", 1, done, "payments")
        return state

    async def _count(self, rosters: list[dict[str, Any]], compared: list[dict[str, Any]]) -> dict[str, Any]:
        months = {roster["month"] for roster in rosters}
        bank = [row for row in await self._world.money("bank") if _is_of(row, months)]
        treasury = [row for row in await self._world.money("treasury") if _is_of(row, months)]
        summary = await self._world.money_summary()
        left_out = [one for roster in rosters for one in await self._office.left_out(roster["roster_id"])]
        paid = [one for roster in rosters for one in roster["counts"] if one["state"]["code"] == "paid"]
        return {
            "roster_month": " ".join(sorted(months)),
            "roster_lines": sum(roster["lines"] for roster in rosters),
            "left_out": dict(sorted(Counter(one["reason"]["code"] for one in left_out).items())),
            "roster_total_fen": sum(roster["total_fen"] for roster in rosters),
            "paid_total_fen": sum(one["fen"] for one in paid),
            "treasury_total_fen": sum(row["amount_fen"] for row in treasury),
            "bank_total_fen": sum(row["amount_fen"] for row in bank if row["status"] == "paid"),
            "returned": sum(row["status"] == "returned" for row in bank),
            "reconciliation_difference_fen": sum(one["difference_fen"] for one in compared),
            "differences": sum(one["differences"] for one in compared),
            "paid_twice": summary["bank"]["paid_twice"],
        }


def _is_of(row: dict[str, Any], months: set[str]) -> bool:
    return row["payer"] == _COUNTY_CODE and row["month"] in months
