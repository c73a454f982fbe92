"""Leaves of rosters this process has verified. Addressed by the content hash, so what is remembered cannot be wrong."""

from __future__ import annotations

from collections import OrderedDict


class KnownLeaves:
    """At most so many rosters, the longest unused forgotten first."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._by_hash: OrderedDict[bytes, bytes] = OrderedDict()

    def of(self, content_hash: bytes) -> bytes | None:
        leaves = self._by_hash.get(content_hash)
        if leaves is not None:
            self._by_hash.move_to_end(content_hash)
        return leaves

    def learn(self, content_hash: bytes, leaves: bytes) -> None:
        self._by_hash[content_hash] = leaves
        while len(self._by_hash) > self._most:
            self._by_hash.popitem(last=False)
