"""An entitlement: what a certificate gives a household, from when, and into whose account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from contracts.values import AccountNumber, CitizenId, Month, PersonName
from contracts.vocabulary import Aid, Area, Word
from services.payments.domain.benefit import Beneficiary


class EntitlementState(Word):
    """Whether money follows from it."""

    LIVE = "live", "享受中"
    HELD = "held", "暂缓"
    BLOCKED = "blocked", "待核实(人员重复)"
    ENDED = "ended", "已终止"


class EndReason(Word):
    """Why an entitlement ended."""

    REFUSED = "refused", "不予确认"
    PAYEE_DEAD = "payee_dead", "领款人死亡"
    MEMBER_DEAD = "member_dead", "成员死亡，需重新核定"
    GAVE_UP = "gave_up", "家庭主动退出"
    CONDITIONS_ENDED = "conditions_ended", "不再符合条件"


@dataclass(frozen=True, slots=True)
class Payee:
    """The holder of the social-security card the money goes to (R-209, R-210)."""

    member_id: str
    name: PersonName
    citizen_id: CitizenId
    account: AccountNumber


@dataclass(frozen=True, slots=True)
class Entitlement:
    """In force from a certificate on: `since` is the first month it covers, `first_roster` the first to pay it."""

    entitlement_id: str
    application_id: str
    aid: Aid
    office: str
    region: str
    area: Area
    certificate_id: str
    case_version: int
    decision_hash: str
    confirmed_on: date
    publicity_ended_on: date
    certified_at: datetime
    since: Month
    first_roster: Month
    income_fen: int
    members: tuple[Beneficiary, ...]
    state: EntitlementState
    trace: str
