"""Pages of a list, continued by a signed cursor that fits this list, these filters and this office only.

page: Annotated[Page, cursor(datetime, str)]       # the order's columns, ending in a unique one
rows = await queries.list_flags(tx, caller, after=page.after, limit=page.fetch)
return page.answer(rows, key=lambda row: (row.raised_at, row.flag_id), show=shown)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from chassis.refusal import FieldError, Refusal

T = TypeVar("T")

MOST = 200
"""Rows a page may have."""
USUAL = 50
_TAG_BYTES = 16
_LONGEST = 1_000
_KINDS: tuple[type, ...] = (str, int, date, datetime)


class CursorRefused(Refusal):
    code = "cursor-invalid"
    zh = "翻页游标无效，或不属于当前查询；请从第一页重新开始。"
    en = "The cursor is not valid for this list; begin again at the first page."

    def __init__(self) -> None:
        super().__init__([FieldError("query/after", "cursor", "游标无效。", "Not a cursor of this list.")])


@dataclass(frozen=True)
class Page:
    """The part of the list asked for. `after` holds the sort key of the last row seen; None at the beginning."""

    limit: int
    after: tuple[Any, ...] | None
    _sign: Callable[[tuple[Any, ...]], str] = field(repr=False)
    _address: Callable[[str], str] = field(repr=False)

    @property
    def fetch(self) -> int:
        """Rows to ask the store for: one more than shown, to know whether there are more."""
        return self.limit + 1

    def answer(self, rows: Sequence[T], *, key: Callable[[T], tuple[Any, ...]], show: Callable[[T], Any]) -> Response:
        """`{"data": […], "page": {"next": …, "has_more": …}}` and a Link header; `show` gives a model or JSON."""
        shown, has_more = rows[: self.limit], len(rows) > self.limit
        after = self._sign(key(shown[-1])) if has_more else None
        content = {"data": [show(row) for row in shown], "page": {"next": after, "has_more": has_more}}
        headers = {"Link": f'<{self._address(after)}>; rel="next"'} if after else {}
        return Response(orjson.dumps(content, default=_plain), headers=headers, media_type="application/json")


class PageOf(BaseModel):
    """Where the list goes on, as every list's answer says it."""

    next: str | None
    has_more: bool


class Cursors:
    """Signs and reads cursors under the service's cursor key."""

    def __init__(self, key: str) -> None:
        self._key = base64.b64decode(key)

    def sign(self, scope: str, values: tuple[Any, ...]) -> str:
        content = orjson.dumps(values)
        return base64.urlsafe_b64encode(self._tag(scope, content) + content).rstrip(b"=").decode()

    def read(self, scope: str, text: str, kinds: Sequence[type]) -> tuple[Any, ...]:
        """The values signed for this scope; raises CursorRefused for anything else."""
        if len(text) > _LONGEST or not text.isascii():
            raise CursorRefused
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise CursorRefused from None
        tag, content = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(scope, content)):
            raise CursorRefused
        values: list[Any] = orjson.loads(content)
        return tuple(_read(kind, value) for kind, value in zip(kinds, values, strict=True))

    def _tag(self, scope: str, content: bytes) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\n" + content, hashlib.sha256)[:_TAG_BYTES]


def cursor(*kinds: type) -> Any:
    """Mark a list's page. `kinds` are the types of its sort key: str, int, date or datetime."""
    if not kinds or any(kind not in _KINDS for kind in kinds):
        raise TypeError("a cursor is made of str, int, date and datetime")

    async def page(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Rows wanted")] = USUAL,
        after: Annotated[str | None, Query(max_length=_LONGEST, description="`page.next` of the page before")] = None,
    ) -> Page:
        runtime: Any = request.app.state.runtime
        cursors = Cursors(runtime.site.keys.cursor)
        scope = _scope(request)
        return Page(
            limit,
            cursors.read(scope, after, kinds) if after else None,
            lambda values: cursors.sign(scope, values),
            lambda next_: f"{request.url.path}?{request.url.include_query_params(after=next_).query}",
        )

    return Depends(page)


def _scope(request: Request) -> str:
    """What a cursor is good for: this path, these filters, this office."""
    filters = sorted(
        (name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "after")
    )
    return orjson.dumps([request.url.path, filters, request.state.org]).decode()


def _read(kind: type, value: Any) -> Any:
    return kind.fromisoformat(value) if kind in (date, datetime) else value


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)
