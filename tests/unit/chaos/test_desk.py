"""The retrying desk: one key until there is an answer that lasts, and a history that says what happened."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest

from deploy.demo.desk import Officer
from deploy.local.platform import LocalPlatform
from tests.chaos.desk import GivenUp, RetryingDesk, kind_of
from tests.chaos.history import History, digest

CLERK = Officer("township_clerk", "cn/2307/230799/230799001/")
_APPLICATION = "app_" + "1" * 32


class _Platform:
    """As much of a platform as a desk asks for."""

    class map:
        services = ("intake",)

    def url(self, name: str) -> str:
        return f"http://{name}.invalid"

    def token(self, role: str, office: str, subject: str | None) -> str:
        return f"{role}@{office}"


class Dice(random.Random):
    """Every acknowledged act is asked for again, or none is; nobody waits."""

    def __init__(self, again: bool) -> None:
        super().__init__(1)
        self._again = again

    def random(self) -> float:
        return 0.0 if self._again else 1.0

    def uniform(self, a: float, b: float) -> float:
        return 0.0


def desk_before(
    answers: list[httpx.Response | Exception], *, again: bool = False
) -> tuple[RetryingDesk, History, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        next_one = answers.pop(0)
        if isinstance(next_one, Exception):
            raise next_one
        return next_one

    history = History()
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return RetryingDesk(cast("LocalPlatform", _Platform()), client, history, Dice(again)), history, seen


async def submit(desk: RetryingDesk) -> Any:
    return await desk.ask(CLERK, "intake", "POST", "/applications", body={"a": 1}, key="k1")


def accepted() -> httpx.Response:
    return httpx.Response(202, json={"application_id": _APPLICATION, "state": "accepted"})


async def test_it_tries_under_the_same_key_until_it_is_answered() -> None:
    answers: list[httpx.Response | Exception] = [
        httpx.ConnectError("away"),
        httpx.ReadTimeout("silent"),
        httpx.Response(503),
        httpx.Response(409, headers={"Retry-After": "1"}),
        httpx.Response(500),
        accepted(),
    ]
    desk, history, seen = desk_before(answers)
    answer = await submit(desk)
    assert answer.status == 202
    assert {request.headers["Idempotency-Key"] for request in seen} == {"k1"}
    assert len({request.content for request in seen}) == 1
    (action,) = history.actions()
    assert (action.outcome, action.kind, action.application_id) == ("ok", "submit", _APPLICATION)
    assert action.detail["tries"] == 6
    assert action.detail["lost"] == 2
    assert action.detail["away"] == (503, 409, 500)
    assert action.detail["answers"] == ((202, digest(answer.content)),)


async def test_a_refusal_is_an_answer_and_no_lasting_result() -> None:
    desk, history, seen = desk_before([httpx.Response(409, json={"code": "state-unfit"})])
    answer = await submit(desk)
    assert answer.code == "state-unfit"
    (action,) = history.actions()
    assert (action.outcome, action.status, action.detail["code"]) == ("refused", 409, "state-unfit")
    assert action.detail["answers"] == ()
    assert len(seen) == 1


@pytest.mark.parametrize(
    "second",
    [
        lambda: httpx.Response(202, json={"application_id": "app_" + "2" * 32, "state": "accepted"}),
        lambda: httpx.Response(422, json={"code": "idempotency-key-reused"}),
    ],
)
async def test_another_answer_to_the_same_key_stands_in_the_history(second: Callable[[], httpx.Response]) -> None:
    desk, history, seen = desk_before([accepted(), second()], again=True)
    await submit(desk)
    assert len(seen) == 2
    (action,) = history.actions()
    assert len(set(action.detail["answers"])) == 2


async def test_an_act_given_up_stays_unknown() -> None:
    desk, history, _ = desk_before([])
    desk.until = 0.0
    with pytest.raises(GivenUp):
        await submit(desk)
    (action,) = history.actions()
    assert (action.outcome, action.ended_s) == ("unknown", None)
    assert history.acknowledged() == 0


async def test_reading_leaves_no_trace_in_the_history() -> None:
    desk, history, _ = desk_before([httpx.Response(200, json={"data": []})])
    await desk.ask(CLERK, "intake", "GET", "/applications")
    assert history.actions() == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/applications", "submit"),
        (f"/applications/{_APPLICATION}/withdrawal", "withdraw"),
        (f"/applications/{_APPLICATION}/consents/mem_{'1' * 32}_01/withdrawal", "consent-withdraw"),
        (f"/flags/flag_{'1' * 32}/resolution", "flag"),
        (f"/cases/case_{'1' * 32}/confirmation", "confirmation"),
        ("/rosters", "roster"),
        (f"/rosters/ros_{'1' * 32}/payment", "payment"),
        ("/months/2027-01/close", "close"),
        (f"/lines/line_{'1' * 32}/new-attempt", "new-attempt"),
    ],
)
def test_acts_are_called_by_their_doors(path: str, kind: str) -> None:
    assert kind_of(path) == kind
