"""Households as a township hands them in, and the truth about them for whoever judges.

`/people` gives per household `{"household_no": 7, "application": {...}}`, where the application is the body of intake's
`POST /intake/v1/applications` but for `external_ref` and `office`, which are the township's to give: `aid`, `area`,
`region` (if the query names it), `applicant`, `head`, `members` (each with `ref` m0, m1, ... in order), `declaration`,
`signature`, `consents`, `materials` and `near_relatives`. Amounts are fen, incomes and spendings those of the last
twelve months. Everything is signed on the query's `signed_on`, else today.

`/truth` gives per household `{"household_no", "flags": [{"code", "member": index, "member_ref", "scope"}]}`: what was
planted. For scope `household` the flag is judged on all members together, and the member is the one who carries it.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from contracts.vocabulary import FlagCode, ItemKind, Relation
from simulator.family import Household, Person

HOUSEHOLD_SCOPE = frozenset(
    {
        FlagCode.REG_02,
        FlagCode.AST_01,
        FlagCode.AST_03,
        FlagCode.AST_04,
        FlagCode.AST_05,
        FlagCode.POV_01,
    }
)
_VOUCHED = frozenset(
    {ItemKind.MEDICAL_EXPENDITURE, ItemKind.REHABILITATION_EXPENDITURE, ItemKind.EDUCATION_EXPENDITURE}
)


def application(household: Household, signed_on: date, region: str | None) -> dict[str, Any]:
    """The application of one household, complete but for consents that are missing on purpose."""
    papers = _Papers(household, signed_on)
    body: dict[str, Any] = {
        "aid": household.aid,
        "area": household.area,
        "applicant": "m0",
        "head": "m0",
        "members": [_member(person) for person in household.members],
        "declaration": [
            {
                "member_ref": f"m{item.member}",
                "kind": item.kind,
                "amount_fen": item.amount_fen,
                "quantity": item.quantity,
            }
            for item in household.items
        ],
        "signature": papers.signed("m0", "declaration"),
        "consents": [
            papers.consent(person) for person in household.members if person.index not in household.consent_missing
        ],
        "materials": [{"kind": kind, "sha256": papers.digest(kind)} for kind in _materials(household)],
        "near_relatives": [],
    }
    if region is not None:
        body["region"] = region
    return {"household_no": household.number, "application": body}


def truth(household: Household) -> dict[str, Any]:
    """What was planted in one household."""
    return {
        "household_no": household.number,
        "flags": [
            {
                "code": planted.code,
                "member": planted.member,
                "member_ref": f"m{planted.member}",
                "scope": "household" if planted.code in HOUSEHOLD_SCOPE else "member",
            }
            for planted in household.planted
        ],
    }


def _member(person: Person) -> dict[str, Any]:
    return {
        "ref": f"m{person.index}",
        "name": person.name,
        "citizen_id": person.citizen_id,
        "relation": person.relation,
        "employment": person.employment,
        "disability_grade": person.disability_grade,
        "seriously_ill": person.seriously_ill,
        "is_student": person.is_student,
        "supplement_groups": person.supplement_groups,
    }


def _materials(household: Household) -> list[str]:
    kinds = ["identity_document", "household_register"]
    if any(person.disability_grade is not None for person in household.members):
        kinds.append("disability_certificate")
    if any(item.kind in _VOUCHED for item in household.items):
        kinds.append("expense_vouchers")
    return kinds


class _Papers:
    """Signatures and scans of one household; the scans exist only as their hashes."""

    def __init__(self, household: Household, signed_on: date) -> None:
        self._household = household
        self._signed_on = signed_on.isoformat()

    def digest(self, what: str) -> str:
        return sha256(f"{self._household.number}:{what}".encode()).hexdigest()

    def signed(self, signed_by: str, what: str) -> dict[str, Any]:
        evidence = {"kind": "paper_scan", "sha256": self.digest(what)}
        return {"signed_by": signed_by, "signed_on": self._signed_on, "evidence": evidence}

    def consent(self, person: Person) -> dict[str, Any]:
        """The member's own, or for a minor the applicant's as parent or grandparent."""
        given: dict[str, Any] = {
            "member_ref": f"m{person.index}",
            "given_by": f"m{person.index}",
            "signed_on": self._signed_on,
            "evidence": {"kind": "paper_scan", "sha256": self.digest(f"consent-{person.index}")},
        }
        if not person.is_adult:
            given["given_by"] = "m0"
            given["guardian_relation"] = "grandparent" if person.relation is Relation.GRANDCHILD else "parent"
        return given
