"""What events did to the services that heard them: the answers verification keeps, and the acts in the audit trails."""

from __future__ import annotations

from typing import Any

import asyncpg

from chassis.sealing import Keyring
from chassis.site import Site
from deploy.local.platform import LocalPlatform
from services.verification.store.filing import unfile_replies
from tests.chaos.evidence import AnswerKept, Effect

_ARRIVALS = "select check_id, batch, content from arrivals"
_ACTS = "select act, subject, count(*) as times from audit where role = 'system' group by act, subject"


async def answers_kept(platform: LocalPlatform) -> tuple[AnswerKept, ...]:
    """Every answer as often as it is kept. Opens the seals with verification's own keys and takes out only hashes."""
    site = Site.model_validate_json(platform.site_file("verification").read_text())
    ring = Keyring.of(site.keys.rest)
    found: list[AnswerKept] = []
    for row in await _rows(platform, "verification", _ARRIVALS):
        batch = str(row["batch"])
        content = ring.open(row["content"], f"arrivals.content:{row['check_id']}/{batch}")
        found += [
            AnswerKept(batch, row["check_id"], reply.agency.value, reply.leaf_hash)
            for reply in unfile_replies(content)
            if reply.leaf_hash
        ]
    return tuple(found)


async def effects(platform: LocalPlatform) -> tuple[Effect, ...]:
    """What each service says it did of its own accord."""
    return tuple(
        [
            Effect(service, row["act"], row["subject"], row["times"])
            for service in platform.map.services
            for row in await _rows(platform, service, _ACTS)
        ]
    )


async def _rows(platform: LocalPlatform, service: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(platform.admin_dsn(service))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()
