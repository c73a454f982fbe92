"""Whether a healed platform has come to rest, and what still moves where it has not."""

from __future__ import annotations

import asyncio
import time

import asyncpg
from confluent_kafka import KafkaException

from deploy.local.platform import LocalPlatform
from tests.journeys import records

WITHIN_S = 120.0
_LOOK_S = 0.5

_QUESTIONS: dict[str, dict[str, str]] = {
    "intake": {},
    "verification": {
        "checks without a report": "select count(*) from checks where state = 'open'",
    },
    "adapters": {
        "questions open": "select (select count(*) from cell) + (select count(*) from asking)",
    },
    "approval": {
        "certificates due": "select count(*) from cases where state = 'publicity' and has_payee and over_at < $1",
    },
    "payments": {
        "attempts to pay open": "select count(*) from attempts where state in ('due', 'intended')",
        "lines due on rosters being paid": "select count(*) from lines join rosters using (roster_id)"
        " where lines.state = 'due' and rosters.state = 'paying'",
        "reconciliations asked for": "select count(*) from reconciliations where state = 'asked'",
    },
}
_UNSENT = "select count(*) from outbox"


async def unrest(platform: LocalPlatform, business_now: object) -> list[str]:
    """What has not come to rest now; nothing when all has."""
    found: list[str] = []
    for service, questions in _QUESTIONS.items():
        try:
            connection = await asyncpg.connect(platform.admin_dsn(service), timeout=10)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            found.append(f"{service}: no database")
            continue
        try:
            for name, question in {**questions, "events unsent": _UNSENT}.items():
                values = [business_now] if "$1" in question else []
                if left := await connection.fetchval(question, *values):
                    found.append(f"{service}: {left} {name}")
        finally:
            await connection.close()
        try:
            if platform.map.heard_by(service) and (left := await asyncio.to_thread(records.lag, platform, service)):
                found.append(f"{service}: {left} records not yet heard")
        except KafkaException as away:
            found.append(f"{service}: the broker does not answer ({away.args[0].name()})")
    return found


async def come_to_rest(platform: LocalPlatform, business_now: object, within_s: float = WITHIN_S) -> list[str]:
    """Wait until nothing moves, seen twice; what still moved when the time was over."""
    limit = time.monotonic() + within_s
    quiet = 0
    while True:
        left = await unrest(platform, business_now)
        quiet = 0 if left else quiet + 1
        if quiet == 2:
            return []
        if time.monotonic() > limit:
            return left
        await asyncio.sleep(_LOOK_S)
