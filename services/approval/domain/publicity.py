"""Publicity (公示): the legal days after the day of posting, without an objection (R-117, R-124, R-125, R-127)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from policies.calendar import CHINA, publicity_end, publicity_over_at
from policies.model import Policy
from services.approval.domain.case import Case, Posted
from services.approval.domain.faults import Fault
from services.approval.domain.words import ObjectionAbout, ObjectionFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What was posted where, since when, with proof (R-128)."""

    place: str
    posted_on: date
    photos: tuple[str, ...]
    """sha256 of each photo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What somebody says against it (R-135); nobody is named in clear."""

    received_at: datetime
    source: ObjectionFrom
    about: ObjectionAbout
    note: str = ""


def posted(posting: Posting, policy: Policy, *, publicity_id: str, by: str) -> Posted:
    """The publicity that begins with this posting; its end is not moved by holidays."""
    days = policy.publicity.days
    return Posted(
        publicity_id=publicity_id,
        place=posting.place,
        by=by,
        posted_on=posting.posted_on,
        ended_on=publicity_end(posting.posted_on, days),
        over_at=publicity_over_at(posting.posted_on, days),
    )


def posting_faults(posting: Posting, case: Case, today: date) -> tuple[Fault, ...]:
    """Posted after the decision and not in the future (R-125)."""
    decision = case.decision
    assert decision is not None, "only what is decided is posted"
    if posting.posted_on > today:
        return (Fault("/posted_on", "in_future", "张贴日期不能晚于今天。", "The day of posting lies in the future."),)
    if posting.posted_on < decision.on:
        return (Fault("/posted_on", "before_decision", "公示须在确认之后。", "It is posted after the decision."),)
    return ()


def objection_faults(objection: Objection, publicity: Posted, now: datetime) -> tuple[Fault, ...]:
    """Received between the day of posting and the last instant of the last full day (R-127)."""
    if objection.received_at > now:
        return (Fault("/received_at", "in_future", "收到异议的时间不能晚于现在。", "It was received in the future."),)
    if objection.received_at.astimezone(CHINA).date() < publicity.posted_on:
        return (Fault("/received_at", "before_posting", "异议须在公示之后。", "It was received before the posting."),)
    if objection.received_at >= publicity.over_at:
        return (
            Fault(
                "/received_at",
                "publicity_over",
                "公示期已满，请按投诉举报程序办理。",
                "The publicity has passed; it is handled as a complaint.",
            ),
        )
    return ()
