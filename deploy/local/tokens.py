"""The local issuer: signs tokens for people of a one-machine platform, and publishes the key to check them by."""

import json
import re
import time
import tomllib
import uuid
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.credentials import SecretBox
from deploy.local.process import Layout, write_private

ISSUER = "https://issuer.hedui.invalid"
AUDIENCE = "hedui"
LIFETIME_S = 12 * 3600
ROLES = Path(__file__).with_name("roles.toml")
_CLIENT = "hedui-local"
_OFFICE = re.compile(r"([a-z0-9_-]+/)+")


class TokenRefused(ValueError):
    """No such role, or the office is no path."""


def key_set_file(layout: Layout) -> Path:
    """The published JWKS: public keys only."""
    return layout.site / "jwks.json"


def scopes(role: str) -> list[str]:
    """What a role may do; raises `TokenRefused` naming the known roles."""
    with ROLES.open("rb") as source:
        roles = tomllib.load(source)
    if role not in roles:
        raise TokenRefused(f"No role {role!r}. Known roles: {', '.join(roles)}.")
    return [str(scope) for scope in roles[role]["scopes"]]


def sign_token(
    secrets: SecretBox, *, role: str, office: str, subject: str | None = None, issued_at: int | None = None
) -> str:
    """A token for twelve hours of real time, counted from `issued_at` (Unix seconds; now when absent).

    `office` is a path in the organisation tree that ends with a slash, such as `cn/2307/230799/`; whoever holds the
    token reaches everything beneath it. Raises `TokenRefused`.
    """
    if not _OFFICE.fullmatch(office):
        raise TokenRefused(f"Office {office!r} is no path like 'cn/2307/230799/230799001/' (it ends with a slash).")
    key = _issuer_key(secrets)
    now = int(time.time()) if issued_at is None else issued_at
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject or f"{role}@{office}",
        "iat": now,
        "exp": now + LIFETIME_S,
        "jti": uuid.uuid4().hex,
        "role": role,
        "org": office,
        "scope": " ".join(scopes(role)),
        "client": _CLIENT,
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid, "typ": "JWT"}, claims, key)


def write_key_set(layout: Layout, secrets: SecretBox) -> None:
    """Publishes the issuer's public key where the services look for it."""
    text = json.dumps({"keys": [_issuer_key(secrets).as_dict(private=False)]}, indent=1)
    path = key_set_file(layout)
    if not path.exists() or path.read_text(encoding="ascii") != text:
        write_private(path, text)


def _issuer_key(secrets: SecretBox) -> ECKey:
    path = secrets.path("issuer.json")
    if not path.exists():
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
        write_private(path, json.dumps(key.as_dict(private=True)))
    return ECKey.import_key(json.loads(path.read_text(encoding="ascii")))
