"""Good tokens pass; of forged, foreign, expired and odd ones none does."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from chassis.callers import Caller, System
from chassis.refusal import Refusal
from chassis.site import TokensSite
from chassis.tokens import TokenExpired, TokenRefused, Tokens
from tests.issuer import AUDIENCE, ISSUER, OFFICE, Issuer, part


class HandClock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "jwks.json")


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return Tokens(TokensSite(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.key_file))


def test_a_good_token_names_its_caller(issuer: Issuer, tokens: Tokens) -> None:
    caller = tokens.verify(issuer.token("flags:read flags:resolve"))
    assert caller == Caller("u-0001", "clerk", OFFICE, frozenset({"flags:read", "flags:resolve"}), "desk")
    assert caller.covers(OFFICE)
    assert caller.covers(OFFICE + "x/")
    assert not caller.covers("cn/2307/230799/")
    assert not caller.covers("cn/2307/230799/230799002/")


def test_the_same_token_is_verified_once_but_never_beyond_its_end(issuer: Issuer) -> None:
    claims = issuer.claims("flags:read")
    clock = HandClock(claims["iat"])
    tokens = Tokens(TokensSite(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.key_file), real_time=clock)
    token = issuer.sign(claims)
    first = tokens.verify(token)
    assert tokens.verify(token) is first
    clock.now = claims["exp"] + 29
    assert tokens.verify(token) == first
    clock.now = claims["exp"] + 30
    with pytest.raises(TokenExpired):
        tokens.verify(token)


def test_removing_a_key_ends_its_tokens_and_a_new_key_is_seen(issuer: Issuer) -> None:
    clock = HandClock(issuer.claims("")["iat"])
    tokens = Tokens(TokensSite(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.key_file), real_time=clock)
    old = issuer.token()
    tokens.verify(old)
    successor = Issuer(issuer.key_file, "k2")
    os.utime(issuer.key_file, ns=(1, 1))
    clock.now += 1
    with pytest.raises(TokenRefused):
        tokens.verify(old)
    assert tokens.verify(successor.token()).subject == "u-0001"


def test_a_key_file_in_the_middle_of_a_change_does_not_lock_everybody_out(issuer: Issuer) -> None:
    clock = HandClock(issuer.claims("")["iat"])
    tokens = Tokens(TokensSite(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.key_file), real_time=clock)
    tokens.verify(issuer.token())
    issuer.key_file.write_text('{"keys": [')
    clock.now += 1
    assert tokens.verify(issuer.token(sub="u-0002")).subject == "u-0002"


Forge = Callable[[Issuer], str]


def _tampered(issuer: Issuer) -> str:
    head, _, tail = issuer.token().split(".")
    return f"{head}.{part(issuer.claims('everything:write', 'cn/'))}.{tail}"


def _signed_with_public_key_as_secret(issuer: Issuer) -> str:
    public = issuer.key.as_pem(private=False)
    signed = f"{part({'alg': 'HS256', 'kid': 'k1', 'typ': 'JWT'})}.{part(issuer.claims('a:b'))}"
    return f"{signed}.{part(hmac.digest(public, signed.encode(), 'sha256'))}"


def _stranger(issuer: Issuer) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k1"}, private=True)


def _foreign_key_in_header(issuer: Issuer) -> str:
    stranger = _stranger(issuer)
    return issuer.sign(issuer.claims("a:b"), {"jwk": stranger.as_dict(private=False)}, stranger)


def _stripped(issuer: Issuer) -> str:
    head, body, _ = issuer.token().split(".")
    return f"{head}.{body}."


def _doubled_claim(issuer: Issuer) -> str:
    text = json.dumps(issuer.claims("a:b"))
    return issuer.sign((text[:-1] + f', "org": "cn/"{text[-1]}').encode())


FORGERIES: dict[tuple[str, str], Forge] = {
    ("empty", "shape"): lambda issuer: "",
    ("no token at all", "shape"): lambda issuer: "letmein",
    ("not three parts", "shape"): lambda issuer: issuer.token() + ".x",
    ("alg none", "algorithm"): lambda issuer: (
        f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'k1'})}.{part(issuer.claims('a:b'))}."
    ),
    ("alg none in capitals", "algorithm"): lambda issuer: (
        f"{part({'alg': 'NONE', 'kid': 'k1'})}.{part(issuer.claims('a:b'))}."
    ),
    ("hmac with the public key", "algorithm"): _signed_with_public_key_as_secret,
    ("signature of another key under our key id", "signature"): lambda issuer: issuer.sign(
        issuer.claims("a:b"), key=_stranger(issuer)
    ),
    ("key brought along in the header", "header"): _foreign_key_in_header,
    ("key address in the header", "header"): lambda issuer: issuer.sign(
        issuer.claims("a:b"), {"jku": "https://evil.invalid/k"}
    ),
    ("unknown key id", "key"): lambda issuer: issuer.sign(issuer.claims("a:b"), {"kid": "../k1"}),
    ("key id no text", "key"): lambda issuer: f"{part({'alg': 'ES256', 'typ': 'JWT', 'kid': ['k1']})}.{part({})}.AA",
    ("claims changed", "signature"): _tampered,
    ("signature cut off", "signature"): _stripped,
    ("signature zero", "signature"): lambda issuer: _stripped(issuer) + part(bytes(64)),
    ("critical extension", "header"): lambda issuer: issuer.sign(issuer.claims("a:b"), {"crit": ["exp"]}),
    ("unencoded payload", "header"): lambda issuer: issuer.sign(issuer.claims("a:b"), {"b64": True}),
    ("wrong type", "type"): lambda issuer: issuer.sign(issuer.claims("a:b"), {"typ": "dpop+jwt"}),
    ("nested", "header"): lambda issuer: issuer.sign(issuer.token().encode(), {"cty": "JWT"}),
    ("nested without saying so", "claims"): lambda issuer: issuer.sign(issuer.token().encode()),
    ("id token by nonce", "id-token"): lambda issuer: issuer.token(nonce="n"),
    ("id token by its type claim", "id-token"): lambda issuer: issuer.token(typ="ID"),
    ("another issuer", "issuer"): lambda issuer: issuer.token(iss="https://evil.invalid"),
    ("another service's audience", "audience"): lambda issuer: issuer.token(aud="treasury"),
    ("audience among others", "audience"): lambda issuer: issuer.token(aud=["hedui", "treasury"]),
    ("from the future", "issued-at"): lambda issuer: issuer.token(iat=issuer.claims("")["iat"] + 60),
    ("not yet", "not-before"): lambda issuer: issuer.token(nbf=issuer.claims("")["iat"] + 60),
    ("never ends", "instants"): lambda issuer: issuer.token(exp=None),
    ("ends in words", "instants"): lambda issuer: issuer.token(exp="tomorrow"),
    ("ends at infinity", "instants"): lambda issuer: issuer.sign(
        json.dumps(issuer.claims("a:b")).replace('"exp": ', '"exp": 1e999, "was": ').encode()
    ),
    ("ends truly", "instants"): lambda issuer: issuer.token(exp=True),
    ("no start", "instants"): lambda issuer: issuer.token(iat=None),
    ("nobody", "sub"): lambda issuer: issuer.token(sub=None),
    ("a subject with a line break", "sub"): lambda issuer: issuer.token(sub="u\n1"),
    ("no office", "org"): lambda issuer: issuer.token(org=""),
    ("the whole tree", "org"): lambda issuer: issuer.token(org="/"),
    ("an office that climbs", "org"): lambda issuer: issuer.token(org="cn/../"),
    ("an office that injects", "org"): lambda issuer: issuer.token(org="cn'; set role postgres; --/"),
    ("an office left open", "org"): lambda issuer: issuer.token(org="cn/2307"),
    ("an office in full-width digits", "org"): lambda issuer: issuer.token(org="cn/２３０７/"),
    ("no scope", "scope"): lambda issuer: issuer.token(scope=None),
    ("a scope of stars", "scope"): lambda issuer: issuer.token(scope="*"),
    ("scopes in a list", "scope"): lambda issuer: issuer.token(scope=["a:b"]),
    ("no role", "role"): lambda issuer: issuer.token(role=None),
    ("no client", "client"): lambda issuer: issuer.token(client=None),
    ("a claim twice", "claims"): _doubled_claim,
    ("claims no object", "claims"): lambda issuer: issuer.sign(b'["admin"]'),
    ("a megabyte", "too-long"): lambda issuer: issuer.token(sub="u" * 1_000_000),
    ("beyond ASCII", "shape"): lambda issuer: issuer.token() + "ａ",
}


@pytest.mark.parametrize(("kind", "reason"), FORGERIES)
def test_a_forged_token_is_refused_and_only_the_log_knows_why(
    kind: str, reason: str, issuer: Issuer, tokens: Tokens
) -> None:
    with capture_logs() as logged, pytest.raises(TokenRefused) as refused:
        tokens.verify(FORGERIES[kind, reason](issuer))
    assert refused.value.errors == ()
    assert logged == [{"event": "token refused", "reason": reason, "log_level": "info"}]


def test_an_expired_token_says_so(issuer: Issuer, tokens: Tokens) -> None:
    now = issuer.claims("")["iat"]
    with pytest.raises(TokenExpired):
        tokens.verify(issuer.token(iat=now - 100, exp=now - 31))


def test_an_expired_token_of_a_stranger_is_merely_refused(issuer: Issuer, tokens: Tokens) -> None:
    now = issuer.claims("")["iat"]
    expired = issuer.claims("a:b", iat=now - 100, exp=now - 31)
    with pytest.raises(TokenRefused):
        tokens.verify(issuer.sign(expired, key=_stranger(issuer)))


@pytest.mark.parametrize(
    "changed",
    [{"use": "enc"}, {"alg": "ES384"}, {"crv": "P-384"}, {"kty": "oct", "k": "c2VjcmV0"}],
    ids=["for encryption", "for another algorithm", "on another curve", "symmetric"],
)
def test_keys_not_meant_for_this_are_not_used(changed: dict[str, Any], issuer: Issuer) -> None:
    issuer.publish({**issuer.key.as_dict(private=False), **changed})
    tokens = Tokens(TokensSite(issuer=ISSUER, audience=AUDIENCE, jwks_file=issuer.key_file))
    with pytest.raises(Refusal):
        tokens.verify(issuer.token())


def test_the_memory_of_verified_tokens_is_bounded(
    issuer: Issuer, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.tokens._MOST_KEPT", 3)
    for number in range(10):
        tokens.verify(issuer.token(sub=f"u-{number}"))
    assert len(tokens._verified) == 3


def test_the_system_reaches_everything_and_holds_no_permission() -> None:
    system = System("intake")
    assert system.covers("cn/9999/")
    assert not system.may("ops:write")
    assert Caller("a", "operator", "cn/2307/", frozenset({"ops:write"}), "c").across_the_tree().reach == system.reach
