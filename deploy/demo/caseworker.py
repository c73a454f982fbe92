"""A scripted caseworker: reads open flags over REST and closes each by what the simulated world knows to be true."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import httpx

_PAGE = 200


class Caseworker:
    """Uses the API only, with a token of the county; the ground truth stands in for a visit to the family."""

    def __init__(self, client: httpx.AsyncClient, verification_url: str, token: str, run: str) -> None:
        self._client = client
        self._url = f"{verification_url}/verification/v1"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._run = run

    async def check(self, application_id: str) -> dict[str, Any] | None:
        """How the application's check stands; None before it was opened."""
        answer = await self._client.get(
            f"{self._url}/checks", params={"application_id": application_id}, headers=self._headers
        )
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()["data"][0]
        return found

    async def reports(self, application_id: str) -> list[dict[str, Any]]:
        """All versions of the application's report, the first first."""
        answer = await self._client.get(
            f"{self._url}/reports", params={"application_id": application_id}, headers=self._headers
        )
        answer.raise_for_status()
        versions: list[dict[str, Any]] = answer.json()["data"]
        return versions

    async def report(self, report_id: str) -> dict[str, Any]:
        """One version whole."""
        answer = await self._client.get(f"{self._url}/reports/{report_id}", headers=self._headers)
        answer.raise_for_status()
        whole: dict[str, Any] = answer.json()
        return whole

    async def flags(self, state: str, applications: Mapping[str, int]) -> list[dict[str, Any]]:
        """The list of flags of these applications, page by page."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            query = {"state": state, "limit": str(_PAGE), **({"after": after} if after else {})}
            answer = await self._client.get(f"{self._url}/flags", params=query, headers=self._headers)
            answer.raise_for_status()
            body = answer.json()
            found += [flag for flag in body["data"] if flag["application_id"] in applications]
            after = body["page"]["next"]
            if not after:
                return found

    async def resolve_all(
        self, applications: Mapping[str, int], truth: Mapping[int, list[dict[str, Any]]], at: datetime
    ) -> AsyncIterator[str]:
        """Close every open flag of these applications: true where planted, untrue with evidence where not."""
        for flag in await self.flags("open", applications):
            code, application_id = flag["code"]["code"], flag["application_id"]
            is_true = any(planted["code"] == code for planted in truth[applications[application_id]])
            await self._resolve(flag, is_true, at)
            yield str(flag["flag_id"])

    async def _resolve(self, flag: dict[str, Any], is_true: bool, at: datetime) -> None:
        paper = hashlib.sha256(f"{self._run}:{flag['flag_id']}".encode()).hexdigest()
        body = {
            "finding": "true" if is_true else "untrue",
            "contact": {"at": at.isoformat(), "way": "visit"},
            "evidence": [] if is_true else [{"kind": "visit_record", "sha256": paper}],
            "note": "入户核实",
        }
        answer = await self._client.post(
            f"{self._url}/flags/{flag['flag_id']}/resolution",
            json=body,
            headers={**self._headers, "If-Match": flag["etag"], "Idempotency-Key": f"{self._run}-{flag['flag_id']}"},
        )
        answer.raise_for_status()
