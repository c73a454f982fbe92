"""A token issuer of a test's own: its key set in a file, and tokens as good or as bad as the test wants them."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

ISSUER = "https://issuer.hedui.invalid"
AUDIENCE = "hedui"
OFFICE = "cn/2307/230799/230799001/"


class Issuer:
    """Signs with one key and publishes it in `key_file`."""

    def __init__(self, key_file: Path, key_id: str = "k1") -> None:
        self.key_file = key_file
        self.key = ECKey.generate_key("P-256", {"kid": key_id, "use": "sig", "alg": "ES256"}, private=True)
        self.publish()

    def publish(self, *keys: dict[str, Any]) -> None:
        """Write the key set: this issuer's public key, or exactly the keys given."""
        content = {"keys": list(keys) or [self.key.as_dict(private=False)]}
        self.key_file.parent.mkdir(parents=True, exist_ok=True)
        self.key_file.write_text(json.dumps(content))

    def claims(self, scope: Any, org: str = OFFICE, **changed: Any) -> dict[str, Any]:
        """What a good token says; a claim changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "u-0001",
            "iat": now,
            "exp": now + 3600,
            "role": "clerk",
            "org": org,
            "scope": scope,
            "client": "desk",
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, scope: Any = "things:write things:read", org: str = OFFICE, **changed: Any) -> str:
        return self.sign(self.claims(scope, org, **changed))

    def sign(
        self, claims: dict[str, Any] | bytes, header: dict[str, Any] | None = None, key: ECKey | None = None
    ) -> str:
        """A compact token, with what the test wants in the header; signed by hand, so that no library objects."""
        head = part({"alg": "ES256", "kid": self.key.kid, "typ": "JWT", **(header or {})})
        signed = f"{head}.{part(claims)}"
        private: Any = (key or self.key).private_key
        first, second = decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{part(first.to_bytes(32, 'big') + second.to_bytes(32, 'big'))}"

    def bearer(self, scope: str = "things:write things:read", org: str = OFFICE, **changed: Any) -> dict[str, str]:
        """The Authorization header of a good token."""
        return {"authorization": f"Bearer {self.token(scope, org, **changed)}"}


def part(content: dict[str, Any] | bytes) -> str:
    """One part of a compact token, encoded by hand."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
