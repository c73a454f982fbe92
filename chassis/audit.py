"""The audit trail's seal: every second the finished records are digested and chained, the head anchored elsewhere.

A chain alone is not enough: who may rewrite the table may recompute it. The anchors, appended to a file outside the
database, are what a rewriter would have to change as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from chassis import sql
from chassis.transaction import Transaction

_FIRST = bytes(32)
_MOST = 20_000
"""Records of one seal, but for a single transaction that has more of its own."""

_ROWS = """
select xid::text as xid, id, at, actor, role, act, subject, office, trace, details from audit
where xid >= $1::text::xid8 and xid < $2::text::xid8 order by xid, id
"""
_LAST = "select seq, high::text as high, head from audit_seal order by seq desc limit 1"
_HIGH = """
with near as (select xid from audit where xid >= $1::text::xid8 order by xid limit 1),
     far as (select xid from audit where xid > (select xid from near) order by xid offset $2 limit 1),
     open as (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
select least(open.xid, coalesce((select xid from far), open.xid))::text from open
"""
_KEEP = """
insert into audit_seal (seq, low, high, records, digest, previous, head, sealed_at)
values ($1, $2::text::xid8, $3::text::xid8, $4, $5, $6, $7, $8)
"""
_SEALS = """
select seq, low::text as low, high::text as high, records, digest, previous, head from audit_seal order by seq
"""


class TrailBroken(Exception):
    """What is anchored is not what the database holds; nothing more is sealed until people have looked."""


@dataclass(frozen=True)
class Seal:
    """One link: the records of all transactions in [low, high), their digest, the head that joins it to the chain."""

    seq: int
    low: str
    high: str
    records: int
    digest: bytes
    previous: bytes

    @property
    def head(self) -> bytes:
        parts = (str(self.seq), self.low, self.high, str(self.records), self.digest.hex(), self.previous.hex())
        return hashlib.sha256("|".join(parts).encode()).digest()


@dataclass(frozen=True)
class Anchor:
    """What the file outside keeps of a seal: enough to make it again, should the database have lost it in a crash."""

    seq: int
    low: str
    high: str
    head: str
    at: str


class Anchors:
    """The file outside the database to which each head is appended, and flushed to disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def append(self, seal: Seal, at: datetime) -> None:
        line = orjson.dumps(asdict(Anchor(seal.seq, seal.low, seal.high, seal.head.hex(), at.isoformat())))
        with self._file.open("ab") as opened:
            # A line broken off by a crash is closed first, so that it does not swallow this one.
            opened.write((b"" if self._ends_whole() else b"\n") + line + b"\n")
            opened.flush()
            os.fsync(opened.fileno())

    def _ends_whole(self) -> bool:
        with self._file.open("rb") as opened:
            if opened.seek(0, os.SEEK_END) == 0:
                return True
            opened.seek(-1, os.SEEK_END)
            return opened.read(1) == b"\n"

    def read(self) -> list[Anchor]:
        """All anchors in the order they were written; a line broken off by a crash is passed over."""
        if not self._file.exists():
            return []
        lines = self._file.read_bytes().splitlines()
        return [Anchor(**orjson.loads(line)) for line in lines if line.endswith(b"}")]

    def last(self) -> Anchor | None:
        """The newest anchor, without reading the whole file."""
        if not self._file.exists():
            return None
        with self._file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - 4096))
            lines = [line for line in opened.read().splitlines() if line.startswith(b"{") and line.endswith(b"}")]
        return Anchor(**orjson.loads(lines[-1])) if lines else None


async def seal_audit(tx: Transaction, *, now: datetime) -> None:
    """Seal what has finished since the last seal; records of transactions still open are left to a later one.

    The anchor is written before the commit. An anchor without its seal is thus a crash, and the very same seal is made
    again from it; where that is not possible, records were changed: TrailBroken.
    """
    anchors = tx.of(Anchors)
    last = await sql.fetchrow(tx, _LAST)
    seq, low, previous = (last["seq"] + 1, last["high"], last["head"]) if last else (1, "0", _FIRST)
    ahead = await asyncio.to_thread(anchors.last)
    if ahead is not None and ahead.seq < seq:
        ahead = None
    high = ahead.high if ahead else await sql.fetchval(tx, _HIGH, low, _MOST)
    rows = await sql.fetch(tx, _ROWS, low, high)
    seal = Seal(seq, low, high, len(rows), digest_of(rows), previous)
    if ahead is None:
        if not rows:
            return
        await asyncio.to_thread(anchors.append, seal, now)
    elif seal.head.hex() != ahead.head:
        raise TrailBroken
    await sql.execute(
        tx, _KEEP, seal.seq, seal.low, seal.high, seal.records, seal.digest, seal.previous, seal.head, now
    )


def digest_of(rows: list[Any]) -> bytes:
    """sha256 over the records' canonical lines, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(orjson.dumps([str(value) for value in row.values()]) + b"\n")
    return digest.digest()


async def verify_audit(tx: Transaction, anchors: Anchors) -> list[str]:
    """What is wrong with the trail; empty when it is whole.

    Recomputes every digest, compares every head with its anchor. One anchor may be ahead of the seals (a crash): then
    the records it spoke of must still give its head.
    """
    wrong: list[str] = []
    anchored: dict[int, Anchor] = {}
    for anchor in anchors.read():
        if anchored.setdefault(anchor.seq, anchor).head != anchor.head:
            wrong.append(f"seal {anchor.seq}: anchored twice, with different heads")
    previous, low, seq = _FIRST, "0", 0
    for row in await sql.fetch(tx, _SEALS):
        seq += 1
        rows = await sql.fetch(tx, _ROWS, row["low"], row["high"])
        seal = Seal(row["seq"], row["low"], row["high"], len(rows), digest_of(rows), row["previous"])
        if row["seq"] != seq or row["previous"] != previous or row["low"] != low:
            wrong.append(f"seal {row['seq']}: the chain does not join")
        if row["digest"] != seal.digest or row["records"] != len(rows):
            wrong.append(f"seal {row['seq']}: records were changed, added or removed")
        known = anchored.get(row["seq"])
        if row["head"] != seal.head or known is None or known.head != seal.head.hex():
            wrong.append(f"seal {row['seq']}: the head is not the anchored one")
        previous, low = row["head"], row["high"]
    ahead = [anchor for number, anchor in anchored.items() if number > seq]
    if ahead:
        rows = await sql.fetch(tx, _ROWS, low, ahead[0].high)
        made_again = Seal(seq + 1, low, ahead[0].high, len(rows), digest_of(rows), previous)
        if len(ahead) > 1 or ahead[0].head != made_again.head.hex():
            wrong.append(f"{len(ahead)} anchored seals are gone")
    return wrong
