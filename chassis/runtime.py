"""A service brought to life in one process: pool, relay, consumer, workers, timers, kept running until told to stop."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Awaitable, Callable

import structlog
from aiokafka.errors import KafkaError

from chassis.allowances import Allowances
from chassis.audit import Anchors, seal_audit
from chassis.away import TRANSIENT
from chassis.clock import Clock
from chassis.consumer import Consumer, problem_of
from chassis.idempotency import forget_old_answers
from chassis.inboxes import forget_old_events
from chassis.kafka import Speaker, TopicsMissing
from chassis.listener import Listener, TwinAlive
from chassis.logs import where
from chassis.relay import Relay
from chassis.sealing import BlindIndex, Keyring, Keys
from chassis.service import Service
from chassis.shelf import Shelf
from chassis.site import Site
from chassis.timers import Every, Timer
from chassis.tokens import Tokens
from chassis.transaction import OUTBOX_WAKE, Database
from chassis.wire import Codec
from chassis.work import Workers

_log = structlog.get_logger(__name__)
_CONSUMER_BATCH = 400
_DRAIN_S = 3.0
_END_S = 6.0
_SHORTEST_PAUSE_S = 0.2
_HEALTHY_S = 30.0
_FATAL = 3
"""Exit code for a fault that a restart by the supervisor, not a retry, must mend."""


class Runtime:
    """Everything behind the doors of one service process."""

    def __init__(self, service: Service, site: Site) -> None:
        self.service = service
        self.site = site
        self.clock = Clock(site.clock_file if site.local else None)
        settings = service.settings.from_site(site)
        self.shelf = Shelf(
            [
                *service.equips(settings),
                Anchors(site.anchor_file),
                Tokens(site.tokens),
                Allowances(site.allowance),
                self.clock,
                site,
            ]
        )
        keys = Keys(
            rest=Keyring.of(site.keys.rest),
            index=BlindIndex(base64.b64decode(site.keys.index)),
            wire={topic: Keyring.of(ring) for topic, ring in site.keys.wire.items()},
        )
        self.codec = Codec(keys.wire, service.says, service.hears)
        self.database = Database(site.database, keys=keys, codec=self.codec, clock=self.clock, shelf=self.shelf)
        self.database.on_commit = self._dispatch
        self.database.is_for_others = self._is_for_others
        self.speaker = Speaker(site.kafka, client_id=service.name)
        self.relay = Relay(self.database, self.speaker, self._dispatch)
        self.consumer = Consumer(service.name, self.database, self.codec, service.hears)
        self.workers = Workers(service.name, service.works, self.database)
        self.database.hands = self.workers.hands
        self.database.take_over = self.workers.take_over
        self.timers = [
            Timer(service.name, handler.__name__, interval, handler, self.database)
            for interval, handler in (
                *service.does.items(),
                (Every(1.0), seal_audit),
                (Every(3600.0), forget_old_answers),
                (Every(3600.0), forget_old_events),
            )
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False

    @property
    def missing(self) -> list[str]:
        """What is not ready yet; empty when the process does its work."""
        return [
            name
            for name, ready in (
                ("database", self._begun),
                ("consumer", not self.service.hears or self.consumer.is_joined),
            )
            if not ready
        ]

    def _dispatch(self, wakes: frozenset[str]) -> None:
        if OUTBOX_WAKE in wakes:
            self.relay.wake()
        for queue in wakes:
            self.workers.wake(queue)

    def _is_for_others(self, wake: str) -> bool:
        return not self.relay.owns_all if wake == OUTBOX_WAKE else wake not in self.service.works

    def start(self) -> None:
        """Begin in the background; the doors answer at once, with 503 until the database is there."""
        self._keep("beginning", self._begin)

    async def _begin(self) -> None:
        await self.database.open()
        self._begun = True
        self._keep("relay", self.relay.run)
        if self.service.says:
            self._keep("speaker", self._meet_broker)
        if self.service.hears:
            self._keep("consumer", self._consume)
        if self.service.works:
            self._keep("workers", self.workers.run)
        for timer in self.timers:
            self._keep("timer", timer.run)

    async def _meet_broker(self) -> None:
        """Once, when the broker is there: a topic that is missing shows at the start, not at the first event."""
        await self.speaker.start({event.topic for event in self.service.says})

    async def _consume(self) -> None:
        instance = f"{self.service.name}-{self.site.port}"
        listener = Listener(self.site.kafka, self.service.name, instance, self.service.topics, batch=_CONSUMER_BATCH)
        try:
            await self.consumer.run(listener)
        finally:
            listener.is_joined = False
            await listener.stop()

    def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(_kept(name, run), name=name))

    async def stop(self) -> None:
        """Stop taking in, finish what is under way within a bound, publish what was said, let go."""
        relay = [task for task in self._tasks if task.get_name() == "relay"]
        await _end([task for task in self._tasks if task not in relay])
        if self._begun:
            self.relay.wake()
            try:
                async with asyncio.timeout(_DRAIN_S):
                    await self.relay.is_caught_up.wait()
            except TimeoutError:
                _log.warning("stopped with events unsent; they stay in the outbox")
        await _end(relay)
        await self.speaker.stop()
        await self.shelf.aclose()
        await self.database.close()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_END_S)


async def _kept(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run until it is done; after a fault, again. What only another process could mend ends this one."""
    pause_s = _SHORTEST_PAUSE_S
    while True:
        begun = time.monotonic()
        try:
            await run()
            return
        except (TopicsMissing, TwinAlive) as hopeless:
            _log.error("cannot run", part=name, problem=str(hopeless))
            os._exit(_FATAL)
        except (KafkaError, OSError, TimeoutError, *TRANSIENT) as away:
            _log.warning("part begins again", part=name, reason=type(away).__name__)
        except Exception as failed:
            _log.error("part failed", part=name, problem=problem_of(failed), where=where(failed))
        if time.monotonic() - begun > _HEALTHY_S:
            pause_s = _SHORTEST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 5.0)
