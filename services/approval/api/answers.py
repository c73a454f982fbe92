"""What approval answers: cases with their clocks, spot checks, draws. Codes with labels, money in fen, nobody named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from chassis.clock import CHINA
from chassis.etags import etag_of
from chassis.paging import PageOf
from contracts.vocabulary import Word
from services.approval.domain.case import Case
from services.approval.domain.clocks import Clock
from services.approval.domain.payee import Payee
from services.approval.domain.survey import Survey
from services.approval.domain.words import ENGLISH, Why
from services.approval.queries import Drawing, Line, View, Whole


class LabelOut(BaseModel):
    code: str
    zh: str
    en: str


class ClockOut(LabelOut):
    """A clock in working days. `days_left` is negative beyond the due day and 0 once the act was done."""

    started_on: date
    workdays: int
    due_on: date
    stopped_on: date | None
    days_left: int
    is_overdue: bool
    is_provisional: bool
    calendar: str


class CaseLineOut(BaseModel):
    """A case in a list. `etag` is what `If-Match` wants; `lacks` is what its next step still needs."""

    case_id: str
    etag: str
    application_id: str
    office: str
    region: str
    aid: LabelOut
    state: LabelOut
    case_version: int
    accepted_on: date
    member_ids: list[str]
    report_id: str
    report_version: int
    conclusion: LabelOut
    open_flags: int
    household_income_month_fen: int
    clocks: list[ClockOut]
    missing_steps: list[LabelOut]
    lacks: list[LabelOut]
    publicity_ended_on: date | None
    certificate_number: str | None


class CasesOut(BaseModel):
    data: list[CaseLineOut]
    page: PageOf


class CaseOut(CaseLineOut):
    """A case whole. Names and accounts are shown masked."""

    is_doubtful: bool
    is_near_relative: bool
    extended: dict[str, Any] | None
    survey: dict[str, Any] | None
    payee: dict[str, Any] | None
    opinion: dict[str, Any] | None
    decision: dict[str, Any] | None
    publicity: dict[str, Any] | None
    objections: list[dict[str, Any]]
    notice: dict[str, Any] | None
    certificate: dict[str, Any] | None
    paid_at: datetime | None
    tasks: list[dict[str, Any]]


class DoneOut(BaseModel):
    """What was put on record, and the case as it stands after it."""

    record_id: str
    case: CaseLineOut


class SpotCheckOut(BaseModel):
    """A spot check, with its result where there is one."""

    spot_check_id: str
    draw_id: str
    case_id: str
    office: str
    why: LabelOut
    look: str | None
    found: str | None
    rectify_by: date | None


class SpotChecksOut(BaseModel):
    data: list[SpotCheckOut]
    page: PageOf


class CandidateOut(BaseModel):
    case_id: str
    is_doubtful: bool
    is_near_relative: bool


class DrawOut(BaseModel):
    """A draw with all it takes to draw again.

    `seed` = sha256("hedui spot check v1\\n" + head + office). Near relatives and doubtful cases are in; of the others,
    in the order of sha256(seed + case_id), as many as reach `percent` of the population, rounded up.
    """

    draw_id: str
    office: str
    percent: int
    seal: int
    head: str
    seed: str
    drawn_at: datetime
    population: list[CandidateOut]
    spot_checks: list[SpotCheckOut]


def etag(case: Case) -> str:
    return etag_of(case.case_id, case.revision)


def line(view: View) -> dict[str, Any]:
    """The shape of CaseLineOut."""
    case = view.case
    return {
        "case_id": case.case_id,
        "etag": etag(case),
        "application_id": case.application_id,
        "office": case.office,
        "region": case.region,
        "aid": _word(case.aid),
        "state": _word(case.state),
        "case_version": case.case_version,
        "accepted_on": case.accepted_on.isoformat(),
        "member_ids": [member.member_id for member in case.members],
        "report_id": case.report.report_id,
        "report_version": case.report.version,
        "conclusion": _word(case.report.conclusion),
        "open_flags": len(case.report.open_flags),
        "household_income_month_fen": case.report.household_income_month_fen,
        "clocks": [_clock(one) for one in view.clocks],
        "missing_steps": [_word(step) for step in view.missing],
        "lacks": [_word(lack) for lack in view.lacks],
        "publicity_ended_on": case.publicity.ended_on.isoformat() if case.publicity else None,
        "certificate_number": case.certificate.number if case.certificate else None,
    }


def whole(found: Whole) -> dict[str, Any]:
    """The shape of CaseOut."""
    case = found.view.case
    return line(found.view) | {
        "is_doubtful": case.is_doubtful,
        "is_near_relative": case.is_near_relative,
        "extended": case.extension,
        "survey": _survey(case, found.survey),
        "payee": _payee(found.payee),
        "opinion": case.opinion,
        "decision": case.decision,
        "publicity": case.publicity,
        "objections": [one._asdict() | {"received_at": _instant(one.received_at)} for one in found.objections],
        "notice": case.notice,
        "certificate": case.certificate,
        "paid_at": _instant(case.paid_at) if case.paid_at else None,
        "tasks": [one._asdict() | {"opened_at": _instant(one.opened_at)} for one in found.tasks],
    }


def done(view: View, record_id: str) -> dict[str, Any]:
    """The shape of DoneOut."""
    return {"record_id": record_id, "case": line(view)}


def spot_check(one: Line) -> dict[str, Any]:
    """The shape of SpotCheckOut."""
    return one._asdict() | {"why": _word(Why(one.why))}


def draw(drawing: Drawing) -> dict[str, Any]:
    """The shape of DrawOut."""
    one = drawing.draw
    return {
        "draw_id": one.draw_id,
        "office": one.office,
        "percent": one.percent,
        "seal": one.seal,
        "head": one.head.hex(),
        "seed": one.seed.hex(),
        "drawn_at": _instant(one.drawn_at),
        "population": [
            {"case_id": each.case_id, "is_doubtful": each.is_doubtful, "is_near_relative": each.is_near_relative}
            for each in drawing.population
        ],
        "spot_checks": [spot_check(each) for each in drawing.lines],
    }


def _word(one: Word) -> dict[str, str]:
    return {"code": one.value, "zh": one.label, "en": ENGLISH[one]}


def _clock(clock: Clock) -> dict[str, Any]:
    return _word(clock.name) | {
        "started_on": clock.started_on.isoformat(),
        "workdays": clock.workdays,
        "due_on": clock.due_on.isoformat(),
        "stopped_on": clock.stopped_on.isoformat() if clock.stopped_on else None,
        "days_left": clock.days_left,
        "is_overdue": clock.is_overdue,
        "is_provisional": clock.is_provisional,
        "calendar": clock.calendar,
    }


def _survey(case: Case, survey: Survey | None) -> dict[str, Any] | None:
    if case.survey is None or survey is None:
        return None
    return {
        "survey_id": case.survey.survey_id,
        "round": case.survey_round,
        "recorded_by": case.survey.recorded_by,
        "form": survey,
    }


def _payee(payee: Payee | None) -> dict[str, Any] | None:
    """Who holds the card, by member id; account and agent masked."""
    if payee is None:
        return None
    agent = payee.agent
    return {
        "member_id": payee.member_id,
        "account": str(payee.account),
        "agent": None
        if agent is None
        else {"kind": agent.kind, "occupation": agent.occupation, "on": agent.authorised_on},
    }


def _instant(at: datetime) -> str:
    """With the offset of China, where all offices are."""
    return at.astimezone(CHINA).isoformat(timespec="milliseconds")
