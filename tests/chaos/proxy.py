"""A door in front of a server, where the network between can be hurt: cut, slowed, or turned into a black hole."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

_CHUNK = 65_536
_ABRUPTLY = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: the other side is told by a reset, not by an orderly end."""


@dataclass(eq=False)
class _Line:
    """One connection through the door."""

    inner: asyncio.StreamWriter
    outer: asyncio.StreamWriter
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: what arrives is kept, and nobody is told anything, not even that the other side has gone."""

    def abort(self) -> None:
        self.flows.set()
        for side in (self.inner, self.outer):
            sock: socket.socket | None = side.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPTLY)
            side.transport.abort()


class Door:
    """Listens on a port of its own and passes everything on to the server's port."""

    def __init__(self, target: Callable[[], int]) -> None:
        """`target` tells the server's port, anew for each connection: a server may come back on another one."""
        self._target = target
        self.delay_s = 0.0
        """How much later each piece arrives, either way."""
        self._is_cut = False
        self._is_hole = False
        self._lines: set[_Line] = set()
        self._takings: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Begin to listen; returns the port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        self.mend()
        if self._server is not None:
            self._server.close()
        self.reset()
        await asyncio.gather(*self._takings, return_exceptions=True)

    def reset(self) -> None:
        """Break every connection that stands, with a reset."""
        for line in list(self._lines):
            line.abort()

    def cut(self) -> None:
        """Break what stands and refuse what comes, until mended."""
        self._is_cut = True
        self.reset()

    def hole(self) -> None:
        """Swallow: connections stand, new ones are taken, nothing arrives, until mended."""
        self._is_hole = True
        for line in self._lines:
            line.flows.clear()

    def forget(self) -> list[_Line]:
        """Turn what stands now into half-open connections for good; new ones work. Returns them, to be broken."""
        lines = list(self._lines)
        for line in lines:
            line.flows.clear()
        return lines

    @staticmethod
    def break_off(lines: list[_Line]) -> None:
        """Tell both sides of these connections at last that they are gone."""
        for line in lines:
            line.abort()

    def mend(self) -> None:
        """The network is as it should be; what was swallowed arrives, but for half-open connections."""
        self._is_cut, self.delay_s = False, 0.0
        if self._is_hole:
            self._is_hole = False
            for line in self._lines:
                line.flows.set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taking = asyncio.current_task()
        assert taking is not None
        self._takings.add(taking)
        taking.add_done_callback(self._takings.discard)
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._target())
        except OSError:
            writer.transport.abort()
            return
        line = _Line(inner, writer)
        if not self._is_hole:
            line.flows.set()
        self._lines.add(line)
        try:
            await asyncio.gather(self._pass(line, reader, inner), self._pass(line, inner_reader, writer))
        finally:
            self._lines.discard(line)
            for side in (inner, writer):
                side.close()

    async def _pass(self, line: _Line, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(_CHUNK):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await line.flows.wait()
                target.write(piece)
                await target.drain()
            await line.flows.wait()
            if target.can_write_eof():
                target.write_eof()
            return
        # One side broke off: so does the other.
        await line.flows.wait()
        line.abort()
