"""The desk at which every actor of a chaos run asks: it tries under the same key until it has an answer that lasts."""

from __future__ import annotations

import asyncio
import random
from typing import Unpack

import httpx
import orjson

from deploy.demo.desk import Answer, Letterhead, Officer, Request, Wanted
from deploy.local.platform import LocalPlatform
from tests.chaos.history import Attempted, History, digest

_TRY_S = 8.0
_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 1.5
_ASKED_AGAIN = 0.05
"""Share of acknowledged acts that are asked for once more under their key."""


class GivenUp(RuntimeError):
    """The platform had healed, the time for its answers was over, and still there was none."""


class RetryingDesk:
    """Stands where the demonstration's desk does, and writes down what was wanted and what was answered."""

    def __init__(
        self, platform: LocalPlatform, client: httpx.AsyncClient, history: History, dice: random.Random
    ) -> None:
        self._platform = platform
        self._client = client
        self._history = history
        self._dice = dice
        self._letterhead = Letterhead(platform)
        self.until: float | None = None
        """Loop time after which nobody tries any more; None while faults go on."""

    async def ask(self, who: Officer, service: str, method: str, path: str, **wanted: Unpack[Wanted]) -> Answer:
        """The first answer that is no invitation to try again. Raises GivenUp."""
        request = self._letterhead.write(who, service, method, path, wanted)
        if method == "GET":
            return await self._until_answered(request, None)
        attempted = self._history.begin(
            f"{who.role} {who.subject or who.office}", f"{service} {path} {wanted.get('key')}", kind_of(path), path
        )
        answer = await self._until_answered(request, attempted)
        if answer.status < 400 and self._dice.random() < _ASKED_AGAIN:
            # Somebody clicks twice, or a gateway repeats what it has sent: the same answer, no second effect.
            await self._until_answered(request, attempted)
        self._history.end(attempted, "ok" if answer.status < 400 else "refused", answer.status, answer.content)
        return answer

    async def _until_answered(self, request: Request, attempted: Attempted | None) -> Answer:
        pause_s = _PAUSE_S
        while True:
            if self.until is not None and asyncio.get_running_loop().time() > self.until:
                raise GivenUp(f"{request.method} {request.path}")
            if attempted is not None:
                attempted.tries += 1
            try:
                got = await request.send(self._client, self._platform, within_s=_TRY_S)
            except httpx.TransportError:
                if attempted is not None:
                    attempted.lost += 1
            else:
                if not _invites_again(got):
                    told = orjson.loads(got.content) if got.content else None
                    if attempted is not None and (got.status_code < 400 or attempted.answers):
                        # A refusal stores nothing under the key, unless there had been an answer before it.
                        attempted.answers.append((got.status_code, digest(told)))
                    return Answer(got.status_code, told, got.headers)
                if attempted is not None:
                    attempted.away.append(got.status_code)
            await asyncio.sleep(pause_s * self._dice.uniform(0.6, 1.2))
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)


def kind_of(path: str) -> str:
    """What an act is called in the history, from the door it goes through."""
    words = tuple(word for word in path.split("/") if word and "_" not in word and not word[:1].isdigit())
    return {
        ("applications",): "submit",
        ("applications", "withdrawal"): "withdraw",
        ("applications", "consents", "withdrawal"): "consent-withdraw",
        ("flags", "resolution"): "flag",
        ("rosters",): "roster",
    }.get(words, words[-1])


def _invites_again(answer: httpx.Response) -> bool:
    """An answer that says: not now."""
    if answer.status_code >= 500 or answer.status_code in (425, 429):
        return True
    return answer.status_code == 409 and bool(answer.headers.get("Retry-After"))
