"""Idempotency keys: the same request sent again gets the answer it got before, and changes nothing.

    return await once(request, caller, act)      # act: async (tx) -> Answer

Every POST that changes something needs a key, 1 to 255 visible ASCII characters, kept for 90 days. Its answer is
stored, sealed, in the transaction in which the request takes effect; a refusal rolls that transaction back, so that the
same key may be used again for the corrected request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from chassis import sql
from chassis.bodies import LIMIT, read
from chassis.callers import Caller
from chassis.refusal import Kind, Refusal
from chassis.transaction import Database, Transaction

HEADER = "Idempotency-Key"

_KEY = re.compile(r"[!-~]{1,255}\Z", re.ASCII)
_MOST_ATTEMPTS = 3
_FORGET_AT_ONCE = 20_000

_BEGIN = """
insert into idempotency (client, route, key, fingerprint, status, headers, answer)
values ($1, $2, $3, $4, 0, '', '') on conflict do nothing returning true
"""
_KNOWN = "select fingerprint, status, headers, answer from idempotency where client = $1 and route = $2 and key = $3"
_KEEP = """
update idempotency set status = $4, headers = $5, answer = $6 where client = $1 and route = $2 and key = $3
"""
_FORGET = """
delete from idempotency where ctid = any(array(
    select ctid from idempotency where created_at < clock_timestamp() - interval '90 days' limit $1))
"""


class KeyMissing(Refusal):
    kind = Kind.MALFORMED
    code = "idempotency-key-missing"
    zh = "缺少 Idempotency-Key 请求头（1 至 255 个可见 ASCII 字符）。"
    en = "The Idempotency-Key header is missing (1 to 255 visible ASCII characters)."


class KeyMalformed(Refusal):
    kind = Kind.MALFORMED
    code = "idempotency-key-malformed"
    zh = "Idempotency-Key 应为 1 至 255 个可见 ASCII 字符，且只出现一次。"
    en = "Idempotency-Key takes 1 to 255 visible ASCII characters, once."


class KeyReused(Refusal):
    code = "idempotency-key-reused"
    zh = "该 Idempotency-Key 已用于内容不同的请求。"
    en = "This Idempotency-Key was used before, with other content."


class StillRunning(Refusal):
    kind = Kind.CONFLICT
    code = "idempotency-still-running"
    zh = "使用同一 Idempotency-Key 的请求正在处理，请稍后重试。"
    en = "A request with this Idempotency-Key is still being handled; try again shortly."
    retry_after_s = 1


@dataclass(frozen=True)
class Answer:
    """What a request gets: a status below 400, JSON content (a model, or bytes already written) and headers.

    Headers are stored in clear: addresses and tags only, nothing personal.
    """

    status: int
    content: BaseModel | bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.model_dump_json().encode()


def require_key(request: Request) -> str:
    """The request's key; raises KeyMissing or KeyMalformed."""
    keys = request.headers.getlist(HEADER)
    if not keys:
        raise KeyMissing
    if len(keys) > 1 or not _KEY.match(keys[0]):
        raise KeyMalformed
    return keys[0]


async def once(request: Request, caller: Caller, act: Callable[[Transaction], Awaitable[Answer]]) -> Response:
    """Let `act` take effect at most once for this key, and answer alike every time.

    Keys belong to a client and an office: the same key elsewhere is another key. A copy that arrives while the first is
    under way waits for it, up to the lock timeout. Deadlocks and serialisation failures are tried again.
    """
    key = require_key(request)
    place = (f"{caller.client} {caller.org}", f"{request.method} {request.url.path}", key)
    fingerprint = fingerprint_of(request, await read(request, LIMIT))
    database: Database = request.app.state.runtime.database
    for attempt in range(1, _MOST_ATTEMPTS + 1):
        try:
            async with database.transaction(caller) as tx:
                return await _once(tx, place, fingerprint, act)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == _MOST_ATTEMPTS:
                raise
    raise AssertionError("unreachable")


async def _once(
    tx: Transaction, place: tuple[str, str, str], fingerprint: bytes, act: Callable[[Transaction], Awaitable[Answer]]
) -> Response:
    try:
        is_first = await sql.fetchval(tx, _BEGIN, *place, fingerprint)
    except asyncpg.LockNotAvailableError:
        raise StillRunning from None
    context = "idempotency.answer:" + " ".join(place)
    if not is_first:
        known = await sql.fetchrow(tx, _KNOWN, *place)
        if known is None:
            raise StillRunning
        if known["fingerprint"] != fingerprint:
            raise KeyReused
        headers = {**orjson.loads(known["headers"]), "Idempotent-Replayed": "true"}
        return Response(tx.open(known["answer"], context), known["status"], headers, media_type="application/json")
    answer = await act(tx)
    if not 200 <= answer.status < 400:
        raise ValueError("what is refused is raised, not answered: nothing of it may be stored")
    raw, headers = answer.raw(), dict(answer.headers)
    await sql.execute(tx, _KEEP, *place, answer.status, orjson.dumps(headers).decode(), tx.seal(raw, context))
    return Response(raw, answer.status, headers, media_type="application/json")


def fingerprint_of(request: Request, raw: bytes) -> bytes:
    """sha256 of the query and the body, read as JSON where it is JSON: spacing and the order of fields do not count."""
    with suppress(TypeError, ValueError):  # no JSON: every byte counts
        content = request.state.content if hasattr(request.state, "content") else orjson.loads(raw)
        raw = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(request.url.query.encode() + b"\n" + raw).digest()


async def forget_old_answers(tx: Transaction, *, now: datetime) -> None:
    """Delete what is older than 90 days of real time, as the clients' own retries count, so many at a time."""
    await sql.execute(tx, _FORGET, _FORGET_AT_ONCE)
