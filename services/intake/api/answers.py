"""What intake answers: receipts, one application with its members masked, lines of a list, verdicts of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from chassis.clock import CHINA
from chassis.languages import Language
from chassis.paging import PageOf
from chassis.problems import document
from chassis.refusal import Refusal
from contracts.vocabulary import Aid, ApplicationState
from services.intake.domain.application import Application
from services.intake.domain.completeness import Gap, GapKind
from services.intake.domain.submission import Consent, Submission
from services.intake.queries import Line, View

_GAP_EN = {
    GapKind.SIGNED_DECLARATION: "Declaration of household income and property, signed by the applicant",
    GapKind.HEAD_CONSENT: "Consent of the head of household",
    GapKind.OWN_CONSENT: "Authorisation to check, signed by the member in person",
    GapKind.GUARDIAN_CONSENT: "Authorisation to check, signed by the member's guardian",
    GapKind.NEAR_RELATIVE_STATEMENT: "Statement whether a member is a near relative of an officer or village cadre",
    GapKind.MATERIAL: "Required paper",
}


class MissingOut(BaseModel):
    """One thing to be brought: whose, or which paper, where that matters."""

    code: GapKind
    member_ref: str | None
    material: str | None
    zh: str
    en: str


class DueOut(BaseModel):
    """By when the office must have decided (R-118, R-119)."""

    review_on: date
    workdays: int
    is_provisional: bool
    calendar_version: str
    rule_pack: str


class ReceiptOut(BaseModel):
    """What became of an application. `missing` is the one complete list of what is still to be brought (R-008)."""

    application_id: str
    number: str
    state: ApplicationState
    accepted_on: date | None
    missing: list[MissingOut]
    due: DueOut | None


class VerdictOut(BaseModel):
    """One application of a batch: a receipt, or the problem for which it was refused."""

    index: int
    verdict: Literal["accepted", "incomplete", "refused"]
    receipt: ReceiptOut | None
    problem: dict[str, Any] | None


class BatchOut(BaseModel):
    results: list[VerdictOut]
    accepted: int
    incomplete: int
    refused: int


class ConsentOut(BaseModel):
    given_by: str
    signed_on: date
    withdrawn_at: datetime | None


class MemberOut(BaseModel):
    """A member; name, number and phone are masked."""

    member_id: str
    ref: str
    name: str
    citizen_id: str
    phone: str | None
    relation: str
    employment: str
    disability_grade: int | None
    seriously_ill: bool
    is_student: bool
    under_guardianship: bool
    supplement_groups: list[str]
    consent: ConsentOut | None


class DeclaredOut(BaseModel):
    member_ref: str
    kind: str
    amount_fen: int
    quantity: int


class PaperOut(BaseModel):
    kind: str | None
    sha256: str


class ApplicationOut(ReceiptOut):
    """One application with what was handed in."""

    external_ref: str | None
    aid: Aid
    area: str
    office: str
    region: str
    received_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    applicant: str
    head: str
    members: list[MemberOut]
    declaration: list[DeclaredOut]
    materials: list[PaperOut]
    near_relatives: list[dict[str, str]] | None


class LineOut(BaseModel):
    """An application in a list; nobody is named."""

    application_id: str
    number: str
    state: ApplicationState
    aid: Aid
    office: str
    region: str
    received_at: datetime
    accepted_on: date | None
    external_ref: str | None


class ApplicationsOut(BaseModel):
    data: list[LineOut]
    page: PageOf


def receipt(view: View) -> dict[str, Any]:
    """The shape of ReceiptOut, in plain values."""
    application = view.application
    accepted_on = application.standing.accepted_on
    return {
        "application_id": application.application_id,
        "number": application.number,
        "state": application.standing.state.value,
        "accepted_on": accepted_on.isoformat() if accepted_on else None,
        "missing": [_missing(gap) for gap in view.missing],
        "due": None
        if view.due is None
        else {
            "review_on": view.due.review_on.isoformat(),
            "workdays": view.due.workdays,
            "is_provisional": view.due.is_provisional,
            "calendar_version": view.due.calendar_version,
            "rule_pack": view.due.rule_pack,
        },
    }


def verdicts(rows: Sequence[View | Refusal], language: Language) -> dict[str, Any]:
    """The shape of BatchOut, in plain values."""
    results = [_verdict(index, row, language) for index, row in enumerate(rows)]
    said = [result["verdict"] for result in results]
    return {"results": results} | {word: said.count(word) for word in ("accepted", "incomplete", "refused")}


def application(view: View) -> dict[str, Any]:
    """The shape of ApplicationOut, in plain values. Nobody's name or number stands in clear."""
    one, submission = view.application, view.application.submission
    return receipt(view) | {
        "external_ref": submission.external_ref,
        "aid": submission.aid.value,
        "area": submission.area.value,
        "office": one.office,
        "region": submission.region,
        "received_at": _instant(one.received_at),
        "accepted_at": _instant(one.standing.accepted_at),
        "withdrawn_at": _instant(one.standing.withdrawn_at),
        "applicant": submission.applicant,
        "head": submission.head,
        "members": _members(one),
        "declaration": [
            {"member_ref": item.member_ref, "kind": item.kind, "amount_fen": item.amount_fen, "quantity": item.quantity}
            for item in submission.declaration
        ],
        "materials": [{"kind": paper.kind, "sha256": paper.sha256} for paper in submission.materials],
        "near_relatives": _near_relatives(submission),
    }


def line(one: Line) -> dict[str, Any]:
    """The shape of LineOut, in plain values."""
    accepted_on = one.accepted_on.isoformat() if one.accepted_on else None
    return one._asdict() | {"received_at": _instant(one.received_at), "accepted_on": accepted_on}


def _missing(gap: Gap) -> dict[str, Any]:
    paper = gap.material
    return {
        "code": gap.kind.value,
        "member_ref": gap.member_ref,
        "material": paper.value if paper else None,
        "zh": f"{gap.kind.label}：{paper.label}" if paper else gap.kind.label,
        "en": f"{_GAP_EN[gap.kind]}: {paper.value}" if paper else _GAP_EN[gap.kind],
    }


def _verdict(index: int, row: View | Refusal, language: Language) -> dict[str, Any]:
    if isinstance(row, Refusal):
        return {"index": index, "verdict": "refused", "receipt": None, "problem": document(row, language)}
    return {
        "index": index,
        "verdict": row.application.standing.state.value,
        "receipt": receipt(row),
        "problem": None,
    }


def _members(one: Application) -> list[dict[str, Any]]:
    given = {consent.member_ref: consent for consent in one.submission.consents}
    return [
        {
            "member_id": one.member_id(member.ref),
            "ref": member.ref,
            "name": member.name.mask(),
            "citizen_id": member.citizen_id.mask(),
            "phone": member.phone.mask() if member.phone else None,
            "relation": member.relation.value,
            "employment": member.employment.value,
            "disability_grade": member.disability_grade,
            "seriously_ill": member.seriously_ill,
            "is_student": member.is_student,
            "under_guardianship": member.under_guardianship,
            "supplement_groups": [group.value for group in member.supplement_groups],
            "consent": _consent(given.get(member.ref)),
        }
        for member in one.submission.members
    ]


def _consent(consent: Consent | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    return {
        "given_by": consent.given_by or "guardian",
        "signed_on": consent.signed_on.isoformat(),
        "withdrawn_at": _instant(consent.withdrawn_at),
    }


def _near_relatives(submission: Submission) -> list[dict[str, str]] | None:
    if submission.near_relatives is None:
        return None
    return [
        {"member_ref": one.member_ref, "handler": one.handler.value, "kinship": one.kinship.value}
        for one in submission.near_relatives
    ]


def _instant(at: datetime | None) -> str | None:
    """With the offset of China, where all offices are."""
    return at.astimezone(CHINA).isoformat(timespec="milliseconds") if at else None
