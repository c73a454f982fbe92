"""What a household hands in: members, declaration, signatures, consents, papers (R-003, R-005, R-006, R-026, R-028)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.values import PersonName
from contracts.vocabulary import Aid, Area, ItemKind, Word
from policies.model import Policy
from policies.words import Material as MaterialKind
from services.intake.domain import faults
from services.intake.domain.faults import Fault
from services.intake.domain.household import Member, faults_of


class EvidenceKind(Word):
    """In what form a signature or a paper was taken."""

    PAPER_SCAN = "paper_scan", "纸质扫描件"
    PHOTO = "photo", "照片"
    E_SIGNATURE = "e_signature", "电子签名"
    VIDEO = "video", "录音录像"


class Kinship(Word):
    """How a member is related to somebody who handles aid."""

    SPOUSE = "spouse", "配偶"
    PARENT = "parent", "父母"
    CHILD = "child", "子女"
    SIBLING = "sibling", "兄弟姐妹"
    GRANDPARENT = "grandparent", "祖父母/外祖父母"
    GRANDCHILD = "grandchild", "孙子女/外孙子女"


class HandlerKind(Word):
    """Whose near relatives are filed separately (R-026)."""

    ASSISTANCE_OFFICER = "assistance_officer", "社会救助经办人员"
    VILLAGE_CADRE = "village_cadre", "村(居)委会干部"


class GuardianRelation(Word):
    """What makes a person the guardian who signs for a member."""

    PARENT = "parent", "父母"
    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    GRANDPARENT = "grandparent", "祖父母/外祖父母"
    SIBLING = "sibling", "兄弟姐妹"
    OTHER_RELATIVE = "other_relative", "其他近亲属"
    ORGANISATION = "organisation", "村(居)委会或民政部门"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file kept by the sender, pinned by its SHA-256 (hex)."""

    kind: EvidenceKind
    sha256: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a statement, and when. `signed_by` is a member's ref."""

    signed_by: str
    signed_on: date
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Leave to ask the agencies about one member.

    `given_by` is a member's ref, or None where a guardian outside the household signed.
    """

    member_ref: str
    given_by: str | None
    signed_on: date
    evidence: Evidence
    guardian_relation: GuardianRelation | None = None
    guardian_name: PersonName | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeclaredItem:
    """One item of income or spending (last twelve months) or of property (its value, 0 where only existence counts)."""

    member_ref: str
    kind: ItemKind
    amount_fen: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Material:
    """A paper of the checklist (R-006), or another (None). The file name may name a person: it is kept sealed."""

    kind: MaterialKind | None
    sha256: str
    name: PersonName | None = None


@dataclass(frozen=True, slots=True)
class NearRelative:
    """A member who is a near relative of somebody that handles aid (R-026)."""

    member_ref: str
    handler: HandlerKind
    kinship: Kinship


@dataclass(frozen=True, slots=True)
class Entrustment:
    """A village or residents' committee hands the application in on the applicant's behalf (R-003)."""

    committee: str
    entrusted_on: date
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Residence:
    """Where the household actually lives and for how long, as declared (R-028)."""

    region: str
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything a household handed in so far. Members are meant by their ref."""

    aid: Aid
    area: Area
    region: str
    """Division code of the registration place."""
    applicant: str
    head: str
    members: tuple[Member, ...]
    declaration: tuple[DeclaredItem, ...] = ()
    signature: Signature | None = None
    """Under the declaration of income and property (R-005)."""
    head_consent: Signature | None = None
    consents: tuple[Consent, ...] = ()
    materials: tuple[Material, ...] = ()
    near_relatives: tuple[NearRelative, ...] | None = None
    """None: the question was not answered. Empty: nobody is a near relative (R-026)."""
    entrustment: Entrustment | None = None
    residence: Residence | None = None
    external_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Papers brought later for an application that was kept incomplete."""

    signature: Signature | None = None
    head_consent: Signature | None = None
    consents: tuple[Consent, ...] = ()
    materials: tuple[Material, ...] = ()
    near_relatives: tuple[NearRelative, ...] | None = None

    @property
    def states_something(self) -> bool:
        """Whether anything beyond materials is brought."""
        return bool(self.signature or self.head_consent or self.consents) or self.near_relatives is not None


def withdrawn_refs(submission: Submission) -> set[str]:
    """Refs of the members whose consent was taken back."""
    return {consent.member_ref for consent in submission.consents if consent.withdrawn_at is not None}


def contradictions(submission: Submission, policy: Policy, today: date) -> list[Fault]:
    """Every fault for which the paper is handed back: members (R-021), names of nobody, signatures of tomorrow."""
    found = faults_of(submission.members, submission.applicant, submission.head, policy.household, today)
    refs = {member.ref for member in submission.members}
    for index, item in enumerate(submission.declaration):
        if item.member_ref not in refs:
            found.append(faults.member_unknown(f"/declaration/{index}/member_ref"))
    if submission.entrustment is not None:
        if not policy.intake.village_committee_may_file:
            found.append(faults.committee_may_not_file())
        if submission.entrustment.entrusted_on > today:
            found.append(faults.signed_later("/entrustment/entrusted_on"))
    found += _of_papers(refs, today, submission)
    return found


def contradictions_in(handed: Handed, refs: set[str], today: date) -> list[Fault]:
    """The same for papers brought later, against the members already on file."""
    return _of_papers(refs, today, handed)


def _of_papers(refs: set[str], today: date, papers: Submission | Handed) -> list[Fault]:
    found: list[Fault] = []
    for name, signature in (("signature", papers.signature), ("head_consent", papers.head_consent)):
        if signature is not None:
            if signature.signed_by not in refs:
                found.append(faults.member_unknown(f"/{name}/signed_by"))
            if signature.signed_on > today:
                found.append(faults.signed_later(f"/{name}/signed_on"))
    found += _of_consents(refs, today, papers.consents)
    for index, relative in enumerate(papers.near_relatives or ()):
        if relative.member_ref not in refs:
            found.append(faults.member_unknown(f"/near_relatives/{index}/member_ref"))
    return found


def _of_consents(refs: set[str], today: date, consents: Sequence[Consent]) -> list[Fault]:
    found: list[Fault] = []
    given: set[str] = set()
    for index, consent in enumerate(consents):
        if consent.member_ref not in refs:
            found.append(faults.member_unknown(f"/consents/{index}/member_ref"))
        if consent.member_ref in given:
            found.append(faults.consent_doubled(index))
        if consent.given_by is not None and consent.given_by not in refs:
            found.append(faults.member_unknown(f"/consents/{index}/given_by"))
        if consent.signed_on > today:
            found.append(faults.signed_later(f"/consents/{index}/signed_on"))
        given.add(consent.member_ref)
    return found
