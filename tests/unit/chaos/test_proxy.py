"""The door between a service and a server hurts the network in just the way that was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.chaos.proxy import Door

_SOON_S = 10.0
_NOT_SO_SOON_S = 0.2


class Echo:
    """A server that says back what it is told."""

    def __init__(self) -> None:
        self.heard = 0
        self.ended = asyncio.Event()

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._answer, "127.0.0.1", 0)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while told := await reader.read(100):
                self.heard += len(told)
                writer.write(told)
        except ConnectionError:
            pass
        finally:
            self.ended.set()
            writer.close()


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def door(echo: Echo) -> AsyncIterator[Door]:
    server = await echo.serve()
    port = server.sockets[0].getsockname()[1]
    door = Door(lambda: port)
    yield door
    await door.close()
    server.close()


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, text: bytes) -> bytes:
        self.writer.write(text)
        async with asyncio.timeout(_SOON_S):
            return await self.reader.readexactly(len(text))

    async def hears_nothing_of(self, text: bytes) -> bool:
        self.writer.write(text)
        try:
            async with asyncio.timeout(_NOT_SO_SOON_S):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


async def call(port: int) -> Caller:
    return Caller(*await asyncio.open_connection("127.0.0.1", port))


async def test_what_is_said_comes_through_both_ways(door: Door) -> None:
    caller = await call(await door.open())
    assert await caller.ask(b"good day") == b"good day"


async def test_a_cut_resets_what_stands_and_refuses_what_comes_until_mended(door: Door, echo: Echo) -> None:
    port = await door.open()
    caller = await call(port)
    await caller.ask(b"a")
    door.cut()
    with pytest.raises(ConnectionError):
        await caller.ask(b"b")
    async with asyncio.timeout(_SOON_S):
        await echo.ended.wait()
    refused = await call(port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await refused.ask(b"c")
    door.mend()
    assert await (await call(port)).ask(b"d") == b"d"
    assert echo.heard == 2


async def test_a_black_hole_tells_nobody_anything_and_gives_up_what_it_swallowed(door: Door, echo: Echo) -> None:
    port = await door.open()
    before = await call(port)
    await before.ask(b"a")
    door.hole()
    within = await call(port)
    assert await before.hears_nothing_of(b"b")
    assert await within.hears_nothing_of(b"c")
    assert echo.heard == 1
    door.mend()
    async with asyncio.timeout(_SOON_S):
        assert await before.reader.readexactly(1) == b"b"
        assert await within.reader.readexactly(1) == b"c"


async def test_a_forgotten_line_stays_half_open_while_new_ones_work(door: Door, echo: Echo) -> None:
    port = await door.open()
    old = await call(port)
    await old.ask(b"a")
    lines = door.forget()
    assert await old.hears_nothing_of(b"b")
    new = await call(port)
    assert await new.ask(b"c") == b"c"
    door.mend()
    assert await old.hears_nothing_of(b"d")
    assert echo.heard == 2
    assert not echo.ended.is_set()
    door.break_off(lines)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await old.ask(b"e")


async def test_a_slow_road_keeps_the_order(door: Door) -> None:
    caller = await call(await door.open())
    door.delay_s = 0.01
    for number in range(5):
        caller.writer.write(b"%d" % number)
        await caller.writer.drain()
    async with asyncio.timeout(_SOON_S):
        assert await caller.reader.readexactly(5) == b"01234"


async def test_a_server_that_is_away_looks_like_one(echo: Echo) -> None:
    server = await echo.serve()
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    door = Door(lambda: port)
    caller = await call(await door.open())
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await caller.ask(b"a")
    await door.close()
