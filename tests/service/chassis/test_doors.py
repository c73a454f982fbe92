"""A small service on the real doors and a real database: who may enter, what may be brought in, and what is kept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.types import Message, Receive, Scope, Send

from chassis.access import Db, Now
from chassis.bodies import body
from chassis.callers import Caller
from chassis.etags import etag_of, require_match
from chassis.faults import Fault
from chassis.idempotency import Answer, forget_old_answers, once
from chassis.permissions import needs
from chassis.refusal import Kind, Refusal
from chassis.run import asgi_app
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.site import AllowanceSite, Site
from chassis.transaction import Transaction
from deploy.local.platform import LocalPlatform
from tests.issuer import OFFICE, Issuer
from tests.testbed import TestBed, testbed

CANARY = "990000199001011234"
"""Stands for somebody's data in what is sent: no answer may repeat it."""


class Acts(StrEnum):
    MADE = "thing.made"


class Thing(BaseModel):
    name: str = Field(max_length=20)
    size: int = Field(ge=1)
    tags: list[str] = Field(default=[], max_length=3)


class Made(BaseModel):
    name: str
    maker: str


class Taken(Refusal):
    kind = Kind.CONFLICT
    code = "name-taken"
    zh = "名称已被使用。"
    en = "The name is taken."


class Gate:
    """Lets a test hold an act in mid-transaction."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()


router = APIRouter(prefix="/payments/v1/things")


@router.post("", response_model=Made)
async def make_thing(
    request: Request,
    caller: Annotated[Caller, needs("things:write")],
    thing: Annotated[Thing, body(Thing, limit=2_000)],
) -> Response:
    async def act(tx: Transaction) -> Answer:
        tx.of(Gate).reached.set()
        await tx.of(Gate).opened.wait()
        tx.audit(Acts.MADE, subject=thing.name, office=caller.org)
        if thing.name == "taken":
            raise Taken(see="/payments/v1/things/taken")
        if thing.name == "broken":
            raise RuntimeError(f"the error's own words name {CANARY}")
        if thing.name == "deadlock":
            raise asyncpg.DeadlockDetectedError("words of the database")
        return Answer(
            201, Made(name=thing.name, maker=caller.subject), {"Location": f"/payments/v1/things/{thing.name}"}
        )

    return await once(request, caller, act)


@router.get("/now")
async def tell_now(caller: Annotated[Caller, needs("things:read")], db: Db, now: Now, limit: int = 5) -> dict[str, Any]:
    async with db.transaction(caller) as tx:
        low = await tx.connection.fetchval("select current_setting('hedui.low')")
    return {"low": low, "now": now.isoformat()}


@router.put("/{name}")
async def replace_thing(
    request: Request, caller: Annotated[Caller, needs("things:write")], name: str
) -> dict[str, str]:
    require_match(request, etag_of(name, 2), see=f"/payments/v1/things/{name}")
    return {"name": name}


SERVICE = Service(name="payments", routes=(router,), equips=lambda settings: (Gate(),))


@pytest.fixture
async def bed(platform_postgres: LocalPlatform, tmp_path: Path) -> AsyncIterator[TestBed]:
    async with testbed(platform_postgres, SERVICE, tmp_path) as bed:
        yield bed


@pytest.fixture
async def open_bed_again(bed: TestBed) -> AsyncIterator[Callable[[Site], Awaitable[TestBed]]]:
    """The same service on the same database, told something else about its place."""
    opened: list[Runtime] = []

    async def open_again(site: Site) -> TestBed:
        runtime = Runtime(SERVICE, site)
        await runtime.database.open()
        opened.append(runtime)
        return TestBed(runtime)

    yield open_again
    for runtime in opened:
        await runtime.database.close()


@pytest.fixture
def issuer(bed: TestBed) -> Issuer:
    return Issuer(bed.site.tokens.jwks_file)


@pytest.fixture
async def client(bed: TestBed, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with bed.client(**issuer.bearer()) as client:
        yield client


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, after checking what every one of them must have and must not have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    assert problem["type"] == f"urn:hedui:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == "urn:hedui:request:" + answer.headers["x-request-id"]
    assert CANARY not in answer.text
    return problem


async def kept(bed: TestBed) -> tuple[int, int]:
    """How many acts and how many answers are stored."""
    rows = await bed.rows("select (select count(*) from audit) as acts, (select count(*) from idempotency) as answers")
    return rows[0]["acts"], rows[0]["answers"]


THING = {"name": "a", "size": 1}


async def post(client: httpx.AsyncClient, thing: Any = None, key: str | None = "k-1", **headers: str) -> httpx.Response:
    content = thing if isinstance(thing, bytes) else None
    sent = {"content-type": "application/json", **headers} | ({"idempotency-key": key} if key is not None else {})
    return await client.post(
        "/payments/v1/things", content=content, json=(thing or THING) if content is None else None, headers=sent
    )


async def test_a_request_takes_effect_once_and_is_answered_alike_ever_after(
    client: httpx.AsyncClient, bed: TestBed
) -> None:
    first = await post(client)
    assert (first.status_code, first.json()) == (201, {"name": "a", "maker": "u-0001"})
    assert "idempotent-replayed" not in first.headers
    again = await post(client, b'{ "size": 1,\n "name": "a" }')
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"] == "/payments/v1/things/a"
    assert again.headers["idempotent-replayed"] == "true"
    assert await kept(bed) == (1, 1)


async def test_the_stored_answer_is_sealed(client: httpx.AsyncClient, bed: TestBed) -> None:
    await post(client, {"name": "opal-of-the-sea", "size": 1})
    stored = (await bed.rows("select answer from idempotency"))[0]["answer"]
    assert len(stored) > 20
    assert b"opal" not in stored


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient, bed: TestBed) -> None:
    await post(client)
    problem_of(await post(client, {"name": "b", "size": 1}), 422, "idempotency-key-reused")
    assert await kept(bed) == (1, 1)


async def test_a_key_belongs_to_a_client_an_office_and_an_address(
    client: httpx.AsyncClient, bed: TestBed, issuer: Issuer
) -> None:
    await post(client)
    neighbour = issuer.bearer(org="cn/2307/230799/230799002/", sub="u-0002")
    other_client = issuer.bearer(client="another", sub="u-0003")
    assert (await post(client, **neighbour)).json()["maker"] == "u-0002"
    assert (await post(client, **other_client)).json()["maker"] == "u-0003"
    assert await kept(bed) == (3, 3)


async def test_of_many_copies_at_once_one_takes_effect(client: httpx.AsyncClient, bed: TestBed) -> None:
    answers = await asyncio.gather(*(post(client) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 7
    assert await kept(bed) == (1, 1)


async def test_a_copy_that_waits_too_long_is_told_to_come_back(client: httpx.AsyncClient, bed: TestBed) -> None:
    gate = bed.runtime.shelf.of(Gate)
    gate.opened.clear()
    first = asyncio.create_task(post(client))
    await gate.reached.wait()
    late = await post(client)
    problem = problem_of(late, 409, "idempotency-still-running")
    assert problem["retryable"] is True
    assert late.headers["retry-after"] == "1"
    gate.opened.set()
    assert (await first).status_code == 201
    assert (await post(client)).headers["idempotent-replayed"] == "true"


async def test_many_clients_with_few_keys_never_disagree(client: httpx.AsyncClient, bed: TestBed) -> None:
    dice = random.Random(20260915)
    sent = [(f"k-{dice.randrange(12)}", f"v{dice.randrange(3)}") for _ in range(240)]

    async def one_client(requests: list[tuple[str, str]]) -> list[tuple[str, str, httpx.Response]]:
        return [(key, name, await post(client, {"name": name, "size": 1}, key)) for key, name in requests]

    done = await asyncio.gather(*(one_client(sent[place::8]) for place in range(8)))
    answers = [answer for of_client in done for answer in of_client]
    winners = {key: answer.json()["name"] for key, _, answer in answers if answer.status_code == 201}
    assert set(winners) == {key for key, _ in sent}
    for key, name, answer in answers:
        if name == winners[key]:
            assert (answer.status_code, answer.json()["name"]) == (201, name)
        else:
            problem_of(answer, 422, "idempotency-key-reused")
    assert await kept(bed) == (len(winners), len(winners))


async def test_an_answer_lost_on_the_way_is_given_again(bed: TestBed, issuer: Issuer) -> None:
    app = asgi_app(SERVICE, bed.runtime)
    lost: list[str] = []

    async def line_breaks(scope: Scope, receive: Receive, send: Send) -> None:
        async def broken(message: Message) -> None:
            lost.append(message["type"])
            raise ConnectionResetError

        await app(scope, receive, broken)

    headers = issuer.bearer()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=line_breaks), base_url="http://hedui.test", headers=headers
    ) as unlucky:
        with pytest.raises(ConnectionResetError):
            await post(unlucky)
    assert lost[0] == "http.response.start"
    assert await kept(bed) == (1, 1), "it took effect although nobody heard of it"
    async with bed.client(**headers) as client:
        again = await post(client)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert await kept(bed) == (1, 1)


async def test_a_refusal_stores_nothing_and_leaves_the_key_free(client: httpx.AsyncClient, bed: TestBed) -> None:
    answer = await post(client, {"name": "taken", "size": 1})
    problem = problem_of(answer, 409, "name-taken")
    assert problem["see"] == "/payments/v1/things/taken"
    assert problem["retryable"] is False
    assert await kept(bed) == (0, 0)
    assert (await post(client)).status_code == 201


async def test_a_fault_of_ours_stores_nothing_and_tells_nothing(client: httpx.AsyncClient, bed: TestBed) -> None:
    answer = await post(client, {"name": "broken", "size": 1})
    problem_of(answer, 500, "internal")
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text
    assert await kept(bed) == (0, 0)


async def test_a_deadlock_that_persists_is_a_retryable_refusal(client: httpx.AsyncClient, bed: TestBed) -> None:
    problem = problem_of(await post(client, {"name": "deadlock", "size": 1}), 503, "busy")
    assert problem["retryable"] is True
    assert await kept(bed) == (0, 0)


async def test_odd_keys_are_refused(client: httpx.AsyncClient, bed: TestBed) -> None:
    for key in ("", "k" * 256, "a key", "clé", "Ł"):
        answer = await client.post("/payments/v1/things", json=THING, headers=[(b"idempotency-key", key.encode())])
        problem_of(answer, 400, "idempotency-key-malformed")
    twice = await client.post("/payments/v1/things", json=THING, headers=[("idempotency-key", "a")] * 2)
    problem_of(twice, 400, "idempotency-key-malformed")
    assert await kept(bed) == (0, 0)


async def test_a_key_is_required(client: httpx.AsyncClient, bed: TestBed) -> None:
    problem_of(await post(client, key=None), 400, "idempotency-key-missing")
    assert await kept(bed) == (0, 0)


async def test_answers_are_kept_ninety_days(client: httpx.AsyncClient, bed: TestBed) -> None:
    for key, age in (("young", "89 days 23 hours"), ("old", "90 days 1 hour")):
        await post(client, key=key)
        await bed.rows(f"update idempotency set created_at = now() - interval '{age}' where key = '{key}' returning 1")
    async with bed.database.transaction(Caller("t", "t", "cn/", frozenset(), "t")) as tx:
        await forget_old_answers(tx, now=bed.database.clock.now())
    assert [row["key"] for row in await bed.rows("select key from idempotency")] == ["young"]


BAD_BODIES: dict[str, tuple[bytes, int, str, list[tuple[str, str]]]] = {
    "no body": (b"", 400, "body-malformed", [("", "empty")]),
    "cut off": (b'{"name": "a", ', 400, "body-malformed", [("", "syntax")]),
    "two values": (b'{"name": "a", "size": 1} {}', 400, "body-malformed", [("", "syntax")]),
    "not a number": (b'{"name": "a", "size": NaN}', 400, "body-malformed", [("", "syntax")]),
    "endless": (b'{"name": "a", "size": 1e999}', 422, "body-invalid", [("/size", "not_integer")]),
    "field twice": (b'{"name": "a", "size": 1, "size": 2}', 400, "body-malformed", [("", "duplicate_key")]),
    "not UTF-8": ('{"name": "张", "size": 1}'.encode("gb18030"), 400, "body-malformed", [("", "syntax")]),
    "UTF-16": ('{"name": "a", "size": 1}'.encode("utf-16"), 400, "body-malformed", [("", "syntax")]),
    "byte order mark": ('\ufeff{"name": "a", "size": 1}'.encode(), 400, "body-malformed", [("", "syntax")]),
    "very deep": (b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}", 400, "body-malformed", [("", "too_deep")]),
    "lone surrogate": (b'{"name": "\\ud800", "size": 1}', 400, "body-malformed", [("", "syntax")]),
    "NUL": (b'{"name": "\\u0000", "size": 1}', 422, "body-invalid", [("/name", "control_character")]),
    "full-width digit": ('{"name": "３", "size": 1}'.encode(), 422, "body-invalid", [("/name", "full_width_digit")]),
    "escaped full-width digit": (
        b'{"name": "a", "size": 1, "tags": ["", "\\uFF13"]}',
        422,
        "body-invalid",
        [("/tags/1", "full_width_digit")],
    ),
    "a list": (b"[]", 422, "body-invalid", [("", "not_object")]),
    "everything wrong at once": (
        b'{"size": "1", "tags": [1, true, null, 4], "colour": "red"}',
        422,
        "body-invalid",
        [("/name", "required"), ("/size", "not_integer"), ("/tags", "too_many"), ("/colour", "unknown_field")],
    ),
    "somebody's number as a field": (
        f'{{"name": "a", "size": 1, "{CANARY}": 1}}'.encode(),
        422,
        "body-invalid",
        [("/?", "unknown_field")],
    ),
    "somebody's number as a value": (
        f'{{"name": ["{CANARY}"], "size": 0}}'.encode(),
        422,
        "body-invalid",
        [("/name", "not_text"), ("/size", "too_small")],
    ),
    "somebody's number as a doubled field": (
        f'{{"{CANARY}": 1, "{CANARY}": 1}}'.encode(),
        400,
        "body-malformed",
        [("", "duplicate_key")],
    ),
}


async def test_bad_bodies_are_refused_precisely_and_leave_no_trace(client: httpx.AsyncClient, bed: TestBed) -> None:
    for kind, (content, status, code, expected) in BAD_BODIES.items():
        problem = problem_of(await post(client, content), status, code)
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == expected, kind
        assert all(error["detail"] for error in problem["errors"]), kind
    assert await kept(bed) == (0, 0)


async def test_other_content_is_refused(client: httpx.AsyncClient) -> None:
    for headers in (
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=gbk"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
    ):
        problem_of(await post(client, b'{"name": "a", "size": 1}', **headers), 415, "body-not-json")
    fine = await post(client, b'{"name": "a", "size": 1}', **{"content-type": "Application/JSON; charset=UTF-8"})
    assert fine.status_code == 201


async def test_a_body_over_the_limit_is_refused_whether_announced_or_not(
    client: httpx.AsyncClient, bed: TestBed
) -> None:
    raw = b'{"name": "a", "size": 1, "tags": ["' + b"x" * 2_000_000 + b'"]}'
    problem_of(await post(client, raw), 413, "body-too-large")
    drawn = 0

    async def unannounced() -> AsyncIterator[bytes]:
        nonlocal drawn
        for start in range(0, len(raw), 500):
            drawn += 1
            yield raw[start : start + 500]

    answer = await client.post(
        "/payments/v1/things",
        content=unannounced(),
        headers={"content-type": "application/json", "idempotency-key": "k"},
    )
    problem_of(answer, 413, "body-too-large")
    assert drawn <= 6
    for announced in ("-1", "1e3", "２０", "9" * 30):
        answer = await client.post(
            "/payments/v1/things",
            content=b"{}",
            headers=[
                (b"content-type", b"application/json"),
                (b"idempotency-key", b"k"),
                (b"content-length", announced.encode()),
            ],
        )
        problem_of(answer, 413, "body-too-large")
    assert await kept(bed) == (0, 0)


async def test_who_does_not_say_who_he_is_is_refused_before_anything_is_read(client: httpx.AsyncClient) -> None:
    for header in ("", "Basic dTpw", "Bearer", "Bearer "):
        answer = await post(client, b"{", key=None, authorization=header)
        problem_of(answer, 401, "token-missing")
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = await post(client, b"{", authorization="Bearer a.b.c")
    problem_of(answer, 401, "token-invalid")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_an_expired_token_and_a_missing_permission_are_told_apart(
    client: httpx.AsyncClient, issuer: Issuer, bed: TestBed
) -> None:
    now = issuer.claims("")["iat"]
    problem_of(await post(client, **issuer.bearer(iat=now - 90, exp=now - 60)), 401, "token-expired")
    problem_of(await post(client, **issuer.bearer("things:read")), 403, "permission-missing")
    assert await kept(bed) == (0, 0)


async def test_parameters_are_refused_by_name(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.get(f"/payments/v1/things/now?limit={CANARY}x"), 422, "parameters-invalid")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("query/limit", "not_integer")]
    problem_of(await client.get("/payments/v1/things/now?limit=５"), 422, "parameters-invalid")


async def test_unknown_addresses_and_methods_do_not_repeat_themselves(client: httpx.AsyncClient) -> None:
    problem_of(await client.get(f"/payments/v1/people/{CANARY}"), 404, "unknown-path")
    answer = await client.delete("/payments/v1/things/now")
    problem_of(answer, 405, "method-not-allowed")
    assert answer.headers["allow"]


async def test_the_reader_chooses_the_language(client: httpx.AsyncClient) -> None:
    chinese = await post(client, {"name": "taken", "size": 1})
    english = await post(client, {"name": "taken", "size": 1}, **{"accept-language": "en-GB,en;q=0.9,zh;q=0.5"})
    assert (chinese.json()["detail"], chinese.headers["content-language"]) == ("名称已被使用。", "zh-CN")
    assert (english.json()["detail"], english.headers["content-language"]) == ("The name is taken.", "en")


async def test_the_callers_range_is_set_in_the_transaction_and_nowhere_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/payments/v1/things/now")
    assert answer.json()["low"] == OFFICE


async def test_a_change_needs_the_version_it_was_based_on(client: httpx.AsyncClient) -> None:
    address = "/payments/v1/things/a"
    problem_of(await client.put(address), 428, "if-match-missing")
    for tag in (etag_of("a", 1), "*", "W/" + etag_of("a", 2), ""):
        answer = await client.put(address, headers={"if-match": tag})
        assert problem_of(answer, 412, "if-match-stale")["see"] == address
    fine = await client.put(address, headers={"if-match": f"{etag_of('a', 1)}, {etag_of('a', 2)}"})
    assert fine.status_code == 200


async def test_a_trace_is_carried_and_answers_are_not_cached(client: httpx.AsyncClient) -> None:
    answer = await client.get("/payments/v1/things/now")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_without_a_database_the_answer_is_busy_and_readiness_says_so(
    platform_postgres: LocalPlatform, tmp_path: Path
) -> None:
    async with testbed(platform_postgres, SERVICE, tmp_path) as bed:
        issuer = Issuer(bed.site.tokens.jwks_file)
        await bed.database.close()
        async with bed.client(**issuer.bearer()) as client:
            answer = await post(client)
            assert problem_of(answer, 503, "database-away")["retryable"] is True
            assert answer.headers["retry-after"] == "1"
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["missing"] == ["database"]
            assert ready.json()["business_date"]
            assert (await client.get("/livez")).status_code == 200
            assert "hedui" in (await client.get("/metrics")).text


async def test_an_organisation_that_asks_too_much_is_told_when_to_come_back(
    bed: TestBed, issuer: Issuer, open_bed_again: Callable[[Site], Awaitable[TestBed]]
) -> None:
    small = AllowanceSite(requests_per_s=0.01, burst=2)
    limited = await open_bed_again(bed.site.model_copy(update={"allowance": small}))
    async with limited.client(**issuer.bearer()) as client:
        assert [(await post(client, key=f"k-{number}")).status_code for number in range(2)] == [201, 201]
        refused = await post(client, key="k-2")
        problem = problem_of(refused, 429, "too-many-requests")
        assert problem["retryable"] is True
        assert refused.headers["retry-after"] == "100"
        assert await kept(bed) == (2, 2)
        colleague = issuer.bearer("things:read", sub="u-0002", client="another")
        assert (await post(client, key="k-3", **colleague)).status_code == 429
        neighbour = issuer.bearer(org="cn/2307/230799/230799002/")
        assert (await post(client, key="k-3", **neighbour)).status_code == 201
        assert (await post(client, key="k-3", authorization="Bearer none")).status_code == 401
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code != 429


def test_a_service_with_an_open_route_does_not_start() -> None:
    unguarded = APIRouter(prefix="/payments/v1")

    @unguarded.get("/secrets")
    async def tell_all() -> str:
        return "all"

    with pytest.raises(RuntimeError, match="GET /payments/v1/secrets"):
        asgi_app(Service(name="payments", routes=(router, unguarded)))


def test_a_service_that_reads_the_body_before_it_asks_who_calls_does_not_start() -> None:
    hasty = APIRouter(prefix="/payments/v1")

    @hasty.post("/hasty")
    async def read_first(thing: Annotated[Thing, body(Thing)], caller: Annotated[Caller, needs("things:write")]) -> str:
        return thing.name + caller.subject

    with pytest.raises(RuntimeError, match="POST /payments/v1/hasty"):
        asgi_app(Service(name="payments", routes=(hasty,)))


def test_a_model_may_say_precisely_what_is_wrong() -> None:
    fault = Fault("check_digit", "校验码不符。", "The check digit does not fit.")
    assert (fault.code, str(fault)) == ("check_digit", "check_digit")
