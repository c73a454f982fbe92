"""What a caseworker sends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.vocabulary import Finding
from services.verification.domain.review import EVIDENCE_MAX, NOTE_MAX, Contact, ContactWay, Evidence, Opinion


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactIn(_In):
    """When and how the applicant was asked about the flag (R-069)."""

    at: AwareDatetime
    way: ContactWay


class EvidenceIn(_In):
    """A paper in the case file, by its SHA-256 in lower-case hexadecimal (R-071)."""

    kind: Annotated[str, Field(pattern="^[a-z][a-z_]{0,39}$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ResolutionIn(_In):
    """A caseworker's finding. `found_fen` or `found_pieces` go with `partly` alone, in the flag's own measure."""

    finding: Finding
    contact: ContactIn
    evidence: Annotated[list[EvidenceIn], Field(max_length=EVIDENCE_MAX)] = []
    found_fen: Annotated[int | None, Field(ge=0, le=10**15)] = None
    found_pieces: Annotated[int | None, Field(ge=0, le=10**6)] = None
    note: Annotated[str, Field(max_length=NOTE_MAX)] = ""

    def opinion(self) -> Opinion:
        at: datetime = self.contact.at
        return Opinion(
            finding=self.finding,
            contact=Contact(at, self.contact.way),
            evidence=tuple(Evidence(one.kind, one.sha256) for one in self.evidence),
            found_fen=self.found_fen,
            found_pieces=self.found_pieces,
            note=self.note,
        )
