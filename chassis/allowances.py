"""How much one organisation may ask of one process: a bucket of requests each, so that none crowds out the others.

Counted once the token is verified, for before that nobody knows whose request it is, and before the body is read or the
database asked. Health and metrics belong to nobody and are not counted. Real time: a retry waits in it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from chassis.refusal import Kind, Refusal
from chassis.site import AllowanceSite

_MOST_KEPT = 10_000


class TooManyRequests(Refusal):
    """Nothing was done; the very same request, with the same key, may be sent again after `Retry-After`."""

    kind = Kind.TOO_MANY
    code = "too-many-requests"
    zh = "本机构的请求过于频繁，请按 Retry-After 稍后重试。"
    en = "Too many requests from this organisation; send this one again after Retry-After."


class Allowances:
    """One per process. A bucket is the instant at which it will be full again; one that is full is not remembered."""

    def __init__(self, site: AllowanceSite, *, real_time: Callable[[], float] = time.monotonic) -> None:
        self._each_s = 1.0 / site.requests_per_s
        self._deep_s = site.burst / site.requests_per_s
        self._real_time = real_time
        self._full_at: dict[str, float] = {}

    def spend(self, org: str) -> None:
        """Take one request out of an organisation's bucket; raises TooManyRequests when it is empty."""
        now = self._real_time()
        full_at = self._full_at.get(org)
        if full_at is None:
            if len(self._full_at) >= _MOST_KEPT:
                self._forget(now)
            full_at = now
        after = max(full_at, now) + self._each_s
        if after - now > self._deep_s:
            raise TooManyRequests(retry_after_s=max(1, math.ceil(after - now - self._deep_s)))
        self._full_at[org] = after

    def _forget(self, now: float) -> None:
        """Full buckets go; where all are in use, the fullest half, which costs their owners least."""
        kept = {org: full_at for org, full_at in self._full_at.items() if full_at > now}
        if len(kept) >= _MOST_KEPT:
            emptiest = sorted(kept, key=lambda org: kept[org])[_MOST_KEPT // 2 :]
            kept = {org: kept[org] for org in emptiest}
        self._full_at = kept
