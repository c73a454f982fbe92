"""A submission as it is kept: a clear part of codes, dates and amounts, and all that names a person, to be sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

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


class Filed(NamedTuple):
    """Both parts. Only the first may be stored in clear."""

    clear: str
    personal: bytes


def file(submission: Submission) -> Filed:
    """Split a submission. A value of a masked type never reaches the clear part, whatever field it stands in."""
    clear = orjson.dumps(submission, default=_without_the_person)
    personal = orjson.dumps(
        [
            [[_open(one.name), _open(one.citizen_id), _open(one.phone)] for one in submission.members],
            [_open(one.guardian_name) for one in submission.consents],
            [_open(one.name) for one in submission.materials],
        ]
    )
    return Filed(clear.decode(), personal)


def unfile(clear: str, personal: bytes) -> Submission:
    """The submission as it was handed in."""
    kept: dict[str, Any] = orjson.loads(clear)
    people, guardians, files = orjson.loads(personal)
    relatives = kept["near_relatives"]
    return Submission(
        aid=Aid(kept["aid"]),
        area=Area(kept["area"]),
        region=kept["region"],
        applicant=kept["applicant"],
        head=kept["head"],
        members=tuple(_member(one, *who) for one, who in zip(kept["members"], people, strict=True)),
        declaration=tuple(map(_item, kept["declaration"])),
        signature=_signature(kept["signature"]),
        head_consent=_signature(kept["head_consent"]),
        consents=tuple(_consent(one, name) for one, name in zip(kept["consents"], guardians, strict=True)),
        materials=tuple(_material(one, name) for one, name in zip(kept["materials"], files, strict=True)),
        near_relatives=None if relatives is None else tuple(map(_relative, relatives)),
        entrustment=_entrustment(kept["entrustment"]),
        residence=Residence(**kept["residence"]) if kept["residence"] else None,
        external_ref=kept["external_ref"],
    )


def file_notice(notice: tuple[Gap, ...]) -> str | None:
    """The one notice of what is missing; None where nothing was (R-008)."""
    return orjson.dumps(notice).decode() if notice else None


def unfile_notice(kept: str | None) -> tuple[Gap, ...]:
    return tuple(
        Gap(GapKind(one["kind"]), one["member_ref"], MaterialKind(one["material"]) if one["material"] else None)
        for one in (orjson.loads(kept) if kept else ())
    )


def _without_the_person(value: object) -> None:
    if not isinstance(value, Masked):
        raise TypeError("a submission holds plain values and masked ones, nothing else")


def _open(value: Masked | None) -> str | None:
    return None if value is None else value.reveal()


def _member(kept: dict[str, Any], name: str, citizen_id: str, phone: str | None) -> Member:
    return Member(
        ref=kept["ref"],
        name=PersonName(name),
        citizen_id=CitizenId(citizen_id),
        relation=Relation(kept["relation"]),
        employment=Employment(kept["employment"]),
        disability_grade=kept["disability_grade"],
        seriously_ill=kept["seriously_ill"],
        is_student=kept["is_student"],
        under_guardianship=kept["under_guardianship"],
        supplement_groups=tuple(SupplementGroup(group) for group in kept["supplement_groups"]),
        phone=PhoneNumber(phone) if phone else None,
    )


def _item(kept: dict[str, Any]) -> DeclaredItem:
    return DeclaredItem(kept["member_ref"], ItemKind(kept["kind"]), kept["amount_fen"], kept["quantity"])


def _material(kept: dict[str, Any], name: str | None) -> Material:
    kind = MaterialKind(kept["kind"]) if kept["kind"] else None
    return Material(kind, kept["sha256"], PersonName(name) if name else None)


def _relative(kept: dict[str, Any]) -> NearRelative:
    return NearRelative(kept["member_ref"], HandlerKind(kept["handler"]), Kinship(kept["kinship"]))


def _entrustment(kept: dict[str, Any] | None) -> Entrustment | None:
    if kept is None:
        return None
    return Entrustment(kept["committee"], date.fromisoformat(kept["entrusted_on"]), _evidence(kept["evidence"]))


def _consent(kept: dict[str, Any], guardian_name: str | None) -> Consent:
    return Consent(
        member_ref=kept["member_ref"],
        given_by=kept["given_by"],
        signed_on=date.fromisoformat(kept["signed_on"]),
        evidence=_evidence(kept["evidence"]),
        guardian_relation=GuardianRelation(kept["guardian_relation"]) if kept["guardian_relation"] else None,
        guardian_name=PersonName(guardian_name) if guardian_name else None,
        withdrawn_at=datetime.fromisoformat(kept["withdrawn_at"]) if kept["withdrawn_at"] else None,
    )


def _signature(kept: dict[str, Any] | None) -> Signature | None:
    if kept is None:
        return None
    return Signature(kept["signed_by"], date.fromisoformat(kept["signed_on"]), _evidence(kept["evidence"]))


def _evidence(kept: dict[str, str]) -> Evidence:
    return Evidence(EvidenceKind(kept["kind"]), kept["sha256"])
