"""Access tokens: JWTs of one issuer, for one audience, signed ES256 by a key of its set. Nothing else passes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

import jiter
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import deserialize_compact

from chassis.callers import Caller
from chassis.refusal import Kind, Refusal
from chassis.site import TokensSite

_log = structlog.get_logger(__name__)
_ALGORITHM = "ES256"
_LONGEST = 8_192
_LEEWAY_S = 30
_LOOK_AGAIN_S = 1.0
_MOST_KEPT = 10_000
_HEADERS = {"alg", "kid", "typ"}
_TYPES = ("JWT", "at+jwt")
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "auth_time")
_ORG = re.compile(r"[a-z0-9]{1,32}/(?:[a-z0-9]{1,32}/){0,9}\Z", re.ASCII)
_WORD = re.compile(r"[!-~]{1,200}\Z", re.ASCII)
_SCOPE = re.compile(r"[a-z][a-z_]*:[a-z][a-z_]*\Z", re.ASCII)


class TokenMissing(Refusal):
    kind = Kind.UNAUTHENTICATED
    code = "token-missing"
    zh = "缺少访问令牌：请在 Authorization 请求头中以 Bearer 方式提供。"
    en = "No access token: send it in the Authorization header as Bearer."


class TokenExpired(Refusal):
    kind = Kind.UNAUTHENTICATED
    code = "token-expired"
    zh = "访问令牌已过期，请重新获取。"
    en = "The access token has expired; get a new one."


class TokenRefused(Refusal):
    """Why exactly is written to the log, not told to whoever may be forging."""

    kind = Kind.UNAUTHENTICATED
    code = "token-invalid"
    zh = "访问令牌无效。"
    en = "The access token is not valid."


class _Forged(Exception):
    """The reason a token is refused, as a code for the log."""


class Tokens:
    """Verifies tokens against the key file; one per process.

    A verified token is remembered by its hash until it expires. The key file is looked at again at most once a second;
    when it has changed everything remembered is forgotten, so that removing a key ends its tokens.
    """

    def __init__(self, site: TokensSite, *, real_time: Callable[[], float] = time.time) -> None:
        self._site = site
        self._real_time = real_time
        self._keys: dict[str, ECKey] = {}
        self._changed_at = -1
        self._looked_at = 0.0
        self._verified: dict[bytes, tuple[Caller, float]] = {}

    def verify(self, token: str) -> Caller:
        """The caller a token speaks for; raises TokenExpired or TokenRefused."""
        now = self._real_time()
        self._look_at_keys(now)
        if len(token) > _LONGEST:
            return self._refuse("too-long")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        try:
            claims = self._checked(token)
            expires = self._within_time(claims, now)
            caller = _caller(claims)
        except _Forged as forged:
            return self._refuse(str(forged))
        while len(self._verified) >= _MOST_KEPT:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = (caller, expires)
        return caller

    def _refuse(self, reason: str) -> Caller:
        _log.info("token refused", reason=reason)
        raise TokenRefused

    def _look_at_keys(self, now: float) -> None:
        if abs(now - self._looked_at) < _LOOK_AGAIN_S:
            return
        self._looked_at = now
        try:
            changed_at = self._site.jwks_file.stat().st_mtime_ns
            if changed_at == self._changed_at:
                return
            keys = json.loads(self._site.jwks_file.read_bytes())["keys"]
            self._keys = {str(key["kid"]): ECKey.import_key(key) for key in keys if _may_verify(key)}
        except (OSError, ValueError, KeyError, TypeError, JoseError) as unreadable:
            _log.error("key set unreadable", reason=type(unreadable).__name__)
            return
        self._changed_at = changed_at
        self._verified.clear()

    def _checked(self, token: str) -> dict[str, Any]:
        header = _header(token)
        if header.get("alg") != _ALGORITHM:
            raise _Forged("algorithm")
        if set(header) - _HEADERS:
            raise _Forged("header")
        if header.get("typ") not in _TYPES:
            raise _Forged("type")
        key = self._keys.get(header["kid"]) if isinstance(header.get("kid"), str) else None
        if key is None:
            raise _Forged("key")
        try:
            payload = deserialize_compact(token, key, algorithms=[_ALGORITHM]).payload
        except (JoseError, ValueError, TypeError):
            raise _Forged("signature") from None
        claims = _object(payload, "claims")
        if claims.get("iss") != self._site.issuer:
            raise _Forged("issuer")
        if claims.get("aud") not in (self._site.audience, [self._site.audience]):
            raise _Forged("audience")
        if any(name in claims for name in _OF_ID_TOKENS) or claims.get("typ", "Bearer") != "Bearer":
            raise _Forged("id-token")
        return claims

    @staticmethod
    def _within_time(claims: dict[str, Any], now: float) -> float:
        expires, issued = claims.get("exp"), claims.get("iat")
        if type(expires) is not int or type(issued) is not int:
            raise _Forged("instants")
        if issued > now + _LEEWAY_S or issued >= expires:
            raise _Forged("issued-at")
        not_before = claims.get("nbf", issued)
        if type(not_before) is not int or not_before > now + _LEEWAY_S:
            raise _Forged("not-before")
        if now >= expires + _LEEWAY_S:
            raise TokenExpired
        return float(expires + _LEEWAY_S)


def _may_verify(key: dict[str, Any]) -> bool:
    return (
        key.get("kty") == "EC"
        and key.get("crv") == "P-256"
        and key.get("use", "sig") == "sig"
        and key.get("alg", _ALGORITHM) == _ALGORITHM
        and isinstance(key.get("kid"), str)
    )


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise _Forged("shape")
    try:
        raw = base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise _Forged("shape") from None
    return _object(raw, "header")


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        content = jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError:
        raise _Forged(what) from None
    if not isinstance(content, dict):
        raise _Forged(what)
    return content


def _caller(claims: dict[str, Any]) -> Caller:
    """Every claim that says who this is must be there and be spelt as we spell it."""
    for name in ("sub", "role", "client"):
        if not isinstance(claims.get(name), str) or not _WORD.match(claims[name]):
            raise _Forged(name)
    org, scope = claims.get("org"), claims.get("scope")
    if not isinstance(org, str) or not _ORG.match(org):
        raise _Forged("org")
    if not isinstance(scope, str) or not all(_SCOPE.match(word) for word in scope.split(" ") if word):
        raise _Forged("scope")
    return Caller(claims["sub"], claims["role"], org, frozenset(scope.split()), claims["client"])
