"""The third phase of a wave: the month's roster, its payment, the comparison with treasury and bank."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from chassis.clock import CHINA
from contracts.values import Month
from deploy.demo.desk import Refused
from deploy.demo.township import CLERK, REGION
from deploy.demo.treasury_office import TreasuryOffice
from policies.calendar import ledger_cutoff
from policies.load import load_packs
from policies.lookup import policy_for
from tests.chaos.wave import LOOK_S, Patience, Scene, Wave

_POLICIES = Path(__file__).resolve().parents[2] / "policies"
_COUNTY = REGION[:6]


async def pay(scene: Scene, wave: Wave, heads: Mapping[str, str]) -> None:
    """Everybody who is due, of this wave and of those before, is paid one month; the month is closed.

    `heads` gives the holder of the card, by application.
    """
    treasury = TreasuryOffice(scene.desk, wave.run)
    month = await _month(scene, wave, treasury)
    closes = ledger_cutoff(month.plus(-1), policy_for(load_packs(_POLICIES), _COUNTY, month.first_day).payment)
    days = (closes - scene.clock.now()) // timedelta(days=1) + 1
    if days > 0:
        await scene.clock.forward(days)
    roster = await treasury.sign(await _draw_up(treasury, str(month)))
    roster = await treasury.pay(roster)
    await _until_paid(treasury, wave, roster["roster_id"], heads)
    await _reconcile(treasury, str(month))


async def _month(scene: Scene, wave: Wave, treasury: TreasuryOffice) -> Month:
    """The month on whose roster all the wave's families stand, once payments knows them all."""
    latest = Month.of(scene.clock.now().astimezone(CHINA).date()).plus(1)
    patience = Patience()
    for name in wave.under_way():
        if await _state(scene, name) not in ("certified", "paid"):
            continue
        found = await treasury.entitlements(name)
        while not found and not patience.is_over():
            await asyncio.sleep(LOOK_S)
            found = await treasury.entitlements(name)
        if not found:
            wave.stuck[name] = "certified, and payments knows of no right to money"
        latest = max([latest, *(Month.parse(each["first_roster"]) for each in found)])
    return latest


async def _state(scene: Scene, name: str) -> str:
    answer = await scene.desk.ask(CLERK, "approval", "GET", "/cases", query={"application_id": name})
    found = answer.expect(HTTPStatus.OK)["data"]
    return str(found[0]["state"]["code"]) if found else ""


async def _draw_up(treasury: TreasuryOffice, month: str) -> dict[str, Any]:
    """A service that has not read the moved clock yet says that the ledger is open still."""
    patience = Patience()
    while True:
        try:
            return await treasury.draw_up(month)
        except Refused as why:
            if "ledger-still-open" not in str(why) or patience.is_over():
                raise
            await asyncio.sleep(LOOK_S)


async def _until_paid(treasury: TreasuryOffice, wave: Wave, roster_id: str, heads: Mapping[str, str]) -> None:
    patience = Patience()
    while True:
        lines = await treasury.lines(roster_id)
        for line in lines:
            if line["state"]["code"] == "returned":
                await treasury.pay_again(line, heads[line["application_id"]])
        left = [line for line in lines if line["state"]["code"] not in ("paid", "stopped")]
        if not left:
            return
        if patience.is_over():
            wave.stuck |= {line["application_id"]: f"its line stays {line['state']['code']}" for line in left}
            return
        await asyncio.sleep(LOOK_S)


async def _reconcile(treasury: TreasuryOffice, month: str) -> None:
    """Compared again and again until nothing differs, as what is late at the bank arrives; then closed."""
    number, patience = 0, Patience()
    while True:
        number += 1
        await treasury.reconcile(month, number)
        state = await treasury.month(month)
        while state["reconciliation"]["state"] != "done":
            await asyncio.sleep(LOOK_S)
            state = await treasury.month(month)
        if not state["reconciliation"]["differences"] or patience.is_over():
            break
        await asyncio.sleep(LOOK_S)
    await treasury.close(month)
