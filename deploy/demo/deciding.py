"""The second stage: survey, opinion, confirmation, the county's draw, publicity with an objection, certificates."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from deploy.demo.checking import Checked
from deploy.demo.county import CountyOffice
from deploy.demo.desk import every
from deploy.demo.office import BARS, LEADER, Family, TownshipOffice, needs_meeting
from deploy.demo.stage import Stage, day_after, together
from deploy.demo.township import Township

_OBJECTED_AFTER = timedelta(days=2)
_DECIDED = ("approved", "refused", "publicity", "certified", "paid")

Case = dict[str, Any]


class Deciding:
    """Every household goes as far as its county would take it. Three of them have a part of their own."""

    def __init__(self, stage: Stage, checked: Checked) -> None:
        self._stage = stage
        self._checked = checked
        self._last = {application_id: issued[-1] for application_id, issued in checked.versions.items()}
        self.withdraws = checked.receipts[-1].application_id
        """Takes its application back after the report."""
        families = {
            receipt.application_id: Family(
                checked.households[receipt.application_id],
                receipt.traceparent,
                frozenset(
                    flag["code"]["code"]
                    for flag in checked.flags_of(receipt.application_id)
                    if flag["finding"]["code"] == "true"
                ),
            )
            for receipt in checked.receipts
        }
        self._sound = [
            receipt.application_id
            for receipt in checked.receipts[:-1]
            if self._last[receipt.application_id]["conclusion"]["code"] == "no_flags"
            and not families[receipt.application_id].found_true & BARS
        ]
        """Whom nothing speaks against, by household number."""
        if self._sound and len(self._sound) == len(checked.receipts) - 1:
            # Nobody is over the standard in so small a run: the last one does not let the surveyors in.
            stubborn = self._sound.pop()
            known = families[stubborn]
            families[stubborn] = Family(known.application, known.trace, known.found_true, does_not_cooperate=True)
        self.objected_to = self._sound[0] if self._sound else None
        """Somebody objects to it while it is posted."""
        self._office = TownshipOffice(stage.desk, stage.run.name, families, stage.clock.now)
        self._county = CountyOffice(stage.desk, stage.run.name)

    async def go(self) -> dict[str, Case]:
        """The cases by application, once certificates are out; run again, it goes on where it was."""
        await self._await_cases()
        await Township(self._stage.desk, self._stage.run.name).withdraw(self.withdraws)
        await self._stage.until("撤回 withdrawn", 1, self._is_closed, "approval")
        open_cases = [case for case in (await self.cases()).values() if case["state"]["code"] != "closed"]
        await self._carry("审核确认 decisions", open_cases)
        await self._spot_check()
        await self._object()
        posted = [case for case in (await self.cases()).values() if case["state"]["code"] == "publicity"]
        if posted:
            await self._stage.move_to(max(day_after(case["publicity_ended_on"]) for case in posted))
        wanted = sum(case["state"]["code"] not in ("refused", "closed") for case in (await self.cases()).values())
        await self._stage.until("救助证 certificates", wanted, self._certified, "approval")
        return await self.cases()

    async def cases(self) -> dict[str, Case]:
        """This run's cases as they stand."""
        rows = every(self._stage.desk, LEADER, "approval", "/cases")
        return {case["application_id"]: case async for case in rows if case["application_id"] in self._last}

    async def case(self, application_id: str) -> Case:
        """One case whole, with everything on record."""
        case = await self._office.case_of(application_id)
        assert case is not None, "every report has its case"
        answer = await self._stage.desk.ask(LEADER, "approval", "GET", f"/cases/{case['case_id']}")
        whole: Case = answer.expect()
        return whole

    def count(self, cases: dict[str, Case]) -> dict[str, int]:
        """Decisions by kind, and what befell two of the households."""
        counted: Counter[str] = Counter()
        for application_id, case in cases.items():
            state = case["state"]["code"]
            if state not in _DECIDED:
                continue
            kind = "refused" if state == "refused" else "approved"
            if kind == "approved" and needs_meeting(self._last[application_id]):
                kind = "approved_collectively"
            counted[kind] += 1
        counted["objected"] = sum(case["case_version"] > 1 for case in cases.values())
        counted["withdrawn"] = sum(case["state"]["code"] == "closed" for case in cases.values())
        kinds = ("approved", "approved_collectively", "refused", "objected", "withdrawn")
        return {kind: counted[kind] for kind in kinds}

    async def _await_cases(self) -> None:
        async def there() -> int:
            cases = await self.cases()
            return sum(case["report_version"] >= self._last[one]["version"] for one, case in cases.items())

        await self._stage.until("立案 cases", len(self._last), there, "approval")

    async def _is_closed(self) -> int:
        case = await self._office.case_of(self.withdraws)
        return int(case is not None and case["state"]["code"] == "closed")

    async def _carry(self, label: str, cases: list[Case]) -> None:
        bar = self._stage.progress.add_task(label, total=len(cases))
        async for _ in together(self._office.carry, cases):
            self._stage.progress.advance(bar)

    async def _spot_check(self) -> None:
        await self._county.draw()
        cases = {case["case_id"] for case in (await self.cases()).values()}
        waiting = await self._county.waiting(cases)
        bar = self._stage.progress.add_task("县级抽查 spot checks", total=len(waiting))
        async for _ in self._county.look(waiting):
            self._stage.progress.advance(bar)

    async def _object(self) -> None:
        if self.objected_to is None:
            return
        case = await self._office.case_of(self.objected_to)
        if case is None or case["state"]["code"] != "publicity" or case["case_version"] > 1:
            return
        # Seven full days after the posting: two days later five of them are left.
        ended_on = date.fromisoformat(case["publicity_ended_on"])
        await self._stage.move_to(ended_on - timedelta(days=7) + _OBJECTED_AFTER)
        await self._carry("异议重审 objected, anew", [await self._office.object_to(case)])

    async def _certified(self) -> int:
        return sum(case["certificate_number"] is not None for case in (await self.cases()).values())
