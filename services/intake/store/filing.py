"""A submission as it is kept: a clear part of codes, dates and amounts, and all that names a person, to be sealed.

Within the clear part each member, item and paper is a row of its fields in a fixed order, without their names: they
would be more than half of every application.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from contracts.values import CitizenId, Masked, PersonName, PhoneNumber
from contracts.vocabulary import Aid, Area, Employment, ItemKind, Relation
from policies.words import Material as MaterialKind
from policies.words import SupplementGroup
from services.intake.domain.completeness import Gap, GapKind
from services.intake.domain.household import Member
from services.intake.domain.submission import (
    Consent,
    DeclaredItem,
    Entrustment,
    Evidence,
    EvidenceKind,
    GuardianRelation,
    HandlerKind,
    Kinship,
    Material,
    NearRelative,
    Residence,
    Signature,
    Submission,
)

_JSON = msgspec.json.Encoder()


class Filed(NamedTuple):
    """Both parts. Only the first may be stored in clear."""

    clear: str
    personal: bytes


def file(submission: Submission) -> Filed:
    """Split a submission. A value of a masked type in the clear part would not be written: that is a TypeError."""
    relatives = submission.near_relatives
    clear = _JSON.encode(
        {
            "aid": submission.aid,
            "area": submission.area,
            "region": submission.region,
            "applicant": submission.applicant,
            "head": submission.head,
            "members": [_member_row(one) for one in submission.members],
            "declaration": [(one.member_ref, one.kind, one.amount_fen, one.quantity) for one in submission.declaration],
            "signature": _signature_row(submission.signature),
            "head_consent": _signature_row(submission.head_consent),
            "consents": [_consent_row(one) for one in submission.consents],
            "materials": [(one.kind, one.sha256) for one in submission.materials],
            "near_relatives": None
            if relatives is None
            else [(one.member_ref, one.handler, one.kinship) for one in relatives],
            "entrustment": _entrustment_row(submission.entrustment),
            "residence": (submission.residence.region, submission.residence.months) if submission.residence else None,
            "external_ref": submission.external_ref,
        }
    )
    personal = _JSON.encode(
        (
            [(one.name.reveal(), one.citizen_id.reveal(), _open(one.phone)) for one in submission.members],
            [_open(one.guardian_name) for one in submission.consents],
            [_open(one.name) for one in submission.materials],
        )
    )
    return Filed(clear.decode(), personal)


def unfile(clear: str, personal: bytes) -> Submission:
    """The submission as it was handed in."""
    kept: dict[str, Any] = msgspec.json.decode(clear)
    people, guardians, files = msgspec.json.decode(personal)
    relatives = kept["near_relatives"]
    return Submission(
        aid=Aid(kept["aid"]),
        area=Area(kept["area"]),
        region=kept["region"],
        applicant=kept["applicant"],
        head=kept["head"],
        members=tuple(_member(row, who) for row, who in zip(kept["members"], people, strict=True)),
        declaration=tuple(DeclaredItem(ref, ItemKind(kind), *rest) for ref, kind, *rest in kept["declaration"]),
        signature=_signature(kept["signature"]),
        head_consent=_signature(kept["head_consent"]),
        consents=tuple(_consent(row, name) for row, name in zip(kept["consents"], guardians, strict=True)),
        materials=tuple(_material(row, name) for row, name in zip(kept["materials"], files, strict=True)),
        near_relatives=None
        if relatives is None
        else tuple(NearRelative(ref, HandlerKind(handler), Kinship(kin)) for ref, handler, kin in relatives),
        entrustment=_entrustment(kept["entrustment"]),
        residence=Residence(*kept["residence"]) if kept["residence"] else None,
        external_ref=kept["external_ref"],
    )


def file_notice(notice: tuple[Gap, ...]) -> str | None:
    """The one notice of what is missing; None where nothing was (R-008)."""
    return _JSON.encode(notice).decode() if notice else None


def unfile_notice(kept: str | None) -> tuple[Gap, ...]:
    return tuple(
        Gap(GapKind(one["kind"]), one["member_ref"], MaterialKind(one["material"]) if one["material"] else None)
        for one in (msgspec.json.decode(kept) if kept else ())
    )


def _open(value: Masked | None) -> str | None:
    return None if value is None else value.reveal()


def _member_row(one: Member) -> tuple[object, ...]:
    return (
        one.ref,
        one.relation,
        one.employment,
        one.disability_grade,
        one.seriously_ill,
        one.is_student,
        one.under_guardianship,
        one.supplement_groups,
    )


def _member(row: Sequence[Any], who: Sequence[Any]) -> Member:
    ref, relation, employment, disability_grade, seriously_ill, is_student, under_guardianship, groups = row
    name, citizen_id, phone = who
    return Member(
        ref=ref,
        name=PersonName(name),
        citizen_id=CitizenId(citizen_id),
        relation=Relation(relation),
        employment=Employment(employment),
        disability_grade=disability_grade,
        seriously_ill=seriously_ill,
        is_student=is_student,
        under_guardianship=under_guardianship,
        supplement_groups=tuple(map(SupplementGroup, groups)),
        phone=PhoneNumber(phone) if phone else None,
    )


def _consent_row(one: Consent) -> tuple[object, ...]:
    evidence = one.evidence
    return (
        one.member_ref,
        one.given_by,
        one.signed_on,
        evidence.kind,
        evidence.sha256,
        one.guardian_relation,
        one.withdrawn_at,
    )


def _consent(row: Sequence[Any], guardian_name: str | None) -> Consent:
    member_ref, given_by, signed_on, evidence, sha256, relation, withdrawn_at = row
    return Consent(
        member_ref=member_ref,
        given_by=given_by,
        signed_on=date.fromisoformat(signed_on),
        evidence=Evidence(EvidenceKind(evidence), sha256),
        guardian_relation=GuardianRelation(relation) if relation else None,
        guardian_name=PersonName(guardian_name) if guardian_name else None,
        withdrawn_at=datetime.fromisoformat(withdrawn_at) if withdrawn_at else None,
    )


def _material(row: Sequence[Any], name: str | None) -> Material:
    kind, sha256 = row
    return Material(MaterialKind(kind) if kind else None, sha256, PersonName(name) if name else None)


def _signature_row(one: Signature | None) -> tuple[object, ...] | None:
    return (one.signed_by, one.signed_on, one.evidence.kind, one.evidence.sha256) if one else None


def _signature(row: Sequence[str] | None) -> Signature | None:
    if row is None:
        return None
    signed_by, signed_on, evidence, sha256 = row
    return Signature(signed_by, date.fromisoformat(signed_on), Evidence(EvidenceKind(evidence), sha256))


def _entrustment_row(one: Entrustment | None) -> tuple[object, ...] | None:
    return (one.committee, one.entrusted_on, one.evidence.kind, one.evidence.sha256) if one else None


def _entrustment(row: Sequence[str] | None) -> Entrustment | None:
    if row is None:
        return None
    committee, entrusted_on, evidence, sha256 = row
    return Entrustment(committee, date.fromisoformat(entrusted_on), Evidence(EvidenceKind(evidence), sha256))
