"""One service on a real PostgreSQL database of its own, without Kafka: what a service test stands on."""

from __future__ import annotations

import asyncio
import base64
import fcntl
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from chassis.callers import Caller, System
from chassis.migrating import migrate
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.site import DatabaseSite, KafkaSite, KeySite, KeysSite, Site, TokensSite, TopicSite
from chassis.transaction import Database
from chassis.wire import Event, Record
from deploy.local.platform import LocalPlatform
from deploy.local.postgres import grants, roles
from deploy.map import read_map

ROOT = Path(__file__).resolve().parents[1]
OFFICE = "cn/2307/230799/230799001/"
"""The demo township of Yichun's fictional county."""


def key(name: str) -> str:
    """A fixed key of 32 bytes for tests, base64."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def site_of(
    platform: LocalPlatform, service: str, database: str, var: Path, options: dict[str, Any] | None = None
) -> Site:
    """A site file's content for a test process. Nothing listens on its Kafka address."""
    topics = {
        name: TopicSite(partitions=topic.partitions, speaker=name.split(".")[0], listeners=list(topic.listeners))
        for name, topic in read_map().topics.items()
    }
    return Site(
        service=service,
        host="127.0.0.1",
        port=0,
        local=True,
        database=DatabaseSite(
            host="127.0.0.1",
            port=platform.ports["postgres"],
            name=database,
            user=service,
            password=platform.secrets.password(f"postgres-{service}"),
        ),
        kafka=KafkaSite(bootstrap="127.0.0.1:1", user=service, password="none"),
        topics=topics,
        keys=KeysSite(
            rest=KeySite(active="r1", keys={"r1": key(f"rest-{service}")}),
            index=key(f"index-{service}"),
            cursor=key(f"cursor-{service}"),
            wire={name: KeySite(active="w1", keys={"w1": key(f"wire-{name}")}) for name in topics},
            person=key("person"),
            sign=key("sign"),
        ),
        tokens=TokensSite(issuer="https://issuer.hedui.invalid", audience="hedui", jwks_file=var / "jwks.json"),
        clock_file=var / "clock.json",
        anchor_file=var / "anchors.jsonl",
        policies=ROOT / "policies",
        options=options or {},
    )


def fresh_database(platform: LocalPlatform, service: str) -> str:
    """A database of the service's newest shape, copied from a template that is migrated once per shape."""
    files = sorted(
        (
            *ROOT.glob("chassis/migrations/**/*.py"),
            *ROOT.glob(f"services/{service}/migrations/*.py"),
            ROOT / "chassis/tables.py",
        )
    )
    shape = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    template, port = f"shape_{service}_{shape}", platform.ports["postgres"]
    with (platform.var / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = platform.postgres.sql(port, "select datname from pg_database").split()
        if template not in known:
            making = f"{template}_making"
            platform.postgres.sql(port, f"drop database if exists {making} with (force);")
            platform.postgres.sql(port, f"create database {making} owner {service}_owner;")
            platform.postgres.sql(port, grants(service), database=making)
            owner = roles(service)[1]
            migrate(
                service,
                DatabaseSite(
                    host="127.0.0.1",
                    port=port,
                    name=making,
                    user=owner,
                    password=platform.secrets.password(f"postgres-{owner}"),
                ),
            )
            platform.postgres.sql(port, f"alter database {making} rename to {template};")
        name = f"test_{service}_{os.getpid()}_{secrets.token_hex(4)}"
        platform.postgres.sql(
            port, f"create database {name} template {template} owner {service}_owner strategy file_copy;"
        )
    return name


class TestBed:
    """A service's runtime with its database open and nothing else started: doors, use cases and handlers."""

    __test__ = False

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.database: Database = runtime.database
        self.site = runtime.site

    def client(self, **headers: str) -> httpx.AsyncClient:
        """An HTTP client at the service's doors, no socket between."""
        from chassis.run import asgi_app

        app = asgi_app(self.runtime.service, self.runtime)
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hedui.test", headers=headers)

    async def hear(self, *events: Event) -> None:
        """Let events take effect as if they came from their topics."""
        await self.runtime.consumer.take([self.runtime.codec.encode(event, "") for event in events])

    async def hear_records(self, records: Sequence[Record]) -> None:
        await self.runtime.consumer.take(records)

    async def said(self) -> list[Event]:
        """What stands in the outbox, decoded, in order."""
        rows = await self.rows(
            "select topic, key, partition, event_id, type, version, trace, value from outbox order by id"
        )
        events = [self.runtime.codec.decode(Record(**{**row, "event_id": str(row["event_id"])})) for row in rows]
        return [event for event in events if event is not None]

    async def rows(self, query: str, *values: Any, caller: Caller | None = None) -> list[dict[str, Any]]:
        """Rows as the service's own role sees them, on the whole range unless a caller is given."""
        async with self.database.transaction(caller or System(self.runtime.service.name)) as tx:
            return [dict(row) for row in await tx.connection.fetch(query, *values)]


@asynccontextmanager
async def testbed(
    platform: LocalPlatform, service: Service, var: Path, options: dict[str, Any] | None = None
) -> AsyncIterator[TestBed]:
    """The service on a fresh database, which is dropped afterwards."""
    name = await asyncio.to_thread(fresh_database, platform, service.name)
    runtime = Runtime(service, site_of(platform, service.name, name, var, options))
    await runtime.database.open()
    try:
        yield TestBed(runtime)
    finally:
        await runtime.shelf.aclose()
        await runtime.database.close()
        admin = await asyncpg.connect(platform.admin_dsn())
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


testbed.__test__ = False  # type: ignore[attr-defined]
