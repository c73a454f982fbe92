"""Human resources and social security: benefits being paid and contributions through an employer, in two lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.findings import SocialBenefit, SocialContribution
from contracts.vocabulary import Agency
from simulator.agencies.wire import Asked, Json, Wire, yuan
from simulator.clock import BEIJING
from simulator.family import Person

_BENEFITS = {"employee_pension": "110", "resident_pension": "170", "unemployment": "210"}


def _read(body: Mapping[str, Any]) -> tuple[Any, Any]:
    return body["reason"], body["people"]


def _entry(asked: Asked, person: Person | None) -> Json:
    known = person.facts.get(Agency.SOCIAL_INSURANCE, ()) if person else ()
    benefits = [_benefit(record) for record in known if isinstance(record, SocialBenefit)]
    contributions = [_contribution(record) for record in known if isinstance(record, SocialContribution)]
    return {
        "ref": asked[0],
        "idCard": asked[2],
        "benefitCount": len(benefits),
        "benefits": benefits,
        "contributionCount": len(contributions),
        "contributions": contributions,
        "employmentRegistration": None,
    }


def _benefit(record: SocialBenefit) -> Json:
    return {
        "insuranceKind": _BENEFITS[record.type],
        "monthlyAmount": yuan(record.monthly_amount_fen),
        "paidSince": "2021-07",
        "payBank": "社保卡",
    }


def _contribution(record: SocialContribution) -> Json:
    return {
        "payBase": yuan(record.monthly_base_fen),
        "payState": "1" if record.is_active else "2",
        "unitName": "示例用工单位",
        "months": 24,
    }


def _document(entries: list[Json], as_of: datetime) -> Json:
    return {"success": True, "asOf": as_of.astimezone(BEIJING).isoformat(timespec="seconds"), "people": entries}


WIRE = Wire(
    agency=Agency.SOCIAL_INSURANCE,
    person_fields=("ref", "personName", "idCard", "caseId"),
    claim=("benefitCount", 1),
    read=_read,
    entry=_entry,
    document=_document,
)
