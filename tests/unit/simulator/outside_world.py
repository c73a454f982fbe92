"""A simulator without a socket: its ASGI application called as a server would call it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import orjson

from contracts.vocabulary import Agency
from services.adapters.agencies import REGISTRY
from services.adapters.domain.agency import Ask, Result, Subject
from simulator.__main__ import build
from simulator.family import Person
from simulator.population import Population
from simulator.site import Site

ADMIN = "an-admin-token"
SEED = 11

Message = MutableMapping[str, Any]


class OutsideWorld:
    """Use as `async with`: the ledger's writer needs the running loop."""

    def __init__(self, folder: Path, latency_ms: dict[Agency, int] | None = None) -> None:
        self.population = Population(SEED)
        self._app = build(Site("127.0.0.1", 0, SEED, folder, ADMIN, None, latency_ms or {}))
        self._lifespan: asyncio.Queue[Message] = asyncio.Queue()

    async def __aenter__(self) -> OutsideWorld:
        started = asyncio.Event()

        async def send(message: Message) -> None:
            started.set()

        self._running = asyncio.create_task(self._app({"type": "lifespan"}, self._lifespan.get, send))
        await self._lifespan.put({"type": "lifespan.startup"})
        await started.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._lifespan.put({"type": "lifespan.shutdown"})
        await self._running

    async def call(
        self, method: str, path: str, body: bytes = b"", *, token: str | None = ADMIN
    ) -> tuple[int, bytes] | None:
        """Status and body; None where the simulator was still silent when the caller hung up."""
        incoming: list[Message] = [
            {"type": "http.request", "body": body, "more_body": False},
            {"type": "http.disconnect"},
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return incoming.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        target, _, query = path.partition("?")
        headers = [] if token is None else [(b"x-simulator-admin", token.encode())]
        scope = {"type": "http", "method": method, "path": target, "query_string": query.encode(), "headers": headers}
        await self._app(scope, receive, send)
        return (sent[0]["status"], sent[1]["body"]) if sent else None

    async def admin(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.call(method, path, b"" if body is None else orjson.dumps(body))
        assert answer is not None
        assert answer[0] == 200, answer
        return orjson.loads(answer[1])

    async def ask(self, agency: Agency, persons: list[Person]) -> tuple[int, dict[str, Result]] | None:
        """The product's question, put to the simulator, and the product's reading of the answer."""
        subjects = subjects_for(persons)
        ask: Ask = REGISTRY[agency].question(subjects, [f"case-{p.person_no // 8}" for p in persons], "dibao")
        answer = await self.call("POST", f"/agencies/{agency}{ask.path}", ask.body, token=None)
        if answer is None:
            return None
        status, raw = answer
        results = REGISTRY[agency].read(raw, subjects)
        return status, {subject.ref: result for subject, result in zip(subjects, results, strict=True)}


def subjects_for(persons: list[Person]) -> list[Subject]:
    return [Subject(f"r{place}", person.name, person.citizen_id) for place, person in enumerate(persons)]
