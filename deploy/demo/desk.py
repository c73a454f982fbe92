"""The desk: the one way in which scripted people ask a service. Another desk may stand in its place.

Every request that changes something carries a key of its own, so that asking again is safe: a desk may repeat what it
is asked as often as it likes until there is an answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypedDict, Unpack

import httpx
import orjson

from deploy.local.platform import LocalPlatform

PAGE = 200
_AWAY = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks: a role of `roles.toml`, an office's path, and a name where several share a role."""

    role: str
    office: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered. `content` is its JSON, or None where it had none."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The problem's code; empty where there is no problem."""
        return str(self.content.get("code", "")) if self.status >= 400 and isinstance(self.content, dict) else ""

    def expect(self, *statuses: int) -> Any:
        """The content, if the status is one of these (any below 300 where none are named). Raises Refused."""
        if self.status in statuses or (not statuses and self.status < 300):
            return self.content
        errors = self.content.get("errors", ()) if isinstance(self.content, dict) else ()
        named = "; ".join(f"{error['pointer']} {error['code']}" for error in errors)
        raise Refused(f"{self.status} {self.code} {named}".strip())


class Refused(RuntimeError):
    """A service said no where the script needs a yes. Codes and places only, nothing personal."""


class OutOfPatience(RuntimeError):
    """A service did not answer in time, or said for too long that it is busy."""


class Wanted(TypedDict, total=False):
    """What goes with a request. Left out and None mean the same."""

    body: object
    query: Mapping[str, str] | None
    key: str | None
    """The Idempotency-Key, needed wherever something changes."""
    if_match: str | None
    trace: str | None
    """A traceparent to carry on, or the 32 hexadecimal digits of a trace."""


class Desk(Protocol):
    """Asks a service in somebody's name."""

    async def ask(self, who: Officer, service: str, method: str, path: str, **wanted: Unpack[Wanted]) -> Answer:
        """The answer to `/<service>/v1<path>`; refusals are answers too. Raises OutOfPatience."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it leaves a desk, the same at every try."""

    method: str
    service: str
    path: str
    content: bytes | None
    query: Mapping[str, str] | None
    headers: dict[str, str]

    async def send(
        self, client: httpx.AsyncClient, platform: LocalPlatform, *, within_s: float | None = None
    ) -> httpx.Response:
        """One try, to where the service listens now: after a cut of the power that may be elsewhere."""
        return await client.request(
            self.method,
            platform.url(self.service) + self.path,
            params=self.query,
            content=self.content,
            headers=self.headers,
            timeout=httpx.USE_CLIENT_DEFAULT if within_s is None else within_s,
        )


class Letterhead:
    """Writes requests in officers' names; each officer's token is asked for once."""

    def __init__(self, platform: LocalPlatform) -> None:
        self._platform = platform
        self._tokens: dict[Officer, str] = {}

    def write(self, who: Officer, service: str, method: str, path: str, wanted: Wanted) -> Request:
        if who not in self._tokens:
            self._tokens[who] = self._platform.token(who.role, who.office, who.subject)
        body, trace = wanted.get("body"), wanted.get("trace")
        named = {
            "Idempotency-Key": wanted.get("key"),
            "If-Match": wanted.get("if_match"),
            "traceparent": None if trace is None else _traceparent(trace),
            "Content-Type": None if body is None else "application/json",
        }
        return Request(
            method,
            service,
            f"/{service}/v1{path}",
            None if body is None else orjson.dumps(body),
            wanted.get("query"),
            {"Authorization": f"Bearer {self._tokens[who]}"}
            | {name: value for name, value in named.items() if value is not None},
        )


class HttpDesk:
    """Asks over HTTP, and again under the same key while the platform is away: nothing is lost, nothing doubled."""

    def __init__(
        self, platform: LocalPlatform, client: httpx.AsyncClient, *, patience_s: float = 60.0, pause_s: float = 0.25
    ) -> None:
        self._platform = platform
        self._client = client
        self._letterhead = Letterhead(platform)
        self._patience_s = patience_s
        self._pause_s = pause_s

    async def ask(self, who: Officer, service: str, method: str, path: str, **wanted: Unpack[Wanted]) -> Answer:
        request = self._letterhead.write(who, service, method, path, wanted)
        until = time.monotonic() + self._patience_s
        while True:
            answer = await self._once(request)
            if answer is not None:
                return answer
            if time.monotonic() > until:
                raise OutOfPatience(f"{service}: {method} without an answer for {self._patience_s:.0f} s")
            await asyncio.sleep(self._pause_s)

    async def _once(self, request: Request) -> Answer | None:
        """One try; None where another may do better."""
        try:
            answer = await request.send(self._client, self._platform)
        except httpx.TransportError:
            return None
        if answer.status_code in _AWAY or "Retry-After" in answer.headers:
            return None
        read = orjson.loads(answer.content) if answer.content else None
        return Answer(answer.status_code, read, answer.headers)


async def every(
    desk: Desk, who: Officer, service: str, path: str, query: Mapping[str, str] | None = None
) -> AsyncIterator[dict[str, Any]]:
    """All rows of a list, page by page."""
    wanted = {"limit": str(PAGE), **(query or {})}
    while True:
        page = (await desk.ask(who, service, "GET", path, query=wanted)).expect(200)
        for row in page["data"]:
            yield row
        if not page["page"]["next"]:
            return
        wanted["after"] = page["page"]["next"]


def _traceparent(trace: str) -> str:
    """A bare trace id stands under a span that nobody exports."""
    return trace if trace.startswith("00-") else f"00-{trace}-{secrets.token_hex(8)}-01"


def trace_of(run: str, household_no: int) -> str:
    """The id of the trace of a household's whole way: the same however often the run is taken up again."""
    return hashlib.sha256(f"{run}:{household_no}".encode()).hexdigest()[:32]
