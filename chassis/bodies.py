"""Request bodies: bounded before they are read, strict JSON, a strict model, and every fault at once by JSON pointer.

facts: Annotated[ApplicationIn, body(ApplicationIn, limit=1_000_000)]
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

import jiter
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from chassis.faults import fault_of
from chassis.refusal import FieldError, Kind, Refusal

M = TypeVar("M", bound=BaseModel)

LIMIT = 1_000_000
"""Bytes a body may have where a route does not say otherwise."""

_READ_S = 15.0
_MOST_ERRORS = 100
_FULL_WIDTH = re.compile("[０-９]")
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[fF][fF]1[0-9])")
_TELLING_KEY = re.compile(r"[A-Za-z_](?!.*[0-9]{5})[A-Za-z0-9_.-]{0,63}\Z", re.ASCII)


class BodyTooLarge(Refusal):
    kind = Kind.TOO_LARGE
    code = "body-too-large"
    zh = "请求内容超过大小限制。"
    en = "The body is larger than this address takes."


class BodyNotJson(Refusal):
    kind = Kind.UNSUPPORTED
    code = "body-not-json"
    zh = "请求内容类型应为 application/json，且不压缩。"
    en = "The body must be sent as application/json, not compressed."


class BodyTooSlow(Refusal):
    kind = Kind.MALFORMED
    code = "body-too-slow"
    zh = "请求内容未在限定时间内发送完毕。"
    en = "The body did not arrive in time."


class BodyMalformed(Refusal):
    """No JSON text, or one that different readers would read differently."""

    kind = Kind.MALFORMED
    code = "body-malformed"
    zh = "请求内容不是规范的 JSON（UTF-8）。"
    en = "The body is not well-formed JSON in UTF-8."


class BodyInvalid(Refusal):
    """Well-formed, but not what the address takes; `errors` name every field."""

    code = "body-invalid"
    zh = "请求内容有误，请按所列字段逐项更正。"
    en = "The body is not acceptable; correct the fields listed."


class Body(Generic[M]):
    """The dependency behind `body`."""

    def __init__(self, model: type[M], limit: int) -> None:
        self.model = model
        self.limit = limit

    async def __call__(self, request: Request) -> M:
        refuse_other_content(request)
        return validate(self.model, *await read_json(request, self.limit))


def body(model: type[BaseModel], *, limit: int = LIMIT) -> Any:
    """Mark the parameter that takes the body. `limit` in bytes."""
    return Depends(Body(model, limit))


def refuse_other_content(request: Request) -> None:
    """Only JSON in UTF-8 passes, whatever the case and spacing of the header."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise BodyNotJson
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise BodyNotJson


async def read(request: Request, limit: int) -> bytes:
    """The whole body, kept for whoever asks again; refused as soon as it is known to be too large."""
    known: bytes | None = getattr(request.state, "body", None)
    if known is not None:
        return known
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()) or len(announced) > 12 or int(announced) > limit:
        raise BodyTooLarge
    content = bytearray()
    try:
        async with asyncio.timeout(_READ_S):
            async for piece in request.stream():
                content += piece
                if len(content) > limit:
                    raise BodyTooLarge
    except TimeoutError:
        raise BodyTooSlow from None
    whole = bytes(content)
    request.state.body = whole
    return whole


async def read_json(request: Request, limit: int) -> tuple[bytes, Any]:
    """The whole body and the JSON value in it, both kept for whoever asks again."""
    raw = await read(request, limit)
    content = request.state.content = parse_json(raw)
    return raw, content


def validate(model: type[M], raw: bytes, content: Any) -> M:
    """The model in `raw`, whose JSON value is `content`; raises BodyInvalid, in which nothing of either appears."""
    try:
        parsed = model.model_validate_json(raw, strict=True, extra="forbid")
    except ValidationError as failed:
        raise BodyInvalid(_field_errors(failed, content)) from None
    return parsed


def parse(model: type[M], raw: bytes) -> M:
    """The model in `raw`; raises BodyMalformed or BodyInvalid."""
    return validate(model, raw, parse_json(raw))


def parse_json(raw: bytes) -> Any:
    """The JSON value in `raw`; no duplicate key, NaN, NUL, lone surrogate, full-width digit, nor 200 levels deep."""
    try:
        content = jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as failed:
        raise BodyMalformed([_syntax_error(raw, str(failed))]) from None
    if b"\xef\xbc" in raw or _SUSPECT_ESCAPE.search(raw):
        suspects = list(_suspect_texts(content, ""))
        if suspects:
            raise BodyInvalid(suspects[:_MOST_ERRORS])
    return content


def _syntax_error(raw: bytes, told: str) -> FieldError:
    """What the parser found, by its kind; its own words may quote a key."""
    if not raw.strip():
        return FieldError("", "empty", "缺少请求内容。", "There is no body.")
    if "duplicate key" in told:
        return FieldError("", "duplicate_key", "同一对象中有重复的字段名。", "An object names a field twice.")
    if "recursion" in told:
        return FieldError("", "too_deep", "嵌套层数过多。", "Nested too deeply.")
    at = re.search(r"line (\d+) column (\d+)$", told)
    if at is None:
        return FieldError("", "syntax", "JSON 语法错误。", "JSON syntax error.")
    return FieldError(
        "",
        "syntax",
        f"JSON 语法错误：第 {at[1]} 行第 {at[2]} 列。",
        f"JSON syntax error at line {at[1]}, column {at[2]}.",
    )


def _suspect_texts(content: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(content, dict):
        for name, inner in content.items():
            if _FULL_WIDTH.search(name) or "\0" in name:
                yield FieldError(pointer, "unknown_field", "未知字段。", "Unknown field.")
            else:
                yield from _suspect_texts(inner, pointer + _step(name))
    elif isinstance(content, list):
        for index, inner in enumerate(content):
            yield from _suspect_texts(inner, f"{pointer}/{index}")
    elif isinstance(content, str):
        if "\0" in content:
            yield FieldError(pointer, "control_character", "含有不允许的控制字符。", "Contains a control character.")
        elif _FULL_WIDTH.search(content):
            yield FieldError(pointer, "full_width_digit", "请使用半角数字。", "Use ASCII digits, not full-width ones.")


def _field_errors(failed: ValidationError, content: Any) -> list[FieldError]:
    errors = failed.errors(include_url=False, include_input=False)
    return [FieldError(_pointer(error["loc"], content), *fault_of(error)) for error in errors[:_MOST_ERRORS]]


def _pointer(location: Sequence[str | int], content: Any) -> str:
    """The location as a JSON pointer; steps that stand for a branch of a union are not in the text and left out."""
    pointer, here = "", content
    for number, step in enumerate(location):
        is_last = number == len(location) - 1
        if isinstance(here, dict) and (step in here or is_last):
            pointer += _step(str(step))
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
            pointer += f"/{step}"
            here = here[step]
    return pointer


def _step(name: str) -> str:
    """One step of a pointer; a name that may itself hold somebody's data is not repeated."""
    if not _TELLING_KEY.match(name):
        return "/?"
    return "/" + name.replace("~", "~0").replace("/", "~1")
