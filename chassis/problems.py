"""Refusals on the wire: RFC 9457 problem documents in the reader's language, which never repeat what was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.away import TRANSIENT
from chassis.faults import fault_of
from chassis.languages import Language, preferred
from chassis.logs import where
from chassis.refusal import Absent, FieldError, Kind, Refusal
from chassis.telemetry import current_trace

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:hedui:problem:"

_log = structlog.get_logger(__name__)

STATUS: Mapping[Kind, tuple[int, str, str]] = {
    Kind.MALFORMED: (400, "请求格式错误", "Malformed request"),
    Kind.UNAUTHENTICATED: (401, "身份未验证", "Not authenticated"),
    Kind.FORBIDDEN: (403, "无权操作", "Not permitted"),
    Kind.ABSENT: (404, "未找到", "Not found"),
    Kind.WRONG_METHOD: (405, "不支持的方法", "Method not allowed"),
    Kind.CONFLICT: (409, "与现状冲突", "Conflict"),
    Kind.STALE: (412, "内容已被更新", "Changed meanwhile"),
    Kind.TOO_LARGE: (413, "请求过大", "Too large"),
    Kind.UNSUPPORTED: (415, "不支持的内容类型", "Unsupported content"),
    Kind.INVALID: (422, "内容不符合要求", "Not acceptable as it stands"),
    Kind.LOCKED: (423, "已锁定", "Locked"),
    Kind.UNCONDITIONAL: (428, "缺少前提条件", "Precondition required"),
    Kind.TOO_MANY: (429, "请求过于频繁", "Too many requests"),
    Kind.BROKEN: (500, "服务内部错误", "Internal error"),
    Kind.BUSY: (503, "服务暂不可用", "Temporarily unavailable"),
}
"""HTTP status and title of each kind of refusal."""


class UnknownPath(Absent):
    code = "unknown-path"
    zh = "没有这个地址。"
    en = "There is nothing at this address."


class WrongMethod(Refusal):
    kind = Kind.WRONG_METHOD
    code = "method-not-allowed"
    zh = "该地址不支持此方法。"
    en = "This address does not take this method."


class BadParameters(Refusal):
    """Parameters in the path, the query or the headers."""

    code = "parameters-invalid"
    zh = "请求参数不符合要求。"
    en = "Some parameters are not acceptable."


class Busy(Refusal):
    kind = Kind.BUSY
    code = "busy"
    zh = "服务繁忙，请稍后重试。"
    en = "The service is busy; try again shortly."
    retry_after_s = 1


class Broken(Refusal):
    """A fault of ours. The log knows where, by the request id; the answer does not."""

    kind = Kind.BROKEN
    code = "internal"
    zh = "服务内部错误，已记录。请提供请求编号以便查找。"
    en = "An internal error, which has been recorded. Quote the request id to have it found."


def document(refusal: Refusal, language: Language) -> dict[str, Any]:
    """The problem document of a refusal, also for one row of a batch."""
    status, zh, en = STATUS[refusal.kind]
    is_english = language == "en"
    context = structlog.contextvars.get_contextvars()
    problem: dict[str, Any] = {
        "type": TYPE_PREFIX + refusal.code,
        "title": en if is_english else zh,
        "status": status,
        "detail": refusal.en if is_english else refusal.zh,
        "instance": f"urn:hedui:request:{context.get('request_id', 'none')}",
        "code": refusal.code,
        "trace_id": current_trace()[3:35],
        "retryable": refusal.is_retryable,
        "errors": [
            {"pointer": error.pointer, "code": error.code, "detail": error.en if is_english else error.zh}
            for error in refusal.errors
        ],
    }
    if refusal.see is not None:
        problem["see"] = refusal.see
    return problem


def respond(refusal: Refusal, request: Request) -> Response:
    """The refusal as an HTTP answer."""
    language = preferred(request.headers.get("accept-language", ""))
    headers = {"Content-Language": "en" if language == "en" else "zh-CN"}
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    elif refusal.is_retryable:
        headers["Retry-After"] = "1"
    if refusal.see is not None:
        headers["Link"] = f'<{refusal.see}>; rel="related"'
    if refusal.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer" if refusal.code == "token-missing" else 'Bearer error="invalid_token"'
    return Response(
        orjson.dumps(document(refusal, language)),
        status_code=STATUS[refusal.kind][0],
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Let every refusal, the framework's own included, leave as a problem document."""
    app.exception_handler(Refusal)(_refused)
    app.exception_handler(RequestValidationError)(_bad_parameters)
    app.exception_handler(HTTPException)(_framework_said_no)
    app.add_middleware(_LastResort)


async def _refused(request: Request, refusal: Refusal) -> Response:
    return respond(refusal, request)


async def _bad_parameters(request: Request, failed: RequestValidationError) -> Response:
    errors = []
    for error in failed.errors():
        place, *names = (str(part) for part in error["loc"])
        code, zh, en = fault_of(error)
        errors.append(FieldError("/".join([place, *names[:1]]), code, zh, en))
    return respond(BadParameters(errors), request)


async def _framework_said_no(request: Request, failed: HTTPException) -> Response:
    if failed.status_code == 405:
        answer = respond(WrongMethod(), request)
        allowed = (failed.headers or {}).get("Allow", "")
        if re.fullmatch(r"[A-Z, ]*", allowed):
            answer.headers["Allow"] = allowed
        return answer
    return respond(UnknownPath() if failed.status_code == 404 else Broken(), request)


class _LastResort:
    """Answers what nothing else caught, inside the request's span and without a word of the error."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            _log.info("client left before its request was read")
        except Exception as failed:
            is_transient = isinstance(failed, TRANSIENT)
            log = _log.warning if is_transient else _log.error
            log("request failed", problem=type(failed).__name__, where=where(failed))
            if has_begun:
                raise
            request = Request(scope, receive)
            await respond(Busy() if is_transient else Broken(), request)(scope, receive, send)
