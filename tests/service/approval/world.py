"""Reports, withdrawals and payments as approval hears of them, and the papers its people hand in. Prefix 99 only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from chassis.ids import new_event_id, new_id
from contracts.events.intake import ApplicationWithdrawn
from contracts.events.payments import PaymentSettled
from contracts.events.verification import Coverage, OpenFlag, ReportIssued
from contracts.values import check_sign
from contracts.vocabulary import Aid, Area, Conclusion, FlagCode

TOWNSHIP = "cn/2307/230799/230799001/"
COUNTY = "cn/2307/230799/"
XINJIANG = "cn/65/654099/654099001/"
ACCEPTED = date(2026, 9, 15)
NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
"""Ten in the morning in China, the day after the acceptance."""
SHA = "ab" * 32


def citizen_id(place: int) -> str:
    first = f"99010119800101{place:03d}"
    return first + check_sign(first)


def card(place: int = 0) -> str:
    """A card number of 19 digits whose last one is right."""
    first = f"990000000000{place:06d}"
    total = sum(sum(divmod(int(sign) * (1 if index % 2 else 2), 10)) for index, sign in enumerate(reversed(first)))
    return first + str(-total % 10)


def a_report(
    *,
    of: ReportIssued | None = None,
    office: str = TOWNSHIP,
    region: str = "230799",
    members: int = 2,
    aid: Aid = Aid.DIBAO,
    flags: Iterable[str] = (),
    conclusion: Conclusion | None = None,
    income_fen: int = 60_000,
    income_qualifies: bool = True,
    is_partial: bool = False,
    accepted_on: date = ACCEPTED,
    version: int | None = None,
) -> ReportIssued:
    """The first report of a new application, or the next version of `of`."""
    application_id = of.application_id if of else new_id("app")
    ids = of.member_ids if of else [f"mem_{application_id[4:]}_{place:02d}" for place in range(members)]
    open_flags = [OpenFlag(flag_id=flag_id, code=FlagCode.AST_08) for flag_id in flags]
    said = Conclusion.FLAGS_OPEN if open_flags else Conclusion.NO_FLAGS
    return ReportIssued(
        event_id=new_event_id(),
        occurred_at=NOW,
        report_id=new_id("rep"),
        check_id=of.check_id if of else new_id("chk"),
        application_id=application_id,
        office=of.office if of else office,
        region=of.region if of else region,
        aid=aid,
        area=Area.URBAN,
        accepted_on=accepted_on,
        number="HD-230799-20260916-0001",
        report_version=(of.report_version + 1 if of else 1) if version is None else version,
        supersedes=of.report_id if of else None,
        issued_at=NOW,
        is_partial=is_partial,
        coverage=Coverage(asked=14, answered=13 if is_partial else 14, silent=int(is_partial), invalid=0),
        open_flags=open_flags,
        conclusion=conclusion or said,
        content_hash="cd" * 32,
        policy_pack="yichun@2026.1",
        member_ids=list(ids),
        person_keys=[f"{application_id[4:]}{place:032d}" for place in range(len(ids))],
        supplement_groups={ids[0]: ["elderly"]},
        income_per_head_month_fen=income_fen // len(ids),
        household_income_month_fen=income_fen,
        income_qualifies=income_qualifies,
        property_qualifies=True,
    )


def withdrawn(report: ReportIssued) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        event_id=new_event_id(), occurred_at=NOW, application_id=report.application_id, office=report.office
    )


def settled(
    report: ReportIssued, outcome: Literal["paid", "returned"] = "paid", at: datetime = NOW + timedelta(days=30)
) -> PaymentSettled:
    return PaymentSettled(
        event_id=new_event_id(),
        occurred_at=at,
        line_id=new_id("lin"),
        roster_id=new_id("ros"),
        application_id=report.application_id,
        office=COUNTY,
        month="2026-10",
        amount_fen=80_000,
        outcome=outcome,
        reason="",
        attempt=1,
        settled_at=at,
    )


def a_survey(report: ReportIssued, at: datetime, **changed: Any) -> dict[str, Any]:
    """A survey by two people that meets every rule of Yichun."""
    surveyors = ["surveyor-1", "surveyor-2"]
    body: dict[str, Any] = {
        "surveyors": surveyors,
        "visited_at": at.isoformat(),
        "home_entered": True,
        "living": "poor",
        "members": [
            {
                "member_id": member_id,
                "met": True,
                "papers_seen": True,
                "health": "good",
                "employment": "farming",
                "income_month_fen": 30_000,
                "expenditure_month_fen": 50_000,
                "supplement_groups": ["elderly"] if place == 0 else [],
            }
            for place, member_id in enumerate(report.member_ids)
        ],
        "interviews": [{"heard_at": at.isoformat(), "accord": "agrees"}],
        "signatures": [
            *(_signature("surveyors", name, at) for name in surveyors),
            _signature("surveyed", report.member_ids[0], at),
        ],
        "accord": "agrees",
        "note": "入户所见与申报一致",
    }
    return body | changed


def _signature(signer: str, by: str, at: datetime) -> dict[str, Any]:
    return {"signer": signer, "by": by, "signed_at": at.isoformat(), "on_spot": True, "sha256": SHA}


def a_payee(report: ReportIssued, place: int = 0, **changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "member_id": report.member_ids[0],
        "name": "审批甲",
        "citizen_id": citizen_id(place),
        "account": card(place),
    }
    return body | changed


def an_agent(**changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "kind": "carer",
        "occupation": "other",
        "name": "代取乙",
        "citizen_id": citizen_id(500),
        "authorised_on": "2026-09-15",
        "sha256": SHA,
    }
    return body | changed


APPROVE = {"outcome": "approved", "reasons": ["conditions_met"]}
REFUSE = {"outcome": "refused", "reasons": ["income_over_standard"]}
RECOMMEND = {"recommendation": "approved", "reasons": ["conditions_met"], "note": "符合条件"}


def a_posting(on: date) -> dict[str, Any]:
    return {"place": "林溪村村务公开栏", "posted_on": on.isoformat(), "photos": [SHA]}


def an_objection(at: datetime, **changed: Any) -> dict[str, Any]:
    return {"received_at": at.isoformat(), "source": "resident", "about": "income", "note": "有车"} | changed
