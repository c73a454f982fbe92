"""Into whose account the money goes, and who may draw it for somebody who cannot (R-209 to R-215)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.values import AccountNumber, CitizenId, PersonName
from contracts.vocabulary import Word
from policies.model import Policy
from services.approval.domain.case import Case
from services.approval.domain.faults import Fault


class AgentKind(Word):
    """Who may draw for the recipient (R-212)."""

    GUARDIAN = "guardian", "监护人"
    CARER = "carer", "委托照料人"
    NAMED = "named", "本人指定他人"


class Occupation(Word):
    """What matters about an agent's work (R-215)."""

    OTHER = "other", "其他"
    ASSISTANCE_OFFICER = "assistance_officer", "救助经办人员"
    VILLAGE_CADRE = "village_cadre", "村(居)委会干部"


STAFF = frozenset({Occupation.ASSISTANCE_OFFICER, Occupation.VILLAGE_CADRE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who draws the money for the recipient, by a signed authorisation (R-214)."""

    kind: AgentKind
    occupation: Occupation
    name: PersonName
    citizen_id: CitizenId
    authorised_on: date
    sha256: str
    """The authorisation, signed by township, agent and recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """The holder of the card, a member of the household, and its account."""

    member_id: str
    name: PersonName
    citizen_id: CitizenId
    account: AccountNumber
    agent: Agent | None = None


def faults_of(payee: Payee, case: Case, policy: Policy, today: date) -> tuple[Fault, ...]:
    """Everything that keeps money from going there (R-209, R-214, R-215)."""
    found = []
    if payee.member_id not in {member.member_id for member in case.members}:
        found.append(
            Fault("/member_id", "holder_not_member", "账户持有人须为家庭成员。", "The holder must be a member.")
        )
    agent = payee.agent
    if agent is not None:
        if agent.occupation in STAFF and not policy.payment.staff_agents_allowed:
            found.append(
                Fault(
                    "/agent/occupation",
                    "staff_agent",
                    "救助经办人员和村(居)干部不得代为持卡支取。",
                    "Officers and cadres must not hold the card or draw for a recipient.",
                )
            )
        if agent.citizen_id == payee.citizen_id:
            found.append(
                Fault("/agent/citizen_id", "agent_is_holder", "代取人不能是本人。", "The agent is the holder.")
            )
        if agent.authorised_on > today:
            found.append(
                Fault("/agent/authorised_on", "in_future", "委托日期不能晚于今天。", "The authorisation lies ahead.")
            )
    return tuple(found)
