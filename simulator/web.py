"""The simulator's HTTP face: bare ASGI, since every microsecond here is taken from the machine that is being measured.

    POST   /agencies/<agency>/v1/query                one person
    POST   /agencies/<agency>/v1/bulk-query           up to 200 persons
    POST   /bank/v1/batches|queries|statements        the paying bank
    POST   /treasury/v1/allocations|queries|details   the treasury
    GET    /readyz

With the header `X-Simulator-Admin`:

    GET    /people?from=&count=&region=&signed_on=    applications for the township's script
    GET    /truth?from=&count=                        what was planted
    GET    /sandbox                                   the reserved households and their behaviour
    GET    /admin/faults                              faults and latencies in force
    PUT    /admin/faults                              {"agency", "fault", "citizen_id"?, "ms"?, "times"?}
                                                      or {"agency", "latency_ms"}
    DELETE /admin/faults[/<fault id>]                 one fault, or all but the built-in ones
    GET    /admin/ledger?agency=&after=&limit=        calls in order
    GET    /admin/ledger/summary                      per agency: calls, persons asked, distinct persons
    GET    /admin/money/summary                       what bank and treasury paid, returned, allocated
    GET    /admin/money/ledger/bank|treasury?after=&limit=
    GET    /admin/money/faults                        PUT {"peer", "fault", "account"?, "ms"?, "times"?}, DELETE [/<id>]
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

import orjson

from contracts.vocabulary import Agency
from simulator.admin import Admin, Unknown
from simulator.desk import BULK_LIMIT, Answer, Desk, Refused
from simulator.money.office import Money

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 1_000_000
_LIMITS = {"query": 1, "bulk-query": BULK_LIMIT}
_HEADERS = [(b"content-type", b"application/json")]


class Web:
    """The ASGI application."""

    def __init__(
        self,
        desk: Desk,
        admin: Admin,
        admin_token: str,
        on_start: Callable[[], None],
        money: Money | None = None,
    ) -> None:
        self._desk = desk
        self._admin = admin
        self._token = admin_token.encode()
        self._on_start = on_start
        self._money = money
        self._agencies = {str(agency): agency for agency in Agency}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        answer = await self._route(scope, receive)
        if answer is None:
            return
        status, body = answer
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": body})

    async def _route(self, scope: Scope, receive: Receive) -> Answer | None:
        parts = scope["path"].split("/")
        body = await _body(receive)
        if body is None:
            return _error(413, "too large")
        if len(parts) == 5 and parts[1] == "agencies" and parts[3] == "v1":
            agency, limit = self._agencies.get(parts[2]), _LIMITS.get(parts[4])
            if agency is None or limit is None:
                return _error(404, "no such agency or query")
            if scope["method"] != "POST":
                return _error(405, "ask by POST")
            try:
                return await self._desk.answer(agency, body, limit, lambda: _gone(receive))
            except Refused as refused:
                return _error(refused.status, refused.why)
        if self._money and len(parts) == 4 and parts[1] in ("bank", "treasury") and parts[2] == "v1":
            if scope["method"] != "POST":
                return _error(405, "ask by POST")
            return await self._money.answer(parts[1], parts[3], body, lambda: _gone(receive))
        if parts[1:] == ["readyz"]:
            return 200, b'{"ready":true}'
        if not self._may_administrate(scope):
            return _error(403, "the admin token is required")
        query = {key: values[-1] for key, values in parse_qs(scope["query_string"].decode()).items()}
        try:
            if self._money and parts[1:3] == ["admin", "money"]:
                found = self._money.administer(scope["method"], parts[3:], query, body)
                if found is None:
                    raise Unknown
            elif parts[1:3] == ["admin", "faults"]:  # on the loop, where questions meet them
                found = self._admin.answer(scope["method"], parts[1:], query, body)
            else:
                found = await asyncio.to_thread(self._admin.answer, scope["method"], parts[1:], query, body)
        except Unknown:
            return _error(404, "no such thing")
        except (ValueError, KeyError, TypeError) as wrong:
            return _error(400, f"{type(wrong).__name__}")
        return 200, orjson.dumps(found)

    def _may_administrate(self, scope: Scope) -> bool:
        sent = next((value for name, value in scope["headers"] if name == b"x-simulator-admin"), b"")
        return compare_digest(sent, self._token)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._on_start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _body(receive: Receive) -> bytes | None:
    """The request's body, None where it is too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return None
    return body if len(body) <= MAX_BODY_BYTES else None


async def _gone(receive: Receive) -> None:
    """Until the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _error(status: int, why: str) -> Answer:
    return status, orjson.dumps({"error": why})
