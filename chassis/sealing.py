"""Sealing (AES-256-GCM, key id in the envelope, bound to its place) and blind indexes (HMAC-SHA-256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.site import KeySite

_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealBroken(Exception):
    """The envelope is unknown, was changed, or was moved from where it was sealed for. Tells nothing of the content."""


class Keyring:
    """Seals under the active key, opens under any key it holds.

    Envelope: version byte, length of key id, key id, nonce, ciphertext with tag. The context (table, column and row, or
    event and field) is authenticated with it, so that a sealed value moved elsewhere does not open.
    """

    def __init__(self, active: str, keys: Mapping[str, bytes]) -> None:
        if active not in keys:
            raise ValueError("the active key is not in the ring")
        if any(len(key) != _KEY_BYTES for key in keys.values()):
            raise ValueError("a key is not 32 bytes long")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._active = self._ciphers[active]
        self._head = bytes((_VERSION, len(active))) + active.encode()

    @classmethod
    def of(cls, site: KeySite) -> Keyring:
        return cls(site.active, {key_id: base64.b64decode(key) for key_id, key in site.keys.items()})

    def seal(self, clear: bytes, context: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self._head + nonce + self._active.encrypt(nonce, clear, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        if len(sealed) < 2 or sealed[0] != _VERSION:
            raise SealBroken("envelope")
        start = 2 + sealed[1]
        cipher = self._ciphers.get(sealed[2:start].decode("ascii", "replace"))
        if cipher is None:
            raise SealBroken("key")
        try:
            return cipher.decrypt(
                sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :], context.encode()
            )
        except (InvalidTag, ValueError):
            raise SealBroken("content") from None


class BlindIndex:
    """A keyed hash by which equal values are found without being readable.

    Never a plain hash: ids are few enough to try them all.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, value: str) -> bytes:
        return hmac.digest(self._key, value.encode(), hashlib.sha256)


@dataclass(frozen=True)
class Keys:
    """The keys one process holds: its own at rest, one ring per topic it says or hears, the index key."""

    rest: Keyring
    index: BlindIndex
    wire: Mapping[str, Keyring]
