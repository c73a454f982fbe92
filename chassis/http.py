"""The one place that builds HTTP clients: to agencies, the treasury, the bank; none of them is trusted to behave.

`aiohttp` with everything off that a peer could make use of: redirects, cookies, compression, proxies from the
environment. Each peer has its own pool, bulkhead, rate limit, breaker and deadline.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import aiohttp
import structlog
from aiolimiter import AsyncLimiter
from purgatory.domain.model import HALF_OPENED, Context, OpenedState

from chassis.telemetry import count, observe
from chassis.vocabulary import CALL_SECONDS, CALLS

__all__ = ["AgencyClient", "Reason", "Unanswered", "agency_client"]

_log = structlog.get_logger(__name__)

Reason = Literal["late", "error", "refused", "malformed"]

_LARGEST = 2_000_000
_FIRST_PAUSE_S = 0.1
_MOST_PAUSE_S = 1.0
_CONNECT_S = 3.0
_TOO_SHORT_S = 0.01
"""With less than this left nobody is asked any more: the answer could not come in time."""
_LONGEST_S = 15.0
_TRY_LATER = (408, 425, 429)
_STATES = {"closed": "closed", "opened": "open", "half-opened": "half-open"}
_HEADERS = {
    "User-Agent": "hedui",
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)


class Unanswered(Exception):
    """There is no answer, and why.

    late       the deadline passed
    error      the peer cannot be reached, broke off, failed, or is being left alone after failing
    refused    the peer answered that it will not (4xx)
    malformed  what came may not be read: too large, a redirect, or compressed unasked
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class _Failed(Exception):
    """One attempt failed as the next may not; it counts against the peer."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class AgencyClient:
    """Asks one peer; see `agency_client`."""

    def __init__(
        self,
        peer: str,
        base_url: str,
        session: Callable[[], aiohttp.ClientSession],
        *,
        timeout_s: float,
        slots: asyncio.Semaphore,
        rate: AsyncLimiter,
        circuit: Context,
        attempts: int,
    ) -> None:
        self._peer = peer
        self._base_url = base_url
        self._new_session = session
        self._session: aiohttp.ClientSession | None = None
        self._timeout_s = timeout_s
        self._slots = slots
        self._rate = rate
        self._circuit = circuit
        self._attempts = attempts

    @property
    def state(self) -> str:
        """Of the breaker: closed, open or half-open."""
        return _STATES[self._circuit.state]

    async def post(self, path: str, body: bytes) -> bytes:
        """Ask, again where that may help, until the deadline; the raw answer as it came.

        Raises Unanswered, and nothing else but CancelledError. A wait for a free slot or for the rate limit counts
        towards the deadline but not against the peer.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path on the peer begins with one slash")
        started, outcome = time.monotonic(), "answered"
        try:
            return await self._ask(path, body, asyncio.get_running_loop().time() + self._timeout_s)
        except Unanswered as unanswered:
            outcome = unanswered.reason
            raise
        finally:
            count(CALLS, peer=self._peer, outcome=outcome)
            observe(CALL_SECONDS, time.monotonic() - started, peer=self._peer)

    async def _ask(self, path: str, body: bytes, deadline: float) -> bytes:
        attempt = 1
        while True:
            try:
                return await self._attempt(path, body, deadline)
            except _Failed as failed:
                pause_s = random.uniform(0, min(_MOST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt))
                too_late = asyncio.get_running_loop().time() + pause_s >= deadline
                if attempt == self._attempts or too_late:
                    raise Unanswered(failed.reason) from None
                attempt += 1
                await asyncio.sleep(pause_s)

    async def _attempt(self, path: str, body: bytes, deadline: float) -> bytes:
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            raise Unanswered("late") from None
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._rate.acquire()
            except TimeoutError:
                raise Unanswered("late") from None
            if asyncio.get_running_loop().time() + _TOO_SHORT_S >= deadline:
                raise Unanswered("late")
            if self._circuit.state == HALF_OPENED:
                raise Unanswered("error")  # one probe is under way; it decides for all
            with self._circuit:
                return await self._exchange(path, body, deadline)
        except OpenedState:
            raise Unanswered("error") from None
        finally:
            self._slots.release()
            self._tell_changes()

    async def _exchange(self, path: str, body: bytes, deadline: float) -> bytes:
        if self._session is None:
            self._session = self._new_session()
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._session.post(f"{self._base_url}{path}", data=body, allow_redirects=False) as answer,
            ):
                return await _read(answer)
        except TimeoutError as late:
            # aiohttp calls it a timeout, too, when nobody takes up the connection within its own limit.
            raise _Failed("error" if isinstance(late, aiohttp.ServerTimeoutError) else "late") from None
        except (aiohttp.ClientError, OSError, ValueError):
            # ValueError: an answer that is no HTTP.
            raise _Failed("error") from None

    def _tell_changes(self) -> None:
        before, self._circuit.messages = self._circuit.messages, []
        for change in before:
            if hasattr(change, "state"):
                _log.warning("breaker", peer=self._peer, state=_STATES.get(str(change.state)))

    async def aclose(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body of a good answer, never more of it than may be."""
    if answer.status >= 500 or answer.status in _TRY_LATER:
        raise _Failed("error")
    if answer.status >= 400:
        raise Unanswered("refused")
    announced = answer.headers.get("content-length", "0")
    if (
        answer.status != 200
        or answer.headers.get("content-encoding", "identity") != "identity"
        or not announced.isdigit()
        or int(announced) > _LARGEST
    ):
        raise Unanswered("malformed")
    content = bytearray()
    async for piece in answer.content.iter_any():
        content += piece
        if len(content) > _LARGEST:
            raise Unanswered("malformed")
    return bytes(content)


def agency_client(
    peer: str,
    base_url: str,
    *,
    timeout_s: float,
    concurrency: int,
    rate_per_s: float,
    attempts: int = 3,
    failures_to_open: int = 10,
    open_s: float = 5.0,
    ca_file: Path | None = None,
) -> AgencyClient:
    """A client for one peer. May be built before there is an event loop; connects when first used.

    timeout_s         deadline for one `post` with all its attempts, at most 15
    concurrency       calls under way at a time
    rate_per_s        calls a second; a burst of as many is let through
    attempts          1 for what must not be asked twice
    failures_to_open  so many failed attempts in a row open the breaker for `open_s`; then one probe at a time
    ca_file           the only authorities trusted for this peer, PEM; without it the system's
    """
    if not 0 < timeout_s <= _LONGEST_S:
        raise ValueError(f"a deadline is at most {_LONGEST_S:g} s")
    secure = _tls(base_url, ca_file)

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=concurrency, keepalive_timeout=15.0, ssl=secure),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            timeout=_TIMEOUT,
            trust_env=False,
        )

    return AgencyClient(
        peer,
        base_url.rstrip("/"),
        session,
        timeout_s=timeout_s,
        slots=asyncio.Semaphore(concurrency),
        rate=AsyncLimiter(max(rate_per_s, 1.0), max(rate_per_s, 1.0) / rate_per_s),
        circuit=Context(peer, failures_to_open, open_s, exclude=[Unanswered]),
        attempts=attempts,
    )


def _tls(base_url: str, ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with a verified name. For a plain address (loopback) a context that trusts nobody."""
    if not base_url.startswith("https://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
