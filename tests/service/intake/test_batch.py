"""A batch: each application with a verdict of its own, the request as a whole at most once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from chassis import sql
from services.intake.api.answers import BatchOut
from tests.service.intake.conftest import Desk, Intake
from tests.unit.intake.households import a_body


async def verdicts(desk: Desk, rows: list[Any]) -> list[dict[str, Any]]:
    answer = await desk.post("/batch", {"applications": rows})
    assert answer.status_code == 200, answer.text
    BatchOut.model_validate_json(answer.content)
    results: list[dict[str, Any]] = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(len(rows)))
    return results


async def test_each_row_has_its_own_verdict(intake: Intake, desk: Desk) -> None:
    wrong_sign = a_body(3)
    citizen_id = wrong_sign["members"][0]["citizen_id"]
    wrong_sign["members"][0]["citizen_id"] = citizen_id[:-1] + ("0" if citizen_id[-1] != "0" else "1")
    rows = [
        a_body(1),
        a_body(2, signature=None),
        wrong_sign,
        a_body(4, region="654099"),
        a_body(1),
        a_body(5) | {"surprise": 1},
        7,
        a_body(6, area="ｕrban"),
        a_body(7),
    ]
    results = await verdicts(desk, rows)
    assert [result["verdict"] for result in results] == [
        "accepted",
        "incomplete",
        *["refused"] * 6,
        "accepted",
    ]
    assert [result["problem"]["code"] for result in results if result["problem"]] == [
        "body-invalid",
        "foreign-household",
        "duplicate-application",
        "body-invalid",
        "body-invalid",
        "body-invalid",
    ]
    assert results[2]["problem"]["errors"][0]["pointer"] == "/members/0/citizen_id"
    assert results[2]["problem"]["errors"][0]["code"] == "check_digit"
    assert results[4]["problem"]["see"].endswith(results[0]["receipt"]["application_id"])
    assert results[5]["problem"]["errors"][0] == {
        "pointer": "/surprise",
        "code": "unknown_field",
        "detail": results[5]["problem"]["errors"][0]["detail"],
    }
    assert (await intake.count("application"), await intake.count("member")) == (3, 9)
    assert len(await intake.said()) == 2


async def test_full_width_digits_spoil_one_row_only(intake: Intake, desk: Desk) -> None:
    spoiled = a_body(2)
    spoiled["members"][0]["citizen_id"] = "９" + spoiled["members"][0]["citizen_id"][1:]
    results = await verdicts(desk, [a_body(1), spoiled, a_body(3)])
    assert [result["verdict"] for result in results] == ["accepted", "refused", "accepted"]
    assert results[1]["problem"]["errors"][0]["code"] == "full_width_digit"


async def test_two_hundred_cost_as_many_statements_as_two(
    intake: Intake, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        monkeypatch.setattr(sql, name, _noting(getattr(sql, name), spoken))
    await verdicts(desk, [a_body(number) for number in range(2)])
    few, spoken[:] = list(spoken), []
    await verdicts(desk, [a_body(number) for number in range(10, 210)])
    assert 3 <= len(few) <= 10
    assert spoken == few
    assert await intake.count("application") == 202


def _noting(speak: Callable[..., Awaitable[Any]], spoken: list[str]) -> Callable[..., Awaitable[Any]]:
    """The same statement, noted first."""

    async def noted(tx: Any, query: str, *values: Any) -> Any:
        spoken.append(query)
        return await speak(tx, query, *values)

    return noted


async def test_sent_again_it_is_answered_again_and_changes_nothing(intake: Intake, desk: Desk) -> None:
    batch = {"applications": [a_body(1), a_body(1), a_body(2)]}
    first = await desk.post("/batch", batch, idempotency_key="same")
    again = await desk.post("/batch", batch, idempotency_key="same")
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    other = await desk.post("/batch", {"applications": [a_body(3)]}, idempotency_key="same")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await intake.count("application") == 2
    assert len(await intake.said()) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"applications": [', 400, "body-malformed"),
        (b'{"applications": [], "applications": []}', 400, "body-malformed"),
        (b'{"applications": []}', 422, "body-invalid"),
        (b'{"applications": {}}', 422, "body-invalid"),
        (b'{"rows": []}', 422, "body-invalid"),
        (b"[]", 422, "body-invalid"),
        (orjson.dumps({"applications": [1] * 201}), 422, "body-invalid"),
        (b'{"applications": ["' + b"x" * 4_000_000 + b'"]}', 413, "body-too-large"),
    ],
    ids=["cut short", "key twice", "empty", "no list", "other name", "bare list", "201 rows", "over 4 MB"],
)
async def test_what_is_no_batch_is_refused_whole(
    intake: Intake, desk: Desk, body: bytes, status: int, code: str
) -> None:
    answer = await desk.post("/batch", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await intake.is_untouched()


async def test_a_batch_of_more_than_one_megabyte_is_taken(desk: Desk) -> None:
    rows = [a_body(number) for number in range(200)]
    for row in rows:
        row["declaration"] = [{"member_ref": "m1", "kind": "wage", "amount_fen": 1}] * 80
    batch = orjson.dumps({"applications": rows})
    assert 1_000_000 < len(batch) < 4_000_000
    answer = await desk.post("/batch", batch)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 200)
