"""Evidence of an answer: the raw bytes packed, a hash per cell that ties what was read to them, one root over all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
import zstandard

from services.adapters.domain.agency import Invalid, Result
from services.adapters.domain.cells import Claimed, party_of
from services.adapters.domain.settling import CellRead

_LENGTH_BYTES = 4
_LEAF, _ROOT = b"\0", b"\1"
HASH_BYTES = 32
_ENCODER = msgspec.json.Encoder()
_COMPRESSOR = zstandard.ZstdCompressor(level=1)
_DECOMPRESSOR = zstandard.ZstdDecompressor()
_UNPACKED_MAX = 64_000_000


def pack(answers: Sequence[bytes]) -> bytes:
    """Raw answers as one compressed piece; usually there is one, several when persons were asked about singly."""
    framed = b"".join(len(answer).to_bytes(_LENGTH_BYTES, "big") + answer for answer in answers)
    return _COMPRESSOR.compress(framed)


def unpack(packed: bytes) -> list[bytes]:
    """The raw answers of `pack`."""
    framed = _DECOMPRESSOR.decompress(packed, max_output_size=_UNPACKED_MAX)
    answers: list[bytes] = []
    while framed:
        end = _LENGTH_BYTES + int.from_bytes(framed[:_LENGTH_BYTES], "big")
        answers.append(framed[_LENGTH_BYTES:end])
        framed = framed[end:]
    return answers


def digest_of(pieces: Sequence[bytes]) -> bytes:
    """sha256 over the pieces' lengths and contents."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(_LENGTH_BYTES, "big"))
        digest.update(piece)
    return digest.digest()


def leaf_of(answer_digest: bytes, cell: Claimed, read: CellRead) -> bytes:
    """The hash of one cell: which raw answer, which check, about whom, and whatever was read from it."""
    party = party_of(cell.members, cell.inquiry)
    if read.is_plain:
        content = b"[]"
    else:
        content = _ENCODER.encode(
            [
                _as_read(member_id, verdict)
                for member_id, verdict in zip(party.member_ids, read.verdicts, strict=True)
                if isinstance(verdict, Invalid) or verdict.records
            ]
        )
    return hashlib.sha256(_LEAF + answer_digest + party.name + content).digest()


def root_of(leaves: bytes) -> bytes:
    """The hash over all leaves of a call; it goes into the audit trail, whose head is anchored outside the database."""
    return hashlib.sha256(_ROOT + leaves).digest()


def _as_read(member_id: str, verdict: Result) -> tuple[object, ...]:
    if isinstance(verdict, Invalid):
        return (member_id, verdict.reason)
    return (member_id, verdict.records)
