"""What a connection that breaks under the client must not do: leave it waiting for ever while it looks alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
import uvloop
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionRequest

from chassis import listener as listener_module
from chassis.kafka import Connection
from chassis.listener import Listener
from deploy.local.platform import LocalPlatform
from tests.service.chassis.test_kafka import Make, make
from tests.service.chassis.topics import kafka_site
from tests.service.chassis.waiting import until

__all__ = ["make"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [(Connection, KafkaConnectionError), (Connection.__base__, RuntimeError)],
    ids=["ours", "the library's"],
)
def test_a_write_to_a_connection_that_just_broke_is_told_as_a_broken_connection(
    kind: Callable[..., Any], told: type[Exception]
) -> None:
    """On the loop the services run on; the library's own class lets RuntimeError through, and its tasks die of it."""

    async def write() -> None:
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connection = kind("127.0.0.1", port)
        connection._closed_fut = asyncio.get_running_loop().create_future()
        reading = connection._read_task = asyncio.create_task(asyncio.Event().wait())  # it has not noticed yet
        connection._reader, connection._writer = await asyncio.open_connection("127.0.0.1", port)
        connection._writer.transport.abort()
        with suppress(ConnectionError):
            await connection._writer.wait_closed()
        try:
            with pytest.raises(told):
                connection.send(ApiVersionRequest())
        finally:
            reading.cancel()
            server.close()

    uvloop.run(write())


async def test_every_client_of_a_process_connects_that_way(joined: Listener) -> None:
    assert {type(connection) for connection in joined._consumer._client._conns.values()} == {Connection}


async def test_a_client_whose_upkeep_has_ended_asks_to_be_replaced(joined: Listener) -> None:
    joined._consumer._client._sync_task.cancel()
    await asyncio.wait([joined._consumer._client._sync_task])

    with pytest.raises(KafkaConnectionError):
        await joined.next()


async def test_a_commit_that_finds_nobody_ends(joined: Listener, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "_COMMIT_S", 0.2)
    (topic,) = joined._topics
    joined._consumer._coordinator.coordinator_dead()
    async with joined._consumer._coordinator._coordinator_lookup_lock:
        with pytest.raises(TimeoutError):
            await joined.commit({TopicPartition(topic, 0): 0})


@pytest.fixture
async def joined(make: Make, platform_kafka: LocalPlatform) -> AsyncIterator[Listener]:
    """A member that has its partition."""
    topic = await make()
    listener = Listener(kafka_site(platform_kafka), f"payments-{topic}", "one", [topic], batch=10)
    await listener.start()

    async def has_joined() -> bool:
        await listener.next()
        return listener.is_joined

    await until(has_joined)
    yield listener
    await listener.stop()
