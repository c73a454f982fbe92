"""The platform's business clock: real time plus an offset that only grows."""

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from deploy.local.probes import business_date
from deploy.local.process import Layout, write_private

SEEN_WITHIN_S = 30.0
_BEIJING = timezone(timedelta(hours=8))


class ClockRefused(ValueError):
    """Business time does not go backwards."""


def offset_s(layout: Layout) -> int:
    """Seconds business time is ahead of real time."""
    try:
        return int(json.loads(layout.clock.read_text(encoding="ascii"))["offset_s"])
    except FileNotFoundError:
        return 0


def now(layout: Layout) -> datetime:
    """Business time, in Beijing."""
    return (datetime.now(UTC) + timedelta(seconds=offset_s(layout))).astimezone(_BEIJING)


def forward(layout: Layout, days: int, ports: Iterable[int]) -> datetime:
    """Moves business time forward by whole days; returns the new time once every service on `ports` shows its date.

    Raises `ClockRefused` for days below 1, and `TimeoutError` when a service does not follow.
    """
    if days < 1:
        raise ClockRefused("Business time only goes forward: give a number of days of at least 1.")
    write_private(layout.clock, json.dumps({"offset_s": offset_s(layout) + days * 86_400}))
    reached = now(layout)
    limit = time.monotonic() + SEEN_WITHIN_S
    waiting = set(ports)
    while waiting:
        waiting = {port for port in waiting if (business_date(port) or "") < reached.date().isoformat()}
        if waiting and time.monotonic() > limit:
            raise TimeoutError(f"The services on ports {sorted(waiting)} do not show {reached:%Y-%m-%d}.")
        time.sleep(0.05 if waiting else 0)
    return reached
