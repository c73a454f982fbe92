"""A scripted caseworker: reads open flags over REST and closes each by what the simulated world knows to be true."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from deploy.demo.desk import Answer, Desk, Officer, every
from deploy.demo.township import COUNTY

CASEWORKER = Officer("caseworker", COUNTY)


class Caseworker:
    """Uses the API only, with a token of the county; the ground truth stands in for a visit to the family."""

    def __init__(self, desk: Desk, run: str, *, officer: Officer = CASEWORKER) -> None:
        self._desk = desk
        self._run = run
        self._officer = officer

    async def check(self, application_id: str) -> dict[str, Any] | None:
        """How the application's check stands; None before it was opened."""
        answer = await self._get("/checks", application_id=application_id)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        found: dict[str, Any] = answer.expect(HTTPStatus.OK)["data"][0]
        return found

    async def reports(self, application_id: str) -> list[dict[str, Any]]:
        """All versions of the application's report, the first first."""
        answer = await self._get("/reports", application_id=application_id)
        versions: list[dict[str, Any]] = answer.expect(HTTPStatus.OK)["data"]
        return versions

    async def report(self, report_id: str) -> dict[str, Any]:
        """One version whole."""
        whole: dict[str, Any] = (await self._get(f"/reports/{report_id}")).expect(HTTPStatus.OK)
        return whole

    async def flags(self, state: str, applications: Mapping[str, int]) -> list[dict[str, Any]]:
        """The list of flags of these applications, page by page."""
        rows = every(self._desk, self._officer, "verification", "/flags", {"state": state})
        return [flag async for flag in rows if flag["application_id"] in applications]

    async def resolve_all(
        self, applications: Mapping[str, int], truth: Mapping[int, list[dict[str, Any]]], at: datetime
    ) -> AsyncIterator[str]:
        """Close every open flag of these applications: true where planted, untrue with evidence where not."""
        for flag in await self.flags("open", applications):
            code, application_id = flag["code"]["code"], flag["application_id"]
            is_true = any(planted["code"] == code for planted in truth[applications[application_id]])
            await self.resolve(flag, is_true, at)
            yield str(flag["flag_id"])

    async def resolve(self, flag: dict[str, Any], is_true: bool, at: datetime) -> None:
        """Close one open flag, as it was seen. Raises Refused where somebody changed it meanwhile."""
        paper = hashlib.sha256(f"{self._run}:{flag['flag_id']}".encode()).hexdigest()
        body = {
            "finding": "true" if is_true else "untrue",
            "contact": {"at": at.isoformat(), "way": "visit"},
            "evidence": [] if is_true else [{"kind": "visit_record", "sha256": paper}],
            "note": "入户核实",
        }
        answer = await self._desk.ask(
            self._officer,
            "verification",
            "POST",
            f"/flags/{flag['flag_id']}/resolution",
            body=body,
            key=f"{self._run}-{flag['flag_id']}",
            if_match=flag["etag"],
        )
        answer.expect()

    async def _get(self, path: str, **query: str) -> Answer:
        return await self._desk.ask(self._officer, "verification", "GET", path, query=query)
