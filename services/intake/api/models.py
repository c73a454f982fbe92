"""Bodies intake takes, and how they become a submission. Names are those of `contracts/events/intake.py`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from contracts.vocabulary import Aid, Area, Employment, ItemKind, Relation
from policies.words import Material as MaterialKind
from policies.words import SupplementGroup
from services.intake.api.fields import (
    GUARDIAN,
    AmountFen,
    CitizenIdField,
    Committee,
    ExternalRef,
    FileName,
    MemberRef,
    NameField,
    OfficePath,
    PhoneField,
    Ref,
    Region,
    Sha256,
)
from services.intake.domain import submission as domain
from services.intake.domain.household import MAX_MEMBERS, Member
from services.intake.domain.submission import EvidenceKind, GuardianRelation, HandlerKind, Kinship, Submission
from services.intake.usecases.submission import Entry

BATCH_MAX = 200
"""Applications one batch may hold."""


_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""What all bodies and their parts share: no unknown field, no silent conversion."""


class Body(BaseModel):
    """What is sent as a whole."""

    model_config = ConfigDict(frozen=True, **_STRICT)


# The parts of a body are read straight into what the domain knows: they are its own types, each field with its limits.


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class EvidenceIn(domain.Evidence):
    """A file kept by the sender, pinned by its hash."""

    kind: EvidenceKind
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class SignatureIn(domain.Signature):
    """A signed statement: whose member ref signed, on which day."""

    signed_by: Ref
    signed_on: date
    evidence: EvidenceIn


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class MemberIn(Member):
    """A person living in the household (R-021, R-027)."""

    ref: MemberRef
    name: NameField
    citizen_id: CitizenIdField
    relation: Relation
    employment: Employment
    disability_grade: Annotated[int, Field(ge=1, le=4)] | None = None
    seriously_ill: bool = False
    is_student: bool = False
    under_guardianship: bool = False
    supplement_groups: Annotated[tuple[SupplementGroup, ...], Field(max_length=6)] = ()
    phone: PhoneField | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class DeclaredIn(domain.DeclaredItem):
    """One item of the declaration. Income and spending: last twelve months. Property: its value."""

    member_ref: Ref
    kind: ItemKind
    amount_fen: AmountFen
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class MaterialIn(domain.Material):
    """A paper of the checklist; without a kind, any other paper."""

    kind: MaterialKind | None = None
    sha256: Sha256
    name: FileName | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class NearRelativeIn(domain.NearRelative):
    """A member who is a near relative of somebody that handles aid (R-026)."""

    member_ref: Ref
    handler: HandlerKind
    kinship: Kinship


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class EntrustmentIn(domain.Entrustment):
    """A village or residents' committee hands in for the applicant (R-003)."""

    committee: Committee
    entrusted_on: date
    evidence: EvidenceIn


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class ResidenceIn(domain.Residence):
    """Where the household lives and for how long (R-028)."""

    region: Region
    months: Annotated[int, Field(ge=0, le=1500)]


class ConsentIn(Body):
    """Leave to ask the agencies about one member (R-024).

    `given_by` is a member's ref: the member's own, or that of the guardian. A guardian who does not belong to the
    household is `guardian`, and is named. Whoever signs for another says by which relation.
    """

    member_ref: Ref
    given_by: Ref
    guardian_relation: GuardianRelation | None = None
    guardian_name: NameField | None = None
    signed_on: date
    evidence: EvidenceIn

    def take(self) -> domain.Consent:
        return domain.Consent(
            member_ref=self.member_ref,
            given_by=None if self.given_by == GUARDIAN else self.given_by,
            guardian_relation=self.guardian_relation,
            guardian_name=self.guardian_name,
            signed_on=self.signed_on,
            evidence=self.evidence,
        )


class PapersIn(Body):
    """Papers brought later: what the notice asked for, or further materials."""

    signature: SignatureIn | None = None
    head_consent: SignatureIn | None = None
    consents: Annotated[list[ConsentIn], Field(max_length=MAX_MEMBERS)] = []
    materials: Annotated[list[MaterialIn], Field(max_length=50)] = []
    near_relatives: Annotated[list[NearRelativeIn], Field(max_length=MAX_MEMBERS)] | None = None

    def take(self) -> domain.Handed:
        return domain.Handed(
            signature=self.signature,
            head_consent=self.head_consent,
            consents=tuple(one.take() for one in self.consents),
            materials=tuple(self.materials),
            near_relatives=None if self.near_relatives is None else tuple(self.near_relatives),
        )


class ApplicationIn(PapersIn):
    """A household's application. Members are meant by the refs the sender gives them."""

    external_ref: ExternalRef | None = None
    aid: Aid
    area: Area
    region: Region
    """Division code of the registration place (R-001)."""
    office: OfficePath | None = None
    """The office it is handed in at, where that is not the caller's own."""
    applicant: Ref
    head: Ref
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=MAX_MEMBERS)]
    declaration: Annotated[list[DeclaredIn], Field(max_length=400)] = []
    """Income and property, signed by the applicant under `signature` (R-005)."""
    entrustment: EntrustmentIn | None = None
    residence: ResidenceIn | None = None

    def entry(self) -> Entry:
        papers = self.take()
        submission = Submission(
            aid=self.aid,
            area=self.area,
            region=self.region,
            applicant=self.applicant,
            head=self.head,
            members=tuple(self.members),
            declaration=tuple(self.declaration),
            signature=papers.signature,
            head_consent=papers.head_consent,
            consents=papers.consents,
            materials=papers.materials,
            near_relatives=papers.near_relatives,
            entrustment=self.entrustment,
            residence=self.residence,
            external_ref=self.external_ref,
        )
        return Entry(submission, self.office)


class BatchIn(Body):
    """Up to 200 applications, each examined on its own."""

    applications: Annotated[list[ApplicationIn], Field(min_length=1, max_length=BATCH_MAX)]
