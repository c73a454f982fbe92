"""The traps of the broker and its client, each stepped into on the real one."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import MessageSizeTooLargeError, OutOfOrderSequenceNumber

from chassis import listener as listener_module
from chassis import relay as relay_module
from chassis import runtime as runtime_module
from chassis import sql
from chassis.kafka import Outcome, Speaker, TopicsMissing
from chassis.listener import Listener, TwinAlive
from chassis.relay import Relay
from chassis.service import Service
from chassis.transaction import Transaction
from chassis.wire import Record
from deploy.local.platform import LocalPlatform
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import NAME, SYSTEM, Noted, noted
from tests.service.chassis.topics import drop_topics, kafka_site, make_topic, noted_on, numbers_on, set_on_topic
from tests.service.chassis.waiting import until
from tests.testbed import TestBed

Make = Callable[..., Awaitable[str]]


@pytest.fixture
async def make(platform_kafka: LocalPlatform) -> AsyncIterator[Make]:
    """Makes topics, which are dropped afterwards."""
    made: list[str] = []

    async def make_one(partitions: int = 1, **config: str) -> str:
        topic = f"payments.t{secrets.token_hex(6)}"
        await make_topic(
            platform_kafka, topic, partitions, {name.replace("_", "."): value for name, value in config.items()}
        )
        made.append(topic)
        return topic

    yield make_one
    await drop_topics(platform_kafka, made)


@pytest.fixture
async def speaker(platform_kafka: LocalPlatform) -> AsyncIterator[Speaker]:
    speaker = Speaker(kafka_site(platform_kafka), "test-speaker")
    yield speaker
    await speaker.stop()


def note(topic: str, key: str, number: int, filler: str = "") -> Record:
    event = noted(key, number, filler, noted_on(topic))
    return Record(topic, key, None, event.event_id, event.name, 1, "", msgspec.json.encode(event))


@asynccontextmanager
async def publishing(bed: TestBed, speaker: Speaker) -> AsyncIterator[Relay]:
    relay = Relay(bed.database, speaker, lambda wakes: relay.wake())
    bed.database.on_commit = lambda wakes: relay.wake()
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def is_empty(bed: TestBed) -> bool:
    return not await bed.rows("select 1 from outbox limit 1")


async def test_a_refusal_poisons_a_producer_for_ever(make: Make, speaker: Speaker) -> None:
    """The control: why a refused producer is thrown away."""
    topic = await make(max_message_bytes="4000")
    producer = await speaker._ready()
    await producer.send_and_wait(topic, b"good")

    with pytest.raises(MessageSizeTooLargeError):
        await producer.send_and_wait(topic, secrets.token_bytes(20_000))
    for _ in range(2):
        with pytest.raises(OutOfOrderSequenceNumber):
            await producer.send_and_wait(topic, b"good")


async def test_a_refusal_of_the_first_batch_lets_the_second_pass(make: Make, speaker: Speaker) -> None:
    """The control: why no record is handed over before the one before it of its key is on the topic."""
    topic = await make(max_message_bytes="4000")
    producer = await speaker._ready()

    with pytest.raises(MessageSizeTooLargeError):
        await producer.send_and_wait(topic, secrets.token_bytes(20_000))
    await producer.send_and_wait(topic, b"good")


async def test_nothing_passes_a_refused_record_of_its_key(
    make: Make, speaker: Speaker, platform_kafka: LocalPlatform
) -> None:
    """It is as large as a whole batch of the producer, so that what follows it travels in the next one."""
    topic = await make(max_message_bytes="4000")
    too_large = note(topic, "app_1", 1, secrets.token_hex(80_000))

    outcomes = await speaker.send([too_large, note(topic, "app_1", 2), note(topic, "app_1", 3)])
    await speaker.send([note(topic, "app_2", 1)])

    assert outcomes[0] is Outcome.REFUSED
    assert Outcome.SENT not in outcomes
    assert await numbers_on(platform_kafka, topic, 1) == {"app_2": [1]}


async def test_a_poisoned_producer_is_rebuilt_and_the_outbox_sent_again_in_order(
    make: Make, speaker: Speaker, open_bed: Open, platform_kafka: LocalPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "_AGAIN_S", 0.2)
    monkeypatch.setattr(relay_module, "_SWEEP_S", 0.1)
    topic = await make(max_message_bytes="9000")
    here = noted_on(topic)
    bed = await open_bed(Service(name=NAME, says=(here,)))

    async def say(key: str, number: int, filler: str = "") -> None:
        async with bed.database.transaction(SYSTEM) as tx:
            tx.say(noted(key, number, filler, here))

    await say("app_1", 1)
    await say("app_2", 1)
    await say("poison", 1, secrets.token_hex(20_000))
    for number in (2, 3):
        for key in ("app_1", "poison", "app_2"):
            await say(key, number)

    async def only_poison_is_left() -> bool:
        return {row["key"] for row in await bed.rows("select key from outbox")} == {"poison"}

    async with publishing(bed, speaker):
        await until(only_poison_is_left)
        await say("app_3", 1)
        await until(only_poison_is_left)
        before = await numbers_on(platform_kafka, topic, 1)
        await set_on_topic(platform_kafka, topic, "max.message.bytes", "200000")
        await until(lambda: is_empty(bed))

    assert before == {"app_1": [1, 2, 3], "app_2": [1, 2, 3], "app_3": [1]}
    assert await numbers_on(platform_kafka, topic, 1) == before | {"poison": [1, 2, 3]}


async def test_one_ordered_sender_keeps_each_keys_order_under_concurrency(
    make: Make, speaker: Speaker, open_bed: Open, platform_kafka: LocalPlatform
) -> None:
    """Long notes from eight writers: the producer's batches fill up while more comes in."""
    topic = await make(partitions=2)
    here = noted_on(topic)
    bed = await open_bed(Service(name=NAME, says=(here,)))
    async with bed.database.transaction(SYSTEM) as tx:
        await sql.execute(tx, "insert into effect (case_id) select 'app_' || n from generate_series(0, 5) n")

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(15):
            async with bed.database.transaction(SYSTEM) as tx:
                key = f"app_{chance.randrange(6)}"
                last = await sql.fetchval(
                    tx, "update effect set number = number + 5 where case_id = $1 returning number", key
                )
                for number in range(last - 4, last + 1):
                    tx.say(noted(key, number, "x" * 3_000, here))

    async with publishing(bed, speaker):
        await asyncio.gather(*(write(seed) for seed in range(8)))
        await until(lambda: is_empty(bed))

    written = await bed.rows("select case_id, number from effect")
    assert sum(row["number"] for row in written) == 8 * 15 * 5
    assert await numbers_on(platform_kafka, topic, 2) == {
        row["case_id"]: [*range(1, row["number"] + 1)] for row in written if row["number"]
    }


class Mortal(Listener):
    """Dies at every second commit: the database has committed, the offsets have not."""

    commits = 0

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        Mortal.commits += 1
        if Mortal.commits % 2 and Mortal.commits < 10:
            raise asyncio.CancelledError
        await super().commit(offsets)


async def test_deaths_between_effect_and_commit_skip_nothing_and_double_nothing(
    make: Make, speaker: Speaker, open_bed: Open, platform_kafka: LocalPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await make(partitions=4)
    taken = 0

    async def effect(tx: Transaction, facts: list[Noted], *, now: datetime) -> None:
        nonlocal taken
        taken += len(facts)
        await sql.execute(
            tx,
            "insert into effect (case_id, number) select * from unnest($1::text[], $2::int[])",
            [fact.case_id for fact in facts],
            [fact.number for fact in facts],
        )

    bed = await open_bed(Service(name=NAME, hears={noted_on(topic): effect}))
    await speaker.send([note(topic, f"app_{number % 20}", number // 20) for number in range(200)])
    monkeypatch.setattr(Mortal, "commits", 0)
    lives = 0

    async def live() -> None:
        nonlocal lives
        listener = Mortal(kafka_site(platform_kafka), f"payments-{topic}", "one", [topic], batch=30)
        lives += 1
        try:
            await bed.runtime.consumer.run(listener)
        finally:
            await listener.stop()

    while Mortal.commits < 9:
        await asyncio.wait({asyncio.create_task(live())})
    last_life = asyncio.create_task(live())
    await speaker.send([note(topic, "last", 0)])
    await until(lambda: all_taken(bed, 201))
    last_life.cancel()
    await asyncio.wait({last_life})

    heard: dict[str, list[int]] = {}
    for row in await bed.rows("select case_id, number from effect order by id"):
        heard.setdefault(row["case_id"], []).append(row["number"])
    assert heard.pop("last") == [0]
    assert heard == {f"app_{number}": [*range(10)] for number in range(20)}
    assert lives == 6
    assert taken == 201, "the inbox let every event through to the handler once, though records came again"


async def all_taken(bed: TestBed, number: int) -> bool:
    return len(await bed.rows("select 1 from effect")) == number


@asynccontextmanager
async def polling(platform: LocalPlatform, topic: str, instance: str) -> AsyncIterator[Listener]:
    """A member of the topic's group that polls without end and never commits."""
    listener = Listener(kafka_site(platform), f"payments-{topic}", instance, [topic], batch=10)

    async def poll() -> None:
        while True:
            await listener.next()

    await listener.start()
    task = asyncio.create_task(poll())
    try:
        yield listener
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await listener.stop()


def share(listener: Listener) -> list[TopicPartition]:
    return sorted(listener._consumer.assignment())


def generation(listener: Listener) -> int:
    return int(listener._consumer._coordinator.generation)


async def test_a_member_that_died_is_back_in_its_place_and_nobody_else_moves(
    make: Make, platform_kafka: LocalPlatform
) -> None:
    """The group's generation does not change: no rebalance took place, neither at the death nor at the return."""
    topic = await make(partitions=4)

    async with polling(platform_kafka, topic, "b") as other:
        async with polling(platform_kafka, topic, "a") as dying:
            await until(lambda: shared_evenly(dying, other))
            before = share(dying), share(other), generation(other)
        async with polling(platform_kafka, topic, "a") as risen:
            await until(lambda: is_joined(risen))
            assert (share(risen), share(other), generation(other)) == before
            assert generation(risen) == before[2]


async def shared_evenly(*listeners: Listener) -> bool:
    return {len(share(listener)) for listener in listeners} == {2}


async def is_joined(listener: Listener) -> bool:
    return listener.is_joined


async def test_a_commit_that_comes_after_a_rebalance_is_harmless(
    make: Make, speaker: Speaker, platform_kafka: LocalPlatform
) -> None:
    topic = await make(partitions=4)
    await speaker.send([replace(note(topic, "app_1", number), partition=number % 4) for number in range(40)])
    late = Listener(kafka_site(platform_kafka), f"payments-{topic}", "late", [topic], batch=100)
    await late.start()
    offsets: dict[TopicPartition, int] = {}
    while len(offsets) < 4:
        _, more = await late.next()
        offsets |= more
    assert all(offset <= 10 for offset in offsets.values())

    async with polling(platform_kafka, topic, "other") as other:
        await until(lambda: has_share(other))
        await late.commit(offsets)
        await late.stop()


async def has_share(listener: Listener) -> bool:
    return bool(share(listener))


async def test_a_missing_topic_is_told_at_once(make: Make, speaker: Speaker, platform_kafka: LocalPlatform) -> None:
    topic = await make()
    listener = Listener(kafka_site(platform_kafka), "payments-missing", "one", [topic, "payments.nowhere"], batch=1)

    with pytest.raises(TopicsMissing, match=r"payments\.nowhere;"):
        await listener.start()
    with pytest.raises(TopicsMissing, match=r"payments\.nowhere;"):
        await speaker.start([topic, "payments.nowhere"])
    await speaker.start([topic])
    await listener.stop()


@pytest.mark.parametrize("error", [TopicsMissing({"payments.nowhere"}), TwinAlive()])
async def test_what_no_retry_can_mend_ends_the_process(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended(code)

    async def run() -> None:
        raise error

    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(Ended) as ended:
        await runtime_module._kept("part", run)

    assert ended.value.args == (3,)


@pytest.mark.parametrize("at_once", [True, False])
async def test_two_live_processes_of_one_name_are_noticed(
    make: Make, platform_kafka: LocalPlatform, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setattr(listener_module, "_MOST_ASSIGNMENTS", 3)
    topic = await make()
    twins = [Listener(kafka_site(platform_kafka), f"payments-{topic}", "same", [topic], batch=1) for _ in range(2)]

    async def poll(listener: Listener) -> None:
        await listener.start()
        while True:
            await listener.next()

    tasks = [asyncio.create_task(poll(twins[0]))]
    if not at_once:
        await until(lambda: is_joined(twins[0]))
    tasks.append(asyncio.create_task(poll(twins[1])))
    ended, living = await asyncio.wait(tasks, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    for task in living:
        task.cancel()
    await asyncio.wait(tasks)
    for twin in twins:
        await twin.stop()

    assert [type(task.exception()) for task in ended] == [TwinAlive]
