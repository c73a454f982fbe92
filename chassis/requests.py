"""One span and two measurements per request: our own middleware, so that no content is ever recorded."""

from __future__ import annotations

import time

import structlog
from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.ids import new_id
from chassis.telemetry import count, current_trace, is_sampled, observe, remote, span
from chassis.vocabulary import REQUEST_SECONDS, REQUESTS

_QUIET = ("/livez", "/readyz", "/metrics")


class Traced:
    """Continues the caller's trace or begins one; answers with `traceparent`, `X-Request-Id`, no-store and nosniff."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _QUIET:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        parent = headers.get(b"traceparent", b"").decode("latin-1")
        request_id = new_id("req")
        started = time.perf_counter()
        status = 500
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).extend(
                    [
                        (b"x-request-id", request_id.encode()),
                        (b"traceparent", current_trace().encode()),
                        (b"cache-control", b"no-store"),
                        (b"x-content-type-options", b"nosniff"),
                    ]
                )
            await send(message)

        try:
            with span(
                f"{scope['method']} request", parent=parent if remote(parent) else None, kind=SpanKind.SERVER
            ) as current:
                await self._app(scope, receive, answer)
                route = getattr(scope.get("route"), "path", "unmatched")
                if is_sampled(current_trace()):
                    current.update_name(f"{scope['method']} {route}")
                    current.set_attribute("http.response.status_code", status)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        count(REQUESTS, route=route, status=str(status))
        observe(REQUEST_SECONDS, time.perf_counter() - started, route=route)
