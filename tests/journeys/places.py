"""Every place where a platform leaves bytes behind: logs, spans, topics, tables, arguments of its processes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg

from deploy.local.platform import LocalPlatform
from tests.journeys import records

Place = tuple[str, bytes]
"""Where, and what stands there."""

_ROWS_AT_ONCE = 2_000
_TABLES = """
select format('%I.%I', schemaname, tablename) as name from pg_tables
where schemaname not in ('pg_catalog', 'information_schema') order by 1
"""


def files(platform: LocalPlatform) -> Iterator[Place]:
    """Logs of every process, exported spans, anchors of the audit trail."""
    for folder in ("log", "traces", "anchors"):
        for file in sorted((platform.var / folder).iterdir()):
            yield f"file {folder}/{file.name}", file.read_bytes()


def topics(platform: LocalPlatform) -> Iterator[Place]:
    """Every record of every topic that the broker knows but its own, decompressed: key, headers, value."""
    names = [name for name in platform.kafka_admin().list_topics(timeout=10).topics if not name.startswith("__")]
    for record in records.read(platform, names):
        pieces = [record.key, *(piece for name, value in record.headers for piece in (name.encode(), value))]
        yield f"topic {record.topic}", b"\n".join(pieces)
        yield f"topic {record.topic}", record.value


async def tables(platform: LocalPlatform) -> AsyncIterator[Place]:
    """Every row of every table of every service, detoasted, written as text by the server: bytea in hexadecimal."""
    for database in platform.map.services:
        connection = await asyncpg.connect(platform.admin_dsn(database))
        try:
            for table in await connection.fetch(_TABLES):
                async with connection.transaction():
                    rows = await connection.cursor(f"select t::text as line from {table['name']} t")
                    while some := await rows.fetch(_ROWS_AT_ONCE):
                        yield f"table {database}.{table['name']}", "\n".join(row["line"] for row in some).encode()
        finally:
            await connection.close()


def arguments(platform: LocalPlatform) -> Iterator[Place]:
    """Command line and environment of every process that descends from the platform's supervisor, or from this one."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    roots = {platform.processes()["supervisor"].pid, os.getpid()}
    for pid in sorted(parents):
        line = [pid]
        while (above := parents.get(line[-1])) is not None:
            line.append(above)
        if roots & set(line[1:]):
            for name in ("cmdline", "environ"):
                yield f"process {name}", _content(Path(f"/proc/{pid}/{name}"))


def _parent(process: Path) -> int | None:
    """None for a process that has just ended."""
    stat = _content(process / "stat")
    return int(stat.rpartition(b")")[2].split()[1]) if stat else None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
