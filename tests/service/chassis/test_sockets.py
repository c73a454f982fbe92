"""What strangers may send to the port: a real server answers it, bounded in size and time, and goes on serving."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest
import uvicorn
from fastapi import APIRouter
from pydantic import BaseModel

from chassis import sockets
from chassis.allowances import Allowances
from chassis.bodies import body
from chassis.callers import Caller
from chassis.permissions import needs
from chassis.run import asgi_app
from chassis.service import Service
from chassis.shelf import Shelf
from chassis.site import AllowanceSite, TokensSite
from chassis.tokens import Tokens
from tests.issuer import AUDIENCE, ISSUER, Issuer


class Word(BaseModel):
    word: str


router = APIRouter(prefix="/payments/v1")


@router.put("/word")
async def take_word(caller: Annotated[Caller, needs("words:write")], word: Annotated[Word, body(Word)]) -> str:
    return word.word


class Behind:
    """Just enough behind the doors for one that needs no database."""

    def __init__(self, tokens: Tokens) -> None:
        self.database = self
        self.shelf = Shelf([tokens, Allowances(AllowanceSite())])


class Peer:
    """The port and a good token for it."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token

    async def send(self, *pieces: bytes) -> bytes:
        """Send, then read all that comes until the server ends the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            async with asyncio.timeout(10):
                return await reader.read()
        except ConnectionError:
            return b"cut off"
        finally:
            writer.close()

    def put(self, content: bytes, *headers: bytes, token: str | None = None) -> bytes:
        lines = [
            b"PUT /payments/v1/word HTTP/1.1",
            b"Host: x",
            b"Connection: close",
            b"Content-Type: application/json",
            b"Authorization: Bearer " + (token or self.token).encode(),
            *headers,
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + content

    async def is_well(self) -> bool:
        raw = b'{"word": "well"}'
        answer = await self.send(self.put(raw, b"Content-Length: %d" % len(raw)))
        return answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b'"well"')


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    issuer = Issuer(tmp_path / "jwks.json")
    app = asgi_app(Service(name="payments", routes=(router,)))
    app.state.runtime = Behind(Tokens(TokensSite(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.key_file)))
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, http=sockets.BoundedHttp, ws="none", access_log=False, log_config=None, lifespan="off"
        )
    )
    async with asyncio.TaskGroup() as tasks:
        socket = server.config.bind_socket()
        tasks.create_task(server.serve(sockets=[socket]))
        yield Peer(socket.getsockname()[1], issuer.token("words:write"))
        server.should_exit = True


def code_of(answer: bytes) -> tuple[int, str]:
    """Status and code of a refusal, which must be a problem document."""
    head, _, content = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), answer[:200]
    return int(head.split(b" ", 2)[1]), json.loads(content)["code"]


UNREADABLE: dict[str, bytes] = {
    "garbage": bytes(range(256)) * 4,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/3": b"GET /livez HTTP/3.0\r\nHost: x\r\n\r\n",
    "path beyond ASCII": "GET /livez/张 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "two lengths": b"PUT /payments/v1/word HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"PUT / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"PUT /payments/v1/word HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "line break in a header": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n",
    "NUL in a header": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
    "a header of 20 kB": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n",
    "an address of 20 kB": b"GET /livez?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a thousand headers": b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-A: aaaaaaaaaaaaa\r\n" * 1_000 + b"\r\n",
}


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_what_is_no_readable_request_is_refused_and_the_connection_ended(kind: str, peer: Peer) -> None:
    assert code_of(await peer.send(UNREADABLE[kind])) == (400, "request-malformed")
    assert await peer.is_well()


async def test_a_head_without_end_is_cut_off(peer: Peer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for start in (b"GET /livez HTTP/1.1\r\nX-A: ", b"GET /", b"GET /livez HTTP/1.1\r\n"):
        await peer.send(start, *([b"a" * 65_536] * 300))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
    assert await peer.is_well()


@pytest.mark.parametrize("said", [b"", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a"])
async def test_who_does_not_finish_a_head_is_left(said: bytes, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SLOWEST_HEAD_S", 0.05)
    assert code_of(await peer.send(said)) == (400, "request-malformed")
    assert await peer.is_well()


async def test_who_drips_a_second_head_is_left_too(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SLOWEST_HEAD_S", 0.3)
    answer = await peer.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /livez HT")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert code_of(answer[answer.rindex(b"HTTP/1.1 ") :]) == (400, "request-malformed")


async def test_a_body_that_does_not_come_is_not_waited_for(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.bodies._READ_S", 0.05)
    answer = await peer.send(peer.put(b'{"wo', b"Content-Length: 100"))
    assert code_of(answer) == (400, "body-too-slow")
    assert await peer.is_well()


async def test_an_announced_body_too_large_is_refused_before_it_is_sent(peer: Peer) -> None:
    answer = await peer.send(peer.put(b"", b"Content-Length: 2000000", b"Expect: 100-continue"))
    assert code_of(answer) == (413, "body-too-large")
    assert b"100 Continue" not in answer


async def test_a_body_without_end_is_cut_off(peer: Peer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = await peer.send(peer.put(b"", b"Transfer-Encoding: chunked"), *([piece] * 600))
    assert answer == b"cut off" or code_of(answer) == (413, "body-too-large")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
    assert await peer.is_well()


async def test_a_body_in_one_byte_chunks_is_read_like_any_other(peer: Peer) -> None:
    raw = b'{"word": "chunks"}'
    chunks = b"".join(b"1\r\n" + raw[place : place + 1] + b"\r\n" for place in range(len(raw))) + b"0\r\n\r\n"
    assert (await peer.send(peer.put(b"", b"Transfer-Encoding: chunked"), chunks)).endswith(b'"chunks"')


@pytest.mark.parametrize("method", [b"TRACE", b"OPTIONS", b"CONNECT", b"PROPFIND", b"POST", b"DELETE"])
async def test_methods_no_route_takes_are_refused(method: bytes, peer: Peer) -> None:
    target = b"x:1" if method == b"CONNECT" else b"/payments/v1/word"
    answer = await peer.send(method + b" " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert code_of(answer)[0] in (400, 404, 405)
    assert await peer.is_well()


async def test_there_is_no_websocket(peer: Peer) -> None:
    answer = await peer.send(
        b"GET /payments/v1/word HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert code_of(answer) == (405, "method-not-allowed")


async def test_a_token_of_a_megabyte_does_not_come_as_far_as_the_verifier(peer: Peer) -> None:
    answer = await peer.send(peer.put(b"", b"Content-Length: 0", token="a" * 1_000_000))
    assert answer == b"cut off" or code_of(answer) == (400, "request-malformed")
    assert await peer.is_well()


async def test_many_requests_on_one_connection_are_answered_in_order(peer: Peer) -> None:
    raws = [b'{"word": "%d"}' % number for number in range(50)]
    requests = [peer.put(raw, b"Content-Length: %d" % len(raw)).replace(b"Connection: close\r\n", b"") for raw in raws]
    last = peer.put(b'{"word": "last"}', b"Content-Length: 16")
    answer = await peer.send(b"".join(requests) + last)
    assert answer.count(b"HTTP/1.1 200 ") == 51
    places = [answer.index(b'\r\n\r\n"%d"' % number) for number in range(50)]
    assert places == sorted(places)
