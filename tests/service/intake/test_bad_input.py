"""Bad input: a precise refusal, nothing stored, nothing said, and never a word of what was sent."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from tests.issuer import Issuer, part
from tests.service.intake.conftest import SCOPES, Desk, Intake
from tests.unit.intake.households import TOWNSHIP, a_body, a_member, an_id


def changed(*path: str | int, to: Any) -> bytes:
    """A good body with one place changed."""
    body = a_body()
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return orjson.dumps(body)


def raw(old: str, new: str) -> bytes:
    """A good body with its text changed."""
    text = orjson.dumps(a_body()).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


ID = an_id(10)
WRONG_SIGN = ID[:-1] + ("0" if ID[-1] != "0" else "1")
MEMBERS_21 = [a_member("m1", 100)] + [a_member(f"m{n}", 100 + n, relation="sibling") for n in range(2, 22)]

CASES: dict[str, tuple[bytes, int, str, str, str]] = {
    "nothing": (b"", 400, "body-malformed", "", "empty"),
    "cut short": (orjson.dumps(a_body())[:-20], 400, "body-malformed", "", "syntax"),
    "key twice": (raw('"aid":"dibao"', '"aid":"dibao","aid":"tekun"'), 400, "body-malformed", "", "duplicate_key"),
    "NaN": (raw(":1200000", ":NaN"), 400, "body-malformed", "", "syntax"),
    "Infinity": (raw(":1200000", ":-Infinity"), 400, "body-malformed", "", "syntax"),
    "not UTF-8": (raw("dibao", "XXXX").replace(b"XXXX", b"\xff\xfe"), 400, "body-malformed", "", "syntax"),
    "lone surrogate": (raw('"dibao"', '"\\ud800"'), 400, "body-malformed", "", "syntax"),
    "deep nesting": (b'{"a":' + b"[" * 400 + b"]" * 400 + b"}", 400, "body-malformed", "", "too_deep"),
    "bare list": (b"[]", 422, "body-invalid", "", "not_object"),
    "unknown field": (changed("surprise", to=1), 422, "body-invalid", "/surprise", "unknown_field"),
    "unknown field inside": (
        changed("members", 0, "hukou", to="x"),
        422,
        "body-invalid",
        "/members/0/hukou",
        "unknown_field",
    ),
    "wrong check digit": (
        changed("members", 0, "citizen_id", to=WRONG_SIGN),
        422,
        "body-invalid",
        "/members/0/citizen_id",
        "check_digit",
    ),
    "no such birthday": (
        changed("members", 0, "citizen_id", to="990100198002300016"),
        422,
        "body-invalid",
        "/members/0/citizen_id",
        "check_digit",
    ),
    "seventeen signs": (
        changed("members", 0, "citizen_id", to=ID[:17]),
        422,
        "body-invalid",
        "/members/0/citizen_id",
        "format",
    ),
    "full-width digits": (
        changed("members", 0, "citizen_id", to="９" + ID[1:]),
        422,
        "body-invalid",
        "/members/0/citizen_id",
        "full_width_digit",
    ),
    "full-width digit, escaped": (
        raw(ID, "\\uff19" + ID[1:]),
        422,
        "body-invalid",
        "/members/0/citizen_id",
        "full_width_digit",
    ),
    "NUL": (raw("flexible", "flexible\\u0000"), 422, "body-invalid", "/members/0/employment", "control_character"),
    "digits in a name": (changed("members", 0, "name", to="李4"), 422, "body-invalid", "/members/0/name", "format"),
    "direction override in a name": (
        changed("members", 0, "name", to="李\u202e梅"),
        422,
        "body-invalid",
        "/members/0/name",
        "format",
    ),
    "21 members": (changed("members", to=MEMBERS_21), 422, "body-invalid", "/members", "too_many"),
    "no members": (changed("members", to=[]), 422, "body-invalid", "/members", "too_few"),
    "money as text": (
        changed("declaration", 0, "amount_fen", to="12000"),
        422,
        "body-invalid",
        "/declaration/0/amount_fen",
        "not_integer",
    ),
    "money as fraction": (
        changed("declaration", 0, "amount_fen", to=1.5),
        422,
        "body-invalid",
        "/declaration/0/amount_fen",
        "not_integer",
    ),
    "negative money": (
        changed("declaration", 0, "amount_fen", to=-1),
        422,
        "body-invalid",
        "/declaration/0/amount_fen",
        "too_small",
    ),
    "endless money": (
        raw(":1200000", ":" + "9" * 60),
        422,
        "body-invalid",
        "/declaration/0/amount_fen",
        "too_large",
    ),
    "unknown word": (changed("aid", to="lottery"), 422, "body-invalid", "/aid", "not_in_list"),
    "no date": (
        changed("signature", "signed_on", to="2026-02-30"),
        422,
        "body-invalid",
        "/signature/signed_on",
        "not_date",
    ),
    "an id as reference": (
        changed("external_ref", to=f"T-{ID}"),
        422,
        "body-invalid",
        "/external_ref",
        "personal_number",
    ),
    "an id as ref": (changed("members", 0, "ref", to=ID), 422, "body-invalid", "/members/0/ref", "personal_number"),
    **{
        f"an id where {'/'.join(map(str, path))} means a member": (
            changed(*path, to=ID),
            422,
            "application-contradictory",
            "/" + "/".join(map(str, path)),
            "member_unknown",
        )
        for path in (
            ("applicant",),
            ("head",),
            ("declaration", 0, "member_ref"),
            ("signature", "signed_by"),
            ("consents", 0, "member_ref"),
            ("consents", 0, "given_by"),
        )
    },
    "reserved ref": (changed("members", 0, "ref", to="guardian"), 422, "body-invalid", "/members/0/ref", "reserved"),
    "too large": (raw('"dibao"', '"' + "x" * 2_000_000 + '"'), 413, "body-too-large", "", ""),
}


@pytest.mark.parametrize(("body", "status", "code", "pointer", "fault"), CASES.values(), ids=CASES.keys())
async def test_bad_input_is_refused_precisely_and_leaves_no_trace(
    intake: Intake, desk: Desk, body: bytes, status: int, code: str, pointer: str, fault: str
) -> None:
    answer = await desk.submit(body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if fault:
        assert (pointer, fault) in [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert ID[:17] not in answer.text
    assert "李" not in answer.text
    assert await intake.is_untouched()
    assert await intake.count("audit") == 0


async def test_all_field_errors_are_told_at_once(desk: Desk) -> None:
    body = a_body(aid="lottery", surprise=1)
    body["members"][0]["citizen_id"] = WRONG_SIGN
    body["members"][2]["disability_grade"] = 9
    pointers = {error["pointer"] for error in (await desk.submit(body)).json()["errors"]}
    assert pointers == {"/aid", "/surprise", "/members/0/citizen_id", "/members/2/disability_grade"}


async def test_a_streamed_body_is_cut_off_at_the_limit(intake: Intake, desk: Desk) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    headers = {"content-type": "application/json", "idempotency-key": "stream", **desk.headers}
    answer = await intake.client.post("/intake/v1/applications", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert await intake.is_untouched()


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=gbk", "application/x-www-form-urlencoded"])
async def test_other_content_is_not_read(intake: Intake, desk: Desk, kind: str) -> None:
    answer = await desk.submit(a_body(), content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "body-not-json")
    assert await intake.is_untouched()


async def test_a_key_is_required_and_belongs_to_one_body(intake: Intake, desk: Desk) -> None:
    headers = {"content-type": "application/json", **desk.headers}
    bare = await intake.client.post("/intake/v1/applications", content=orjson.dumps(a_body()), headers=headers)
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency-key-missing")
    assert await intake.is_untouched()
    first = await desk.submit(a_body(1), idempotency_key="k")
    replayed = await desk.submit(a_body(1), idempotency_key="k")
    assert (replayed.status_code, replayed.content) == (202, first.content)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert replayed.headers["location"] == first.headers["location"]
    other = await desk.submit(a_body(2), idempotency_key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await intake.count("application") == 1
    assert len(await intake.said()) == 1


async def test_a_refused_request_may_be_corrected_under_the_same_key(intake: Intake, desk: Desk) -> None:
    refused = await desk.submit(a_body(region="654099"), idempotency_key="k")
    assert refused.status_code == 403
    corrected = await desk.submit(a_body(), idempotency_key="k")
    assert corrected.status_code == 202
    assert await intake.count("application") == 1


def tokens(issuer: Issuer) -> dict[str, tuple[str, int, str]]:
    """Tokens that must not open the door."""
    now, good = int(time.time()), issuer.claims(SCOPES)
    stranger = Issuer(issuer.key_file.with_name("stranger.json"))
    header, payload, signature = issuer.sign(good).split(".")
    wider = part({**good, "org": "cn/"})
    return {
        "none": ("", 401, "token-missing"),
        "expired": (issuer.sign({**good, "iat": now - 7200, "exp": now - 3600}), 401, "token-expired"),
        "by a stranger": (stranger.sign(good), 401, "token-invalid"),
        "wider than signed": (f"{header}.{wider}.{signature}", 401, "token-invalid"),
        "unsigned": (f"{part({'alg': 'none', 'typ': 'JWT'})}.{payload}.", 401, "token-invalid"),
        "for others": (issuer.sign({**good, "aud": "elsewhere"}), 401, "token-invalid"),
        "of another issuer": (issuer.sign({**good, "iss": "https://other.invalid"}), 401, "token-invalid"),
        "without permission": (issuer.token("applications:read"), 403, "permission-missing"),
    }


@pytest.mark.parametrize(
    "which",
    [
        "none",
        "expired",
        "by a stranger",
        "wider than signed",
        "unsigned",
        "for others",
        "of another issuer",
        "without permission",
    ],
)
async def test_a_bad_token_opens_no_door(intake: Intake, desk: Desk, which: str) -> None:
    token, status, code = tokens(intake.issuer)[which]
    desk.headers = {"authorization": f"Bearer {token}"} if token else {}
    for path in ("", "/batch"):
        body = a_body() if path == "" else {"applications": [a_body()]}
        answer = await desk.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await intake.is_untouched()


async def test_the_limits_themselves_are_taken(intake: Intake, desk: Desk) -> None:
    members = MEMBERS_21[:20]
    refs = [member["ref"] for member in members]
    consents = [
        {"member_ref": ref, "given_by": ref, "signed_on": "2026-11-21", "evidence": a_body()["signature"]["evidence"]}
        for ref in refs
    ]
    await desk.accepted(a_body(members=members, consents=consents, declaration=[]))
    (row,) = await intake.bed.rows("select office from application")
    assert row["office"] == TOWNSHIP
