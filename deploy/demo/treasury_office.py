"""The county's people who pay: one draws up and signs first, another signs second, and who compared does not close."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from deploy.demo.desk import Answer, Desk, Officer, every
from deploy.demo.papers import card_of
from deploy.demo.township import CLERK, COUNTY

OFFICER = Officer("payments_officer", COUNTY)
SECOND = Officer("second_signer", COUNTY)


class TreasuryOffice:
    """Rosters of one county, from drawing up to the closed month. Every act may be asked for again."""

    def __init__(self, desk: Desk, run: str) -> None:
        self._desk = desk
        self._run = run

    async def entitlements(self, application_id: str) -> list[dict[str, Any]]:
        """What the application's certificates give."""
        answer = await self._desk.ask(
            OFFICER, "payments", "GET", "/entitlements", query={"application_id": application_id}
        )
        found: list[dict[str, Any]] = answer.expect(HTTPStatus.OK)["data"]
        return found

    async def draw_up(self, month: str) -> dict[str, Any]:
        """The month's roster, drawn up now or before. Raises Refused while the ledger is open."""
        answer = await self._post("/rosters", {"office": COUNTY, "month": month}, f"roster-{month}")
        if answer.code == "roster-exists":
            return await self.roster(answer.content["see"].rpartition("/")[2])
        return await self.roster(answer.expect(HTTPStatus.CREATED)["roster_id"])

    async def roster(self, roster_id: str) -> dict[str, Any]:
        """A roster with its signatures, and how far its money is."""
        answer = await self._desk.ask(OFFICER, "payments", "GET", f"/rosters/{roster_id}")
        found: dict[str, Any] = answer.expect(HTTPStatus.OK)
        return found

    async def sign(self, roster: dict[str, Any]) -> dict[str, Any]:
        """The roster locked under two signatures for the content that was read."""
        path = f"/rosters/{roster['roster_id']}/signatures"
        for place, signer in enumerate((OFFICER, SECOND), start=1):
            if roster["state"]["code"] != "draft" or len(roster["signatures"]) >= place:
                continue
            answer = await self._post(
                path, {"content_hash": roster["content_hash"]}, f"{roster['roster_id']}-sign-{place}", by=signer
            )
            if answer.code not in ("signed-already", "same-signer", "roster-locked"):
                answer.expect(HTTPStatus.OK)
        return await self.roster(roster["roster_id"])

    async def pay(self, roster: dict[str, Any]) -> dict[str, Any]:
        """The roster on its way to treasury and bank; money moves from here on by itself."""
        if roster["state"]["code"] == "locked":
            path, key = f"/rosters/{roster['roster_id']}/payment", f"{roster['roster_id']}-payment"
            answer = await self._post(path, {}, key)
            if answer.code != "roster-not-locked":
                answer.expect(HTTPStatus.ACCEPTED)
        return await self.roster(roster["roster_id"])

    async def lines(self, roster_id: str) -> list[dict[str, Any]]:
        """The roster's lines, nobody named."""
        return [row async for row in every(self._desk, OFFICER, "payments", f"/rosters/{roster_id}/lines")]

    async def left_out(self, roster_id: str) -> list[dict[str, Any]]:
        """Entitlements in force that stand on no line of the roster, with the reason."""
        return [row async for row in every(self._desk, OFFICER, "payments", f"/rosters/{roster_id}/left-out")]

    async def pay_again(self, line: dict[str, Any], citizen_id: str) -> None:
        """A returned line goes to the holder's next card, which the township asked for."""
        view = await self._desk.ask(CLERK, "payments", "GET", f"/lines/{line['line_id']}")
        attempt = len(view.expect(HTTPStatus.OK)["attempts"]) + 1
        answer = await self._post(
            f"/lines/{line['line_id']}/new-attempt",
            {"account": card_of(citizen_id, attempt)},
            f"{line['line_id']}-attempt-{attempt}",
            by=CLERK,
        )
        if answer.code != "line-not-returned":
            answer.expect(HTTPStatus.ACCEPTED)

    async def month(self, month: str) -> dict[str, Any]:
        """The month's last comparison and its closing, each None where there is none."""
        answer = await self._desk.ask(
            OFFICER, "payments", "GET", f"/months/{month}/reconciliation", query={"office": COUNTY}
        )
        found: dict[str, Any] = answer.expect(HTTPStatus.OK)
        return found

    async def reconcile(self, month: str, number: int = 1) -> None:
        """Ask for the n-th comparison of this run."""
        answer = await self._post(f"/months/{month}/reconciliation", {"office": COUNTY}, f"reconcile-{month}-{number}")
        answer.expect(HTTPStatus.ACCEPTED)

    async def close(self, month: str) -> dict[str, Any]:
        """The month closed, by somebody else than who had it compared. Raises Refused while anything differs."""
        answer = await self._post(f"/months/{month}/close", {"office": COUNTY}, f"close-{month}", by=SECOND)
        if answer.code != "month-closed":
            answer.expect(HTTPStatus.OK)
        return await self.month(month)

    async def _post(self, path: str, body: object, key: str, *, by: Officer = OFFICER) -> Answer:
        return await self._desk.ask(by, "payments", "POST", path, body=body, key=f"{self._run}-{key}")
