"""The broker is killed while events flow, on a platform of this file's own: nothing is lost, doubled or overtaken."""

from __future__ import annotations

import asyncio
import fcntl
import random
import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest

from chassis import sql
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.transaction import Transaction
from deploy.local.platform import LocalPlatform
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, SYSTEM, Noted, noted
from tests.service.chassis.topics import kafka_site, make_topic, noted_on
from tests.service.chassis.waiting import until
from tests.testbed import ROOT, TestBed

_KEYS = 10


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    """A broker that may be killed without hurting other tests."""
    var = tmp_path_factory.mktemp("platform")
    lease = var / "lease"
    with lease.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        platform = LocalPlatform(ROOT, var, own_ports=True, lease=lease)
        platform.start(["kafka"])
        yield platform
        platform.stop()


async def hear(tx: Transaction, facts: list[Noted], *, now: datetime) -> None:
    cases, numbers = [fact.case_id for fact in facts], [fact.number for fact in facts]
    await sql.execute(
        tx, "insert into effect (case_id, number) select * from unnest($1::text[], $2::int[])", cases, numbers
    )


async def effects(bed: TestBed) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in await bed.rows("select case_id, number from effect where number > 0 order by id"):
        found.setdefault(row["case_id"], []).append(row["number"])
    return found


async def number_heard(bed: TestBed) -> int:
    return sum(map(len, (await effects(bed)).values()))


async def test_a_broker_killed_twice_in_mid_flow_loses_doubles_and_overtakes_nothing(
    open_bed: Open, own_kafka: LocalPlatform
) -> None:
    topic = f"payments.t{secrets.token_hex(6)}"
    await make_topic(own_kafka, topic, 4, {})
    here = noted_on(topic)
    bed = await open_bed(Service(name=NAME, hears={here: hear}, says=(here,)))
    await bed.rows("insert into job (id) select generate_series(1, $1::int)", _KEYS)
    site = bed.site.model_copy(update={"kafka": kafka_site(own_kafka)})
    runtime = Runtime(Service(name=NAME, hears={here: hear}, says=(here,)), site)
    is_writing = True

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        while is_writing:
            async with runtime.database.transaction(SYSTEM) as tx:
                case = chance.randrange(_KEYS) + 1
                number = await sql.fetchval(tx, "update job set fence = fence + 1 where id = $1 returning fence", case)
                tx.say(noted(f"app_{case}", number, kind=here))
            await asyncio.sleep(chance.random() * 0.02)

    async def has_heard(number: int) -> bool:
        return await number_heard(bed) >= number

    runtime.start()
    await until(lambda: is_ready(runtime), within_s=30)
    writers = [asyncio.create_task(write(seed)) for seed in range(4)]
    try:
        for _ in range(2):
            goal = await number_heard(bed) + 50
            await until(partial(has_heard, goal), within_s=60)
            await asyncio.to_thread(own_kafka.kill, "kafka")
            await asyncio.to_thread(own_kafka.await_ready, "kafka")
        is_writing = False
        await asyncio.gather(*writers)
        said = {f"app_{row['id']}": row["fence"] for row in await bed.rows("select id, fence from job")}
        await until(lambda: has_heard(sum(said.values())), within_s=60)
        await until(runtime.relay.is_caught_up.wait)
    finally:
        await runtime.stop()

    assert await effects(bed) == {key: [*range(1, last + 1)] for key, last in said.items() if last}
    assert await bed.rows("select 1 from outbox union all select 1 from parked") == []


async def is_ready(runtime: Runtime) -> bool:
    return not runtime.missing
