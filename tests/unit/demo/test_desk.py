"""The desk asks again under the same key while a service is away, and takes a refusal for an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.demo.desk import HttpDesk, Officer, OutOfPatience, Refused, every, trace_of
from deploy.local.platform import LocalPlatform

ROOT = Path(__file__).resolve().parents[3]
CLERK = Officer("township_clerk", "cn/2307/230799/230799001/")

Handler = Callable[[httpx.Request], httpx.Response]


def _desk(folder: Path, handler: Handler, patience_s: float = 60) -> HttpDesk:
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return HttpDesk(LocalPlatform(ROOT, folder), client, patience_s=patience_s, pause_s=0)


async def test_what_is_away_is_asked_again_under_the_same_key(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) == 1:
            raise httpx.ConnectError("away")
        if len(seen) == 2:
            return httpx.Response(503)
        if len(seen) == 3:
            return httpx.Response(409, json={"code": "idempotency-still-running"}, headers={"Retry-After": "1"})
        return httpx.Response(201, json={"record_id": "x"})

    answer = await _desk(tmp_path, service).ask(CLERK, "approval", "POST", "/x", body={"a": 1}, key="k", if_match='"e"')

    assert answer.expect(201) == {"record_id": "x"}
    assert {(one.headers["Idempotency-Key"], one.headers["If-Match"], one.content) for one in seen} == {
        ("k", '"e"', b'{"a":1}')
    }


async def test_a_refusal_is_an_answer(tmp_path: Path) -> None:
    refusal = {"code": "conditions-not-met", "errors": [{"pointer": "/outcome", "code": "barred"}]}
    desk = _desk(tmp_path, lambda request: httpx.Response(409, json=refusal))
    answer = await desk.ask(CLERK, "approval", "POST", "/x", key="k")
    assert answer.code == "conditions-not-met"
    with pytest.raises(Refused, match="409 conditions-not-met /outcome barred"):
        answer.expect()


async def test_patience_ends(tmp_path: Path) -> None:
    with pytest.raises(OutOfPatience, match="intake"):
        await _desk(tmp_path, lambda request: httpx.Response(503), patience_s=0).ask(CLERK, "intake", "GET", "/x")


async def test_a_trace_is_carried_on(tmp_path: Path) -> None:
    seen: list[str] = []

    def service(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["traceparent"])
        return httpx.Response(200, json={})

    desk = _desk(tmp_path, service)
    known = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    await desk.ask(CLERK, "intake", "GET", "/x", trace=known)
    await desk.ask(CLERK, "intake", "GET", "/x", trace=trace_of("run0001", 7))
    assert seen[0] == known
    assert seen[1].split("-")[1] == trace_of("run0001", 7) != trace_of("run0001", 8)


async def test_all_pages_of_a_list_are_read(tmp_path: Path) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("after")
        rows, following = ([{"n": 1}, {"n": 2}], "more") if after is None else ([{"n": 3}], None)
        return httpx.Response(200, json={"data": rows, "page": {"next": following, "has_more": following is not None}})

    rows = every(_desk(tmp_path, service), CLERK, "approval", "/cases")
    assert [row["n"] async for row in rows] == [1, 2, 3]
