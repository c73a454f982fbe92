"""The service's end of a connection: a request's head is bounded in size and time before anything of ours sees it."""

from __future__ import annotations

import asyncio
from asyncio.events import TimerHandle

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 16_384
"""Bytes of request line and headers together."""
SLOWEST_HEAD_S = 10.0

_REFUSED = orjson.dumps(
    {
        "type": "urn:hedui:problem:request-malformed",
        "title": "请求格式错误",
        "status": 400,
        "detail": "不是可识别的 HTTP 请求，或请求头过大、过慢。 "
        "Not a readable HTTP request, or its head is too large or too slow.",
        "instance": "urn:hedui:request:none",
        "code": "request-malformed",
        "trace_id": "",
        "retryable": False,
        "errors": [],
    }
)
_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n"
    b"connection: close\r\ncontent-length: " + str(len(_REFUSED)).encode() + b"\r\n\r\n" + _REFUSED
)


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol, which by itself takes heads of any size for any time. Give it to uvicorn as `http`."""

    _head_bytes = 0
    _is_in_head = True
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        if self._is_in_head:
            self._await_head()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._end_wait()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > LARGEST_HEAD:
            raise ValueError("the parser turns this into a 400")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_in_head = True
        self._head_bytes = 0

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say that nothing of this can be read, and end the connection; nothing of what came is repeated."""
        self._end_wait()
        self.transport.write(_ANSWER)
        self.transport.close()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(SLOWEST_HEAD_S, self._give_up)

    def _end_wait(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.send_400_response("")
