"""What a township's people write down about a simulated family: bodies of the requests, made from its application.

The scripted people find what the family declared; what it hid was found by the check and closed flag by flag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

SURVEYORS = ("surveyor-1", "surveyor-2")
MEETING = ("leader", "deputy-leader", "discipline-officer")
"""Who decides together where information is missing; nobody of them prepares a case."""

_INCOME = frozenset(
    {
        "wage",
        "business_income",
        "property_income",
        "pension",
        "unemployment_benefit",
        "maintenance",
        "other_income",
    }
)
_EXPENDITURE = frozenset({"medical_expenditure", "rehabilitation_expenditure", "education_expenditure"})
_CARD_DIGITS = 12


def survey(family: Mapping[str, Any], member_ids: Sequence[str], at: datetime) -> dict[str, Any]:
    """The Household Survey Form of a home where two people went, and found what was declared."""
    when = at.isoformat()
    return {
        "surveyors": list(SURVEYORS),
        "visited_at": when,
        "home_entered": True,
        "living": "poor",
        "members": [
            _member(family, member, member_id)
            for member, member_id in zip(family["members"], sorted(member_ids), strict=True)
        ],
        "interviews": [{"heard_at": when, "accord": "agrees"}],
        "signatures": [
            *(_signature("surveyors", name, when) for name in SURVEYORS),
            _signature("surveyed", min(member_ids), when),
        ],
        "accord": "agrees",
        "note": "入户所见与申报一致",
    }


def payee(family: Mapping[str, Any], member_ids: Sequence[str]) -> dict[str, Any]:
    """The head of the family with the card that the money goes to."""
    place, holder = _head(family)
    return {
        "member_id": sorted(member_ids)[place],
        "name": holder["name"],
        "citizen_id": holder["citizen_id"],
        "account": card_of(holder["citizen_id"]),
    }


def holder_of(family: Mapping[str, Any]) -> str:
    """The resident id of whoever holds the card."""
    return str(_head(family)[1]["citizen_id"])


def card_of(citizen_id: str, number: int = 1) -> str:
    """A made-up social-security-card account of the person, 19 digits with a right check digit; the n-th one."""
    digest = hashlib.sha256(f"{citizen_id}:{number}".encode()).digest()
    first = f"990000{int.from_bytes(digest) % 10**_CARD_DIGITS:0{_CARD_DIGITS}d}"
    total = sum(sum(divmod(int(sign) * (1 + place % 2), 10)) for place, sign in enumerate(reversed(f"{first}0")))
    return f"{first}{-total % 10}"


def proof(what: str) -> str:
    """The hash by which a scan or photo is known."""
    return hashlib.sha256(what.encode()).hexdigest()


def _head(family: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """The head's place among the members, and the head."""
    return next((place, one) for place, one in enumerate(family["members"]) if one["ref"] == family["head"])


def _member(family: Mapping[str, Any], member: Mapping[str, Any], member_id: str) -> dict[str, Any]:
    declared = [item for item in family["declaration"] if item["member_ref"] == member["ref"]]
    health = "good"
    if member["disability_grade"] is not None:
        health = "disabled"
    if member["seriously_ill"]:
        health = "seriously_ill"
    return {
        "member_id": member_id,
        "met": True,
        "papers_seen": True,
        "health": health,
        "employment": member["employment"],
        "income_month_fen": _monthly(declared, _INCOME),
        "expenditure_month_fen": _monthly(declared, _EXPENDITURE),
        "supplement_groups": member["supplement_groups"],
    }


def _monthly(declared: Sequence[Mapping[str, Any]], kinds: frozenset[str]) -> int:
    """Of what was declared for twelve months."""
    return sum(item["amount_fen"] or 0 for item in declared if item["kind"] in kinds) // 12


def _signature(signer: str, by: str, when: str) -> dict[str, Any]:
    return {"signer": signer, "by": by, "signed_at": when, "on_spot": True, "sha256": proof(f"{signer} {by} {when}")}
