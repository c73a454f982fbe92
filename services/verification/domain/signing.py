"""Signing reports: Ed25519, one signature over all that are issued together."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_PURPOSE = b"hedui reports v1\n"
"""Stands before the hashes, so that the signature cannot be taken for one over anything else."""


class Signer:
    """Signs with the site's private seed; the public half lets anybody verify."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes_raw()

    def sign(self, hashes: Sequence[bytes]) -> bytes:
        """Over the sha256 hashes of the reports, in their order."""
        return self._private.sign(_PURPOSE + b"".join(hashes))


def is_signed(public_key: bytes, hashes: bytes, signature: bytes) -> bool:
    """Whether `signature` is the key's over these concatenated hashes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _PURPOSE + hashes)
    except InvalidSignature:
        return False
    return True
