"""Households as the township's script submits them, and the truth about them for whoever judges.

`/people` gives per household:

    {"household_no": 7, "area": "rural", "aid": "dibao",
     "members": [{"relation", "name", "citizen_id", "employment", "disability_grade", "seriously_ill", "is_student",
                  "supplement_groups": [...], "consent": "own" | "guardian" | "missing", "guardian": index | null}],
     "declaration": [{"member": index, "kind", "amount_fen", "quantity"}]}

Fields are named as in `contracts.events.intake`; members are pointed at by their place in the list, since ids are intake's to give. Incomes
and spendings are of the last twelve months, in fen. A minor's consent is signed by the guardian at the given place.

`/truth` gives per household `{"household_no", "flags": [{"code", "member": index, "scope": "member" | "household"}]}`: what was planted. For
scope `household` the flag is judged on all members together, and `member` is the one who carries the record.
"""

from __future__ import annotations

from typing import Any

from contracts.vocabulary import FlagCode
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


def application(household: Household) -> dict[str, Any]:
    return {
        "household_no": household.number,
        "area": household.area,
        "aid": household.aid,
        "members": [_member(household, person) for person in household.members],
        "declaration": [
            {"member": item.member, "kind": item.kind, "amount_fen": item.amount_fen, "quantity": item.quantity}
            for item in household.items
        ],
    }


def _member(household: Household, person: Person) -> dict[str, Any]:
    guardian = None if person.is_adult else household.adults[0].index
    consent = "missing" if person.index in household.consent_missing else "own" if guardian is None else "guardian"
    return {
        "relation": person.relation,
        "name": person.name,
        "citizen_id": person.citizen_id,
        "employment": person.employment,
        "disability_grade": person.disability_grade,
        "seriously_ill": person.seriously_ill,
        "is_student": person.is_student,
        "supplement_groups": person.supplement_groups,
        "consent": consent,
        "guardian": guardian,
    }


def truth(household: Household) -> dict[str, Any]:
    return {
        "household_no": household.number,
        "flags": [
            {
                "code": planted.code,
                "member": planted.member,
                "scope": "household" if planted.code in HOUSEHOLD_SCOPE else "member",
            }
            for planted in household.planted
        ],
    }
