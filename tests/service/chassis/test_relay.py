"""What was said reaches the broker: nothing skipped, each key in commit order, each bucket by one process at a time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from chassis import relay as relay_module
from chassis import sql
from chassis.kafka import Outcome
from chassis.relay import Relay
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.transaction import BUCKETS, Database
from chassis.wire import Codec, Record
from deploy.local.platform import LocalPlatform
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, SYSTEM, Noted, another_process, as_owner, noted
from tests.service.chassis.waiting import until
from tests.testbed import TestBed

_WRITERS, _ROUNDS, _KEYS = 8, 12, 5


class Broker:
    """Takes what a relay sends, unless it is away, refuses a key, or holds its answer back.

    As with the real one, a refused record spoils what was sent with it: nothing of that is known to have arrived.
    """

    def __init__(self) -> None:
        self.log: list[Record] = []
        self.is_away = False
        self.asked = 0
        self.refused: set[str] = set()
        self.answers = asyncio.Event()
        self.answers.set()

    async def start(self, topics: Collection[str]) -> None:
        """It is always there to be met."""

    async def stop(self) -> None:
        """Nothing to let go."""

    async def send(self, records: Sequence[Record]) -> list[Outcome]:
        self.asked += 1
        if self.is_away:
            raise KafkaConnectionError
        await self.answers.wait()
        spoiled = Outcome.UNSURE if any(record.key in self.refused for record in records) else Outcome.SENT
        outcomes = [Outcome.REFUSED if record.key in self.refused else spoiled for record in records]
        self.log += [record for record, outcome in zip(records, outcomes, strict=True) if outcome is Outcome.SENT]
        return outcomes

    def numbers(self, codec: Codec) -> dict[str, list[int]]:
        """The note numbers on the log, by key."""
        found: dict[str, list[int]] = {}
        for record in self.log:
            event = codec.decode(record)
            assert isinstance(event, Noted)
            found.setdefault(event.key, []).append(event.number)
        return found


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    return await open_bed(Service(name=NAME, says=(Noted,)))


@asynccontextmanager
async def running(database: Database, broker: Broker) -> AsyncIterator[Relay]:
    """A relay at work in a process whose commits wake nobody by themselves: NOTIFY and the sweep must do."""

    def heard(wakes: frozenset[str]) -> None:
        relay.wake()

    relay = Relay(database, broker, heard)  # type: ignore[arg-type]  # what it needs of a speaker is `send`
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def is_empty(bed: TestBed) -> bool:
    return not await bed.rows("select 1 from outbox limit 1")


async def say(bed: TestBed, *events: Noted) -> None:
    async with bed.database.transaction(SYSTEM) as tx:
        for event in events:
            tx.say(event)


async def lock_holders(superuser: asyncpg.Connection) -> dict[int, int]:
    """How many buckets each connection holds."""
    rows = await superuser.fetch(
        "select pid, count(*) as held from pg_locks where locktype = 'advisory' and classid = 7001 and granted"
        " and database = (select oid from pg_database where datname = current_database()) group by pid"
    )
    return {row["pid"]: row["held"] for row in rows}


async def test_eight_slow_writers_lose_nothing_and_keep_each_keys_order(
    bed: TestBed, platform_postgres: LocalPlatform
) -> None:
    """The control beside it reads `id > last` as naive outboxes do, and misses what commits late."""
    await as_owner(
        platform_postgres,
        bed.site.database.name,
        "create table seen_by_cursor (id bigint primary key)",
        "create function copy_id() returns trigger language plpgsql as"
        " $$ begin insert into seen_by_cursor values (new.id); return null; end $$",
        "create function dawdle() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(random() * 0.01); return null; end $$",
        "create trigger copy after insert on outbox for each row execute function copy_id()",
        "create constraint trigger dawdle after insert on outbox deferrable initially deferred"
        " for each row execute function dawdle()",
    )
    broker, read_by_cursor, last = Broker(), 0, 0
    async with bed.database.transaction(SYSTEM) as tx:
        for number in range(_KEYS):
            await sql.execute(tx, "insert into effect (case_id) values ($1)", f"app_{number}")

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(_ROUNDS):
            key = f"app_{chance.randrange(_KEYS)}"
            async with bed.database.transaction(SYSTEM) as tx:
                number = await sql.fetchval(
                    tx, "update effect set number = number + 1 where case_id = $1 returning number", key
                )
                tx.say(noted(key, number))

    async def follow_cursor() -> None:
        nonlocal read_by_cursor, last
        while True:
            rows = await bed.rows("select id from seen_by_cursor where id > $1 order by id", last)
            read_by_cursor += len(rows)
            last = max([last, *(row["id"] for row in rows)])
            await asyncio.sleep(0.001)

    try:
        cursor = asyncio.create_task(follow_cursor())
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(running(bed.database, broker))
            await asyncio.gather(*(write(seed) for seed in range(_WRITERS)))
            await until(lambda: is_empty(bed))
        cursor.cancel()
        left = await bed.rows("select id from seen_by_cursor where id > $1", last)
    finally:
        await as_owner(
            platform_postgres,
            bed.site.database.name,
            "drop function dawdle cascade",
            "drop function copy_id cascade",
            "drop table seen_by_cursor",
        )

    written = await bed.rows("select case_id, number from effect where number > 0")
    assert broker.numbers(bed.runtime.codec) == {row["case_id"]: [*range(1, row["number"] + 1)] for row in written}
    assert sum(row["number"] for row in written) == _WRITERS * _ROUNDS
    assert read_by_cursor + len(left) < _WRITERS * _ROUNDS, (
        "the control missed nothing: the writers are not slow enough"
    )


async def test_a_bucket_has_one_publisher_and_the_next_takes_over_when_its_connection_dies(
    bed: TestBed, superuser: asyncpg.Connection
) -> None:
    first, second = Broker(), Broker()
    first.answers.clear()
    other = another_process(bed.database)
    await other.open()
    try:
        async with running(bed.database, first):
            await until(lambda: all_held(superuser))
            (owner,) = await lock_holders(superuser)
            async with running(other, second) as standby:
                await say(bed, *(noted(f"app_{number}") for number in range(40)))
                await until(standby.is_caught_up.wait)
                assert await lock_holders(superuser) == {owner: BUCKETS}
                assert second.log == []

                await superuser.fetch("select pg_terminate_backend($1)", owner)
                await until(lambda: is_empty(bed))

                assert sorted(record.key for record in second.log) == sorted(f"app_{number}" for number in range(40))
                assert first.log == []
                first.answers.set()
    finally:
        await other.close()


async def all_held(superuser: asyncpg.Connection) -> bool:
    return sum((await lock_holders(superuser)).values()) == BUCKETS


async def test_two_publishers_share_no_bucket(bed: TestBed, superuser: asyncpg.Connection) -> None:
    """Half of the buckets are kept from the first; the second gets exactly those."""
    await superuser.fetch("select pg_advisory_lock(7001, n) from generate_series(0, 7) n")
    first, second = Broker(), Broker()
    async with running(bed.database, first) as one:
        await until(one.is_caught_up.wait)
        one_pid = next(
            pid for pid, held in (await lock_holders(superuser)).items() if pid != superuser.get_server_pid()
        )
        async with running(bed.database, second) as two:
            await until(two.is_caught_up.wait)
            await superuser.fetch("select pg_advisory_unlock_all()")
            one.wake()
            two.wake()
            await until(lambda: all_held(superuser))
            await say(bed, *(noted(f"app_{number}", turn) for turn in (1, 2) for number in range(60)))
            await until(lambda: is_empty(bed))
            holders = await lock_holders(superuser)

    assert sum(holders.values()) == BUCKETS
    assert holders[one_pid] >= 8
    numbers = [broker.numbers(bed.runtime.codec) for broker in (first, second)]
    assert numbers[0].keys().isdisjoint(numbers[1])
    assert {**numbers[0], **numbers[1]} == {f"app_{number}": [1, 2] for number in range(60)}


async def test_a_broker_that_is_away_is_waited_for(bed: TestBed) -> None:
    broker = Broker()
    broker.is_away = True
    async with running(bed.database, broker) as relay:
        await say(bed, noted("app_1", 1), noted("app_1", 2))
        await until(lambda: was_asked(broker, 3))
        assert not relay.is_caught_up.is_set()
        assert not await is_empty(bed)
        broker.is_away = False
        await until(lambda: is_empty(bed))
        await until(relay.is_caught_up.wait)

    assert broker.numbers(bed.runtime.codec) == {"app_1": [1, 2]}


async def was_asked(broker: Broker, times: int) -> bool:
    return broker.asked >= times


async def test_a_refused_key_is_set_aside_while_all_others_flow(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_AGAIN_S", 0.05)
    monkeypatch.setattr(relay_module, "_SWEEP_S", 0.05)
    broker = Broker()
    broker.refused = {"app_1"}
    async with running(bed.database, broker) as relay:
        await say(bed, noted("app_1", 1), noted("app_2", 1), noted("app_1", 2), noted("app_2", 2))
        await say(bed, noted("app_1", 3), noted("app_3", 1))
        await until(lambda: only_left(bed, "app_1"))
        assert broker.numbers(bed.runtime.codec) == {"app_2": [1, 2], "app_3": [1]}
        assert not relay.is_caught_up.is_set()

        broker.refused.clear()
        await until(lambda: is_empty(bed))
        await until(relay.is_caught_up.wait)

    assert broker.numbers(bed.runtime.codec)["app_1"] == [1, 2, 3]


async def only_left(bed: TestBed, key: str) -> bool:
    return {row["key"] for row in await bed.rows("select key from outbox")} == {key}


async def test_the_outbox_stays_as_small_as_what_waits_in_it(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_TIDY_AFTER", 100)
    sizes: list[int] = []
    async with running(bed.database, Broker()) as relay:
        for number in range(12):
            await say(bed, *(noted(f"app_{one}", number, filler="x" * 2_000) for one in range(100)))
            await until(lambda: is_empty(bed))
            await until(relay.is_caught_up.wait)
            (row,) = await bed.rows("select pg_table_size('outbox') as size")
            sizes.append(row["size"])

    assert sizes[-1] <= 3 * sizes[0]


async def test_a_commit_in_another_process_wakes_the_publisher(
    bed: TestBed, monkeypatch: pytest.MonkeyPatch, superuser: asyncpg.Connection
) -> None:
    monkeypatch.setattr(relay_module, "_SWEEP_S", 3600.0)
    broker, other = Broker(), another_process(bed.database)
    await other.open()
    try:
        async with running(bed.database, broker) as relay:
            await until(relay.is_caught_up.wait)
            async with other.transaction(SYSTEM) as tx:
                tx.say(noted("app_1"))
            await until(lambda: is_empty(bed))
    finally:
        await other.close()

    assert [record.key for record in broker.log] == ["app_1"]


async def test_nobody_is_notified_of_what_this_process_does_itself(bed: TestBed, superuser: asyncpg.Connection) -> None:
    """While it owns all buckets; once its connection is gone, whoever takes over is told again."""
    heard: list[str] = []
    await superuser.add_listener("hedui", lambda *notice: heard.append(str(notice[3])))
    bed.runtime.relay = Relay(bed.database, Broker(), bed.runtime._dispatch)  # type: ignore[arg-type]
    task = asyncio.create_task(bed.runtime.relay.run())
    await bed.runtime.relay.is_caught_up.wait()

    await say(bed, noted("app_1"))
    await until(lambda: is_empty(bed))
    task.cancel()
    await asyncio.wait({task})
    await say(bed, noted("app_2"))
    await superuser.fetch("select 1")

    assert heard == ["outbox"]


async def test_a_cancellation_that_comes_with_a_wake_up_is_not_lost(bed: TestBed) -> None:
    relay = Relay(bed.database, Broker(), lambda wakes: None)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    await relay.is_caught_up.wait()

    relay.wake()
    task.cancel()
    await asyncio.wait({task}, timeout=10)

    assert task.cancelled()


async def test_a_process_told_to_end_publishes_what_it_has_said(bed: TestBed) -> None:
    broker = Broker()
    broker.answers.clear()
    runtime = Runtime(bed.runtime.service, bed.site)
    runtime.speaker = broker  # type: ignore[assignment]
    runtime.relay = Relay(runtime.database, runtime.speaker, runtime._dispatch)
    runtime.start()
    await until(lambda: is_ready(runtime))
    async with runtime.database.transaction(SYSTEM) as tx:
        tx.say(noted("app_1"))
    await until(lambda: was_asked(broker, 1))

    stopping = asyncio.create_task(runtime.stop())
    await asyncio.sleep(0)
    broker.answers.set()
    await stopping

    assert await is_empty(bed)
    assert [record.key for record in broker.log] == ["app_1"]


async def is_ready(runtime: Runtime) -> bool:
    return not runtime.missing
