"""Where faults are made: the platform, the doors in front of its servers, and the simulator's own switches."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import KafkaException

from deploy.local import kernel
from deploy.local.keeper import StartFailed
from deploy.local.platform import LocalPlatform
from deploy.local.postgres import PostgresFailed
from tests.chaos.proxy import Door

_SOON_S = 60.0
"""How long something that was killed may take to be ready again, even on a busy machine."""
_STARTS = 3
_SETTLED_S = 9.0
"""A process killed sooner than this after its start would be started again only after a pause that grows."""


@dataclass
class Stage:
    """The platform of one run, and what stands between its parts."""

    platform: LocalPlatform
    doors: dict[str, Door]
    client: httpx.AsyncClient
    born: dict[str, float] = field(default_factory=dict)
    """When each process was last seen to be ready after a start."""

    async def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Ends a process by a signal and waits until its supervisor has brought it back."""
        before = self.platform.processes().get(name)
        if before is None:
            return
        self.born[name] = time.monotonic() + _SOON_S
        kernel.send_signal(before, number)
        await self.await_ready(name, before)
        self.born[name] = time.monotonic()

    async def await_ready(self, name: str, not_this: kernel.Identity | None = None) -> None:
        limit = time.monotonic() + _SOON_S
        while time.monotonic() < limit:
            await asyncio.sleep(0.25)
            now = self.platform.processes().get(name)
            if now is not None and now != not_this and await asyncio.to_thread(self.platform.is_ready, name):
                return

    async def cut_power(self) -> None:
        """Ends every process at one instant, their supervisor among them, and starts the platform again."""
        for identity in self.platform.processes().values():
            kernel.send_signal(identity, signal.SIGKILL)
        # Whoever calls this off does not leave the house dark.
        await asyncio.shield(asyncio.create_task(self.light()))

    async def light(self) -> None:
        """Starts what does not run; raises `StartFailed` when it will not start for the third time."""
        for number in range(_STARTS, 0, -1):
            try:
                await asyncio.to_thread(self.platform.start)
            except (StartFailed, PostgresFailed, KafkaException, TimeoutError):
                if number == 1:
                    raise
            else:
                break
        self.born |= dict.fromkeys(self.platform.processes(), time.monotonic())

    def may_be_killed(self, name: str) -> bool:
        return time.monotonic() - self.born.get(name, 0.0) > _SETTLED_S and name in self.platform.processes()

    async def pause(self, name: str, seconds: float) -> None:
        """Holds a process and all its children, as an overloaded machine would, and lets them go on."""
        first = self.platform.processes().get(name)
        if first is None:
            return
        held = [first, *_descendants(first.pid)]
        try:
            for one in held:
                kernel.send_signal(one, signal.SIGSTOP)
            await asyncio.sleep(seconds)
        finally:
            for one in held:
                kernel.send_signal(one, signal.SIGCONT)

    async def put(self, path: str, wanted: dict[str, Any]) -> None:
        """Sets a fault of the simulator; one that is away has faults enough."""
        with suppress(httpx.TransportError):
            await self.client.put(self._simulator(path), json=wanted, headers=self.admin_headers(), timeout=3)

    async def mend_outside(self) -> None:
        """No fault at agencies, bank and treasury but those built in. Until the simulator has heard it."""
        for path in ("/admin/faults", "/admin/money/faults"):
            while True:
                with suppress(httpx.TransportError):
                    answer = await self.client.delete(self._simulator(path), headers=self.admin_headers(), timeout=3)
                    if answer.is_success:
                        break
                await asyncio.sleep(0.2)

    async def outside(self, path: str, **query: str) -> Any:
        """What the simulator's admin token opens."""
        answer = await self.client.get(self._simulator(path), params=query, headers=self.admin_headers(), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def admin_headers(self) -> dict[str, str]:
        secret = json.loads(self.platform.site_file("simulator").read_text())["admin_token"]
        return {"X-Simulator-Admin": secret}

    def _simulator(self, path: str) -> str:
        return f"{self.platform.url('simulator')}{path}"


def _descendants(pid: int) -> list[kernel.Identity]:
    found: list[kernel.Identity] = []
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            identity = kernel.identify(int(child))
            if identity is not None:
                found += [identity, *_descendants(identity.pid)]
    return found
