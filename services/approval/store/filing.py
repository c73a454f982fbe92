"""How cases, surveys and payees are written down."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from pydantic import TypeAdapter

from contracts.values import AccountNumber, CitizenId, PersonName
from services.approval.domain.case import Case
from services.approval.domain.payee import Agent, AgentKind, Occupation, Payee
from services.approval.domain.survey import Survey

_CASE: TypeAdapter[Case] = TypeAdapter(Case)
_SURVEY: TypeAdapter[Survey] = TypeAdapter(Survey)


def file_case(case: Case) -> str:
    return _CASE.dump_json(case).decode()


def unfile_case(content: str) -> Case:
    return _CASE.validate_json(content)


def file_survey(survey: Survey) -> bytes:
    return _SURVEY.dump_json(survey)


def unfile_survey(content: bytes) -> Survey:
    return _SURVEY.validate_json(content)


def file_payee(payee: Payee) -> bytes:
    """Names somebody: to be sealed."""
    agent = payee.agent
    return orjson.dumps(
        {
            "member_id": payee.member_id,
            "name": payee.name.reveal(),
            "citizen_id": payee.citizen_id.reveal(),
            "account": payee.account.reveal(),
            "agent": None
            if agent is None
            else {
                "kind": agent.kind,
                "occupation": agent.occupation,
                "name": agent.name.reveal(),
                "citizen_id": agent.citizen_id.reveal(),
                "authorised_on": agent.authorised_on,
                "sha256": agent.sha256,
            },
        }
    )


def unfile_payee(content: bytes) -> Payee:
    kept: dict[str, Any] = orjson.loads(content)
    agent = kept["agent"]
    return Payee(
        member_id=kept["member_id"],
        name=PersonName(kept["name"]),
        citizen_id=CitizenId(kept["citizen_id"]),
        account=AccountNumber(kept["account"]),
        agent=None
        if agent is None
        else Agent(
            kind=AgentKind(agent["kind"]),
            occupation=Occupation(agent["occupation"]),
            name=PersonName(agent["name"]),
            citizen_id=CitizenId(agent["citizen_id"]),
            authorised_on=date.fromisoformat(agent["authorised_on"]),
            sha256=agent["sha256"],
        ),
    )
