"""What runs now, where, and whether it does its work."""

import os
import time
from dataclasses import asdict, dataclass
from typing import Any

from deploy.local import clock
from deploy.local.keeper import SUPERVISOR
from deploy.local.platform import LocalPlatform


@dataclass(frozen=True, slots=True)
class Row:
    """One process: `state` is "ready", "starting" (it lives, but does not answer yet) or "down"."""

    name: str
    state: str
    pid: int | None
    port: int | None
    seconds: int | None
    log: str


def rows(platform: LocalPlatform) -> list[Row]:
    """The supervisor and every process of the map, in the order of their start."""
    living = platform.processes()
    found = []
    for name in [SUPERVISOR, "postgres", "kafka", "simulator", *platform.map.services]:
        identity = living.get(name)
        state = "down"
        if identity is not None:
            state = "ready" if name == SUPERVISOR or platform.is_ready(name) else "starting"
        found.append(
            Row(
                name=name,
                state=state,
                pid=identity.pid if identity else None,
                port=None if name == SUPERVISOR else platform.ports[name],
                seconds=_age_s(identity.start_ticks) if identity else None,
                log=str(platform.layout.log_file(name)),
            )
        )
    return found


def document(platform: LocalPlatform) -> dict[str, Any]:
    """The same for programs, with the business clock and the topics of the map."""
    return {
        "processes": [asdict(row) for row in rows(platform)],
        "topics": {name: topic.partitions for name, topic in platform.map.topics.items()},
        "clock": {"offset_s": clock.offset_s(platform.layout), "now": clock.now(platform.layout).isoformat()},
        "note": platform.postgres.note,
    }


def _age_s(start_ticks: int) -> int:
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) - start_ticks / os.sysconf("SC_CLK_TCK"))
