"""Passwords and keys of one platform: made once, kept in files only their owner may read."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

from deploy.local.process import write_private

_ROUNDS = 4096


class SecretBox:
    """A folder with one secret a file; what does not exist yet is made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def password(self, name: str) -> str:
        """A password of 32 URL-safe characters."""
        return self._kept(f"{name}.password", lambda: secrets.token_urlsafe(24))

    def key(self, name: str) -> str:
        """A key of 32 random bytes, in Base64."""
        return self._kept(f"{name}.key", lambda: base64.b64encode(secrets.token_bytes(32)).decode("ascii"))

    def path(self, name: str) -> Path:
        return self._folder / name

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        path = self._folder / name
        try:
            return path.read_text(encoding="ascii")
        except FileNotFoundError:
            write_private(path, make())
            return path.read_text(encoding="ascii")


def postgres_verifier(password: str) -> str:
    """The SCRAM verifier PostgreSQL stores: given to the server in the password's place, so no log can hold it."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored = hashlib.sha256(client).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode("ascii") for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ROUNDS}:{parts[0]}${parts[1]}:{parts[2]}"
