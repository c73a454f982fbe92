"""Notifying: the family is told in writing why it was refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from services.approval.domain.case import Case, Notified
from services.approval.domain.faults import Fault
from services.approval.domain.words import NoticeWay, State
from services.approval.store import records
from services.approval.usecases import casework
from services.approval.usecases.refusals import NoticeNotDue, Unacceptable


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How and when the written refusal reached the family, with its proof."""

    delivered_on: date
    way: NoticeWay
    sha256: str


async def record_notice(
    tx: Transaction, caller: Caller, case: Case, delivery: Delivery, *, now: datetime
) -> tuple[Case, str]:
    """The written refusal with its reasons reached the family of a locked case; its clock stops (R-116).

    Raises NotTheAuthority, NoticeNotDue, Unacceptable.
    """
    casework.require_own_office(caller, case)
    decision = case.decision
    if case.state is not State.REFUSED or decision is None or case.notice is not None:
        raise NoticeNotDue
    if not decision.on <= delivery.delivered_on <= local_day(now):
        raise Unacceptable([_UNFIT])
    notice_id = new_id("ntc")
    told = replace(case, notice=Notified(delivered_on=delivery.delivered_on, way=delivery.way, by=caller.subject))
    await records.add_notice(tx, told, notice_id, delivery.sha256, now=now)
    (kept,) = await casework.keep(tx, [told])
    details: dict[str, str | int] = {"notice": notice_id, "way": delivery.way}
    tx.audit(Act.REFUSAL_NOTICE_DELIVERED, subject=case.case_id, office=case.office, details=details)
    return kept, notice_id


_UNFIT = Fault(
    "/delivered_on",
    "day_unfit",
    "送达日期须在决定之日至今天之间。",
    "It is delivered between the day of the decision and today.",
)
