"""The audit trail's seal: every second the finished records are digested, chained, and the head anchored outside the database.

A chain alone is not enough: who may rewrite the table may recompute it. The anchors, appended to a file elsewhere, are what a
rewriter would have to change as well.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from chassis import sql
from chassis.transaction import Transaction

_FIRST = bytes(32)
_MOST = 5_000

_ROWS = """
select xid::text as xid, id, at, actor, role, act, subject, office, trace, details from audit
where xid >= $1::text::xid8 and xid < $2::text::xid8 order by xid, id
"""


@dataclass(frozen=True)
class Seal:
    """One link: the records of all transactions in [low, high), their digest, and the head that chains it to the one before."""

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


class Anchors:
    """The file outside the database to which each head is appended, and flushed to disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def append(self, seal: Seal, at: datetime) -> None:
        line = orjson.dumps({"seq": seal.seq, "head": seal.head.hex(), "at": at.isoformat()}) + b"\n"
        with self._file.open("ab") as opened:
            opened.write(line)
            opened.flush()
            os.fsync(opened.fileno())

    def heads(self) -> dict[int, str]:
        if not self._file.exists():
            return {}
        lines = [orjson.loads(line) for line in self._file.read_bytes().splitlines() if line.endswith(b"}")]
        return {line["seq"]: line["head"] for line in lines}


async def seal_audit(tx: Transaction, *, now: datetime) -> None:
    """Seal what has finished since the last seal. Rows of transactions still open are left to a later one, so nothing is missed.

    The anchor is written before the commit: an anchor without its seal shows a crash, a seal without its anchor shows tampering.
    """
    last = await sql.fetchrow(tx, "select seq, high::text as high, head from audit_seal order by seq desc limit 1")
    low = last["high"] if last else "0"
    high = await sql.fetchval(
        tx,
        "select coalesce((select xid from (select distinct xid from audit where xid >= $1::text::xid8 order by xid offset $2 limit 1) far"
        " where xid < pg_snapshot_xmin(pg_current_snapshot())), pg_snapshot_xmin(pg_current_snapshot()))::text",
        low,
        _MOST,
    )
    rows = await sql.fetch(tx, _ROWS, low, high)
    if not rows:
        return
    seal = Seal(last["seq"] + 1 if last else 1, low, high, len(rows), digest_of(rows), last["head"] if last else _FIRST)
    tx.of(Anchors).append(seal, now)
    await sql.execute(
        tx,
        "insert into audit_seal (seq, low, high, records, digest, previous, head, sealed_at)"
        " values ($1, $2::text::xid8, $3::text::xid8, $4, $5, $6, $7, $8)",
        seal.seq,
        seal.low,
        seal.high,
        seal.records,
        seal.digest,
        seal.previous,
        seal.head,
        now,
    )


def digest_of(rows: list[Any]) -> bytes:
    """sha256 over the records' canonical lines, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(orjson.dumps([str(value) for value in row.values()]) + b"\n")
    return digest.digest()


async def verify_audit(tx: Transaction, anchors: Anchors) -> list[str]:
    """What is wrong with the trail; empty when it is whole. Recomputes every digest and compares every head with its anchor."""
    wrong: list[str] = []
    heads = anchors.heads()
    previous, low, seq = _FIRST, "0", 0
    for row in await sql.fetch(
        tx,
        "select seq, low::text as low, high::text as high, records, digest, previous, head from audit_seal order by seq",
    ):
        seq += 1
        rows = await sql.fetch(tx, _ROWS, row["low"], row["high"])
        seal = Seal(row["seq"], row["low"], row["high"], len(rows), digest_of(rows), row["previous"])
        if row["seq"] != seq or row["previous"] != previous or row["low"] != low:
            wrong.append(f"seal {row['seq']}: the chain does not join")
        if row["digest"] != seal.digest or row["records"] != len(rows):
            wrong.append(f"seal {row['seq']}: records were changed, added or removed")
        if row["head"] != seal.head or heads.get(row["seq"]) != seal.head.hex():
            wrong.append(f"seal {row['seq']}: the head is not the anchored one")
        previous, low = row["head"], row["high"]
    missing = [number for number in heads if number > seq + 1]
    if missing or (heads and max(heads) > seq + 1):
        wrong.append(f"{len(missing)} anchored seals are gone")
    return wrong
