"""A person stands in one open application per kind of aid, however many ask at once and whoever may see it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chassis import sql
from tests.service.intake.conftest import Desk, Intake
from tests.unit.intake.households import COUNTY, a_body

NEIGHBOUR = "cn/2307/230799/230799002/"


async def test_a_second_application_for_the_same_aid_is_refused_with_a_link(intake: Intake, desk: Desk) -> None:
    first = await desk.accepted(a_body())
    answer = await desk.submit(a_body())
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-application")
    assert answer.json()["see"] == f"/intake/v1/applications/{first['application_id']}"
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/members/0", "/members/1", "/members/2"]
    assert (await intake.count("application"), await intake.count("member")) == (1, 3)
    assert len(await intake.said()) == 1


async def test_one_shared_member_is_enough(intake: Intake, desk: Desk) -> None:
    await desk.accepted(a_body(1))
    other = a_body(2)
    other["members"][1]["citizen_id"] = a_body(1)["members"][1]["citizen_id"]
    answer = await desk.submit(other)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (409, ["/members/1"])
    assert await intake.count("member") == 3


async def test_an_incomplete_application_is_open_too(desk: Desk) -> None:
    await desk.submit(a_body(signature=None))
    assert (await desk.submit(a_body())).json()["code"] == "duplicate-application"


async def test_elsewhere_it_is_refused_without_a_word_of_where(intake: Intake, desk: Desk) -> None:
    first = await desk.accepted(a_body())
    answer = await intake.desk(NEIGHBOUR).submit(a_body())
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-application")
    assert "see" not in answer.json()
    assert first["application_id"] not in answer.text
    assert "link" not in answer.headers
    county = await intake.desk(COUNTY).submit(a_body())
    assert county.json()["see"].endswith(first["application_id"])


async def test_another_kind_of_aid_may_be_asked_for(desk: Desk) -> None:
    await desk.accepted(a_body())
    await desk.accepted(a_body(aid="temporary"))


async def test_after_a_withdrawal_the_household_may_apply_again(intake: Intake, desk: Desk) -> None:
    first = await desk.accepted(a_body())
    answer = await desk.post(f"/{first['application_id']}/withdrawal")
    assert (answer.status_code, answer.json()["state"]) == (202, "withdrawn")
    await desk.accepted(a_body())


async def test_of_many_at_once_exactly_one_is_taken(intake: Intake) -> None:
    desks = [intake.desk(f"cn/2307/230799/2307990{number:02d}/", f"client{number}") for number in range(1, 9)]
    answers = await asyncio.gather(*(desk.submit(a_body()) for desk in desks))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert (await intake.count("application"), await intake.count("member")) == (1, 3)
    assert len(await intake.said()) == 1


async def test_batches_that_name_the_same_people_in_other_orders_do_not_block_each_other(intake: Intake) -> None:
    bodies = [a_body(number) for number in range(1, 21)]
    desks = [intake.desk(f"cn/2307/230799/2307990{number:02d}/", f"client{number}") for number in range(1, 5)]
    orders = (bodies, bodies[::-1], bodies[10:] + bodies[:10], bodies[::2] + bodies[1::2])
    answers = await asyncio.gather(
        *(desk.post("/batch", {"applications": order}) for desk, order in zip(desks, orders, strict=True))
    )
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sum(answer.json()["accepted"] for answer in answers) == 20
    assert sum(answer.json()["refused"] for answer in answers) == 60
    assert (await intake.count("application"), await intake.count("member")) == (20, 60)
    assert len(await intake.said()) == 20


async def test_persons_are_claimed_in_one_order_whatever_the_order_of_the_batch(
    intake: Intake, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two statements that lock the same rows in different orders end in a deadlock sooner or later.
    offered: list[Any] = []
    fetch = sql.fetch

    async def noted(tx: Any, query: str, *values: Any) -> Any:
        if "insert into member" in query:
            offered.append(values[4])
        return await fetch(tx, query, *values)

    monkeypatch.setattr(sql, "fetch", noted)
    await desk.post("/batch", {"applications": [a_body(number) for number in range(1, 21)]})
    (keys,) = offered
    assert len(keys) == 60
    assert list(keys) == sorted(keys)


async def test_who_is_refused_in_a_batch_holds_nobody(intake: Intake, desk: Desk) -> None:
    shared = a_body(1)["members"][1]["citizen_id"]
    overlapping, reused = a_body(2), a_body(3, external_ref="T-1")
    overlapping["members"][1]["citizen_id"] = shared
    first = a_body(1, external_ref="T-1")
    answer = await desk.post("/batch", {"applications": [first, reused]})
    assert [result["verdict"] for result in answer.json()["results"]].count("refused") == 1
    answer = await desk.post("/batch", {"applications": [overlapping]})
    assert answer.json()["refused"] == 1
    assert (await intake.count("application"), await intake.count("member")) == (1, 3)
    await desk.accepted(a_body(2))
    await desk.accepted(a_body(3))


async def test_a_reference_names_one_application_of_its_sender(intake: Intake, desk: Desk) -> None:
    first = await desk.accepted(a_body(1, external_ref="T-1"))
    answer = await desk.submit(a_body(2, external_ref="T-1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "external-ref-used")
    assert answer.json()["see"].endswith(first["application_id"])
    assert (await intake.count("application"), await intake.count("member")) == (1, 3)
    await intake.desk(client_name="another").accepted(a_body(2, external_ref="T-1"))
