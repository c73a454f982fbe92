"""Believable households as a township would hand them in. All identities lie under region prefix 99."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import orjson

from contracts.values import check_sign
from policies.load import load_packs
from policies.lookup import policy_for
from policies.model import Policy
from services.intake.api.models import ApplicationIn, PapersIn
from services.intake.domain.submission import Handed, Submission

TODAY = date(2026, 11, 21)
TOWNSHIP = "cn/2307/230799/230799001/"
COUNTY = "cn/2307/230799/"
XINJIANG_TOWNSHIP = "cn/65/654099/654099001/"
PACKS = load_packs(Path(__file__).resolve().parents[3] / "policies")
_NAMES = ("李梅", "王建国", "王小雨", "阿依古丽·买买提", "张𠮷", "赵刚")


def yichun() -> Policy:
    return policy_for(PACKS, "230799", TODAY)


def xinjiang() -> Policy:
    return policy_for(PACKS, "654099", TODAY)


def an_id(number: int, born_on: date = date(1980, 5, 17)) -> str:
    """A right resident id of nobody: the last two digits of the address part and the order number carry `number`."""
    first = f"9901{number // 1000 % 100:02d}{born_on:%Y%m%d}{number % 1000:03d}"
    return first + check_sign(first)


def evidence(sign: str = "a") -> dict[str, Any]:
    return {"kind": "paper_scan", "sha256": sign * 64}


def a_member(ref: str, number: int, **changes: Any) -> dict[str, Any]:
    born_on = changes.pop("born_on", date(1980, 5, 17))
    return {
        "ref": ref,
        "name": _NAMES[number % len(_NAMES)],
        "citizen_id": an_id(number, born_on),
        "relation": "applicant",
        "employment": "flexible",
    } | changes


def a_consent(ref: str, **changes: Any) -> dict[str, Any]:
    return {"member_ref": ref, "given_by": ref, "signed_on": "2026-11-20", "evidence": evidence("b")} | changes


def a_signature(ref: str, **changes: Any) -> dict[str, Any]:
    return {"signed_by": ref, "signed_on": "2026-11-20", "evidence": evidence("c")} | changes


def a_body(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Complete under Yichun's rules: applicant and head, spouse, a child of ten whose mother signs for it."""
    first = number * 10
    return {
        "aid": "dibao",
        "area": "urban",
        "region": "230799",
        "applicant": "m1",
        "head": "m1",
        "members": [
            a_member("m1", first),
            a_member("m2", first + 1, relation="spouse", employment="unemployed", phone="13800000000"),
            a_member("m3", first + 2, relation="child", employment="minor", born_on=date(2016, 3, 1), is_student=True),
        ],
        "declaration": [
            {"member_ref": "m1", "kind": "wage", "amount_fen": 1_200_000},
            {"member_ref": "m2", "kind": "deposit", "amount_fen": 300_000},
        ],
        "signature": a_signature("m1"),
        "consents": [
            a_consent("m1"),
            a_consent("m2"),
            a_consent("m3", given_by="m1", guardian_relation="parent"),
        ],
        "materials": [
            {"kind": "identity_document", "sha256": "d" * 64},
            {"kind": "household_register", "sha256": "e" * 64},
        ],
        "near_relatives": [],
    } | changes


def a_submission(number: int = 1, **changes: Any) -> Submission:
    return read(a_body(number, **changes))


def read(body: dict[str, Any]) -> Submission:
    return ApplicationIn.model_validate_json(orjson.dumps(body)).entry().submission


def handed(**papers: Any) -> Handed:
    return PapersIn.model_validate_json(orjson.dumps(papers)).take()
