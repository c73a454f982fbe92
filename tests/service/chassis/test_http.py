"""The outgoing client against a real server on the loopback that behaves as badly as agencies do."""

from __future__ import annotations

import asyncio
import gzip
import resource
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.http import AgencyClient, Unanswered, agency_client

Turn = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What the server does with one request it has read."""


def answer(status: int, body: bytes = b"{}", **headers: str) -> Turn:
    """A plain HTTP answer."""

    async def turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body)

    return turn


def raw(content: bytes) -> Turn:
    """Bytes that need not be HTTP; then the connection ends."""

    async def turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return turn


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The connection breaks off without a word."""
    writer.transport.abort()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the question and never answers; ends when the asker leaves."""
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begins an answer and gives one byte at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.005)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers without announcing a length, and without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while not writer.is_closing():
        writer.write(piece)
        try:
            await writer.drain()
        except ConnectionError:
            return


class Peer:
    """A server that takes one turn from its script per request; the last turn is repeated."""

    def __init__(self) -> None:
        self.script: list[Turn] = [answer(200)]
        self.requests: list[str] = []
        self.under_way = 0
        self.most_under_way = 0
        self.port = 0
        self._begun = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")
                )
                body = await reader.readexactly(length)
                self.requests.append(head + body.decode())
                self.under_way += 1
                self._begun.set()
                self.most_under_way = max(self.most_under_way, self.under_way)
                try:
                    await (self.script.pop(0) if len(self.script) > 1 else self.script[0])(reader, writer)
                    await writer.drain()
                finally:
                    self.under_way -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def until_under_way(self, calls: int) -> None:
        """Returns when so many requests are being answered."""
        async with asyncio.timeout(5):
            while self.under_way < calls:
                self._begun.clear()
                await self._begun.wait()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/agencies/tax"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()


@pytest.fixture
async def client_of() -> AsyncIterator[Callable[..., AgencyClient]]:
    made: list[AgencyClient] = []

    def make(address: str, **options: Any) -> AgencyClient:
        chosen = {"timeout_s": 5.0, "concurrency": 4, "rate_per_s": 1000.0, **options}
        made.append(agency_client("tax", address, **chosen))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


ClientOf = Callable[..., AgencyClient]


async def reason_of(client: AgencyClient) -> str:
    with pytest.raises(Unanswered) as unanswered:
        await client.post("/v1/query", b'{"q": 1}')
    return unanswered.value.reason


async def test_a_good_answer_comes_back_as_it_was_sent(peer: Peer, client_of: ClientOf) -> None:
    peer.script = [answer(200, b'{"a": 1.50}\n', Set_Cookie="session=1; Path=/")]
    client = client_of(peer.address)
    assert await client.post("/v1/query", b'{"q": 1}') == b'{"a": 1.50}\n'
    assert await client.post("/v1/query", b'{"q": 1}') == b'{"a": 1.50}\n'
    assert client.state == "closed"
    first, second = (request.lower() for request in peer.requests)
    assert first.startswith("post /agencies/tax/v1/query http/1.1")
    assert "accept-encoding: identity" in first
    assert first.endswith('\r\n\r\n{"q": 1}')
    assert "cookie" not in second


async def test_proxies_of_the_environment_are_not_used(
    peer: Peer, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await client_of(peer.address).post("/v1/query", b"{}") == b"{}"


@pytest.mark.parametrize("path", ["http://evil.invalid/", "//evil.invalid/", "v1/query", ""])
async def test_a_path_cannot_lead_elsewhere(path: str, peer: Peer, client_of: ClientOf) -> None:
    with pytest.raises(ValueError, match="path"):
        await client_of(peer.address).post(path, b"{}")
    assert peer.requests == []


async def test_a_fault_that_passes_is_outlasted(peer: Peer, client_of: ClientOf) -> None:
    peer.script = [answer(500, b"<html>stack trace</html>"), reset, answer(200, b"good")]
    assert await client_of(peer.address).post("/v1/query", b"{}") == b"good"
    assert len(peer.requests) == 3


@pytest.mark.parametrize(
    ("turn", "reason", "asked"),
    [
        (answer(500), "error", 3),
        (answer(503, Retry_After="1"), "error", 3),
        (answer(429), "error", 3),
        (reset, "error", 3),
        (raw(b""), "error", 3),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut off"), "error", 3),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "error", 3),
        (raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n"), "error", 3),
        (answer(400), "refused", 1),
        (answer(401), "refused", 1),
        (answer(404), "refused", 1),
        (answer(302, Location="http://127.0.0.1:1/"), "malformed", 1),
        (answer(307, Location="/agencies/tax/v1/other"), "malformed", 1),
        (answer(204, b""), "malformed", 1),
        (answer(200, gzip.compress(bytes(10_000_000)), Content_Encoding="gzip"), "malformed", 1),
        (answer(200, b"", Content_Length="2000001"), "malformed", 1),
        (flood, "malformed", 1),
    ],
    ids=[
        "500", "503", "429", "reset", "closed", "cut off", "no HTTP", "endless header", "400", "401", "404", "redirect",
        "inner redirect", "204", "gzip bomb", "announced too large", "flood",
    ],
)  # fmt: skip
async def test_every_way_of_not_answering_has_its_reason(
    turn: Turn, reason: str, asked: int, peer: Peer, client_of: ClientOf
) -> None:
    peer.script = [turn]
    assert await reason_of(client_of(peer.address)) == reason
    assert len(peer.requests) == asked


async def test_a_flood_is_cut_off_and_not_kept_in_memory(peer: Peer, client_of: ClientOf) -> None:
    peer.script = [flood]
    client = client_of(peer.address)
    await reason_of(client)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        await reason_of(client)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


async def test_what_must_not_be_asked_twice_is_asked_once(peer: Peer, client_of: ClientOf) -> None:
    peer.script = [reset]
    assert await reason_of(client_of(peer.address, attempts=1)) == "error"
    assert len(peer.requests) == 1


@pytest.mark.parametrize("turn", [silent, drip], ids=["silent", "dripping"])
async def test_the_deadline_holds_whatever_the_peer_does(turn: Turn, peer: Peer, client_of: ClientOf) -> None:
    peer.script = [turn]
    assert await reason_of(client_of(peer.address, timeout_s=0.2)) == "late"
    assert len(peer.requests) == 1


async def test_nobody_listening_is_an_error_and_not_lateness(client_of: ClientOf) -> None:
    assert await reason_of(client_of("http://127.0.0.1:1/agencies/tax")) == "error"


async def test_no_more_calls_are_under_way_than_agreed(peer: Peer, client_of: ClientOf) -> None:
    gate = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await answer(200)(reader, writer)

    peer.script = [wait]
    client = client_of(peer.address, concurrency=3)
    calls = [asyncio.create_task(client.post("/v1/query", b"{}")) for _ in range(9)]
    await peer.until_under_way(3)
    gate.set()
    assert await asyncio.gather(*calls) == [b"{}"] * 9
    assert peer.most_under_way == 3


async def test_waiting_for_a_slot_ends_at_the_deadline_and_is_not_held_against_the_peer(
    peer: Peer, client_of: ClientOf
) -> None:
    peer.script = [silent]
    client = client_of(peer.address, concurrency=1, timeout_s=0.3, failures_to_open=2)
    reasons = await asyncio.gather(*(reason_of(client) for _ in range(4)))
    assert reasons == ["late"] * 4
    assert len(peer.requests) == 1
    assert client.state == "closed"


async def test_the_rate_agreed_is_kept(peer: Peer, client_of: ClientOf) -> None:
    client = client_of(peer.address, rate_per_s=2.0, timeout_s=0.2, concurrency=8)
    ended = await asyncio.gather(*(client.post("/v1/query", b"{}") for _ in range(6)), return_exceptions=True)
    assert len(peer.requests) == 2
    assert [str(one) for one in ended if isinstance(one, Unanswered)] == ["late"] * 4


class HandClock(SimpleNamespace):
    now = 1_000.0

    def time(self) -> float:
        return self.now


async def test_a_failing_peer_is_left_alone_then_probed_once_then_trusted_again(
    peer: Peer, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    monkeypatch.setattr("purgatory.domain.model.time", clock)
    client = client_of(peer.address, failures_to_open=3, open_s=5.0)
    peer.script = [answer(500)]
    assert await reason_of(client) == "error"
    assert client.state == "open"
    assert await reason_of(client) == "error"
    assert len(peer.requests) == 3, "an open breaker lets nothing through"

    clock.now += 5.1
    assert await reason_of(client) == "error"
    assert len(peer.requests) == 4, "the probe failed, so nothing else was tried"
    assert client.state == "open"

    clock.now += 5.1
    gate = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await answer(200)(reader, writer)

    peer.script = [wait]
    probe = asyncio.create_task(client.post("/v1/query", b"{}"))
    await peer.until_under_way(1)
    assert client.state == "half-open"
    assert await reason_of(client) == "error"
    assert len(peer.requests) == 5, "one probe at a time"
    gate.set()
    assert await probe == b"{}"
    assert client.state == "closed"


async def test_refusals_do_not_open_the_breaker(peer: Peer, client_of: ClientOf) -> None:
    peer.script = [answer(403)]
    client = client_of(peer.address, failures_to_open=2)
    for _ in range(5):
        assert await reason_of(client) == "refused"
    assert client.state == "closed"


async def test_a_call_given_up_by_its_caller_frees_its_slot(peer: Peer, client_of: ClientOf) -> None:
    peer.script = [silent, answer(200)]
    client = client_of(peer.address, concurrency=1)
    abandoned = asyncio.create_task(client.post("/v1/query", b"{}"))
    await peer.until_under_way(1)
    abandoned.cancel()
    with pytest.raises(asyncio.CancelledError):
        await abandoned
    assert await client.post("/v1/query", b"{}") == b"{}"


def test_a_deadline_beyond_reason_is_a_wrong_setting() -> None:
    with pytest.raises(ValueError, match="15"):
        agency_client("tax", "http://127.0.0.1:1", timeout_s=16, concurrency=1, rate_per_s=1)


async def test_tls_is_new_enough_and_verified(client_of: ClientOf) -> None:
    async with client_of("https://127.0.0.1:1")._new_session() as session:
        connector: Any = session.connector
    secure: ssl.SSLContext = connector._ssl
    assert secure.verify_mode is ssl.CERT_REQUIRED
    assert secure.check_hostname
    assert secure.minimum_version is ssl.TLSVersion.TLSv1_2
