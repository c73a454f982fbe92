"""Bodies approval takes, and how they become what the domain knows."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.vocabulary import Employment, ItemKind
from policies.words import DecisionPath, SupplementGroup, SurveySigner
from services.approval.api.fields import (
    AccountField,
    CitizenIdField,
    MemberId,
    MonthFen,
    NameField,
    Note,
    OfficePath,
    OfficerId,
    Place,
    Sha256,
)
from services.approval.domain import decision as decisions
from services.approval.domain import payee as payees
from services.approval.domain import publicity as publicities
from services.approval.domain import spot_checks
from services.approval.domain import survey as surveys
from services.approval.domain.words import (
    ExtensionReason,
    NoticeWay,
    ObjectionAbout,
    ObjectionFrom,
    Outcome,
    Reason,
)
from services.approval.usecases.notifying import Delivery


class Body(BaseModel):
    """What all bodies share: no unknown field, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class MemberFactsIn(Body):
    """What was found about one member (R-095)."""

    member_id: MemberId
    met: bool
    papers_seen: bool
    health: surveys.Health
    employment: Employment
    income_month_fen: MonthFen
    expenditure_month_fen: MonthFen
    supplement_groups: Annotated[list[SupplementGroup], Field(max_length=6)] = []


class ItemSeenIn(Body):
    """A declared item that was looked at (R-097)."""

    member_id: MemberId
    kind: ItemKind
    accord: surveys.Accord


class InterviewIn(Body):
    """A neighbour was heard; nobody is named (R-095)."""

    heard_at: AwareDatetime
    accord: surveys.Accord


class SignatureIn(Body):
    """`by` is a surveyor's name in this system, or a member's id (R-096)."""

    signer: SurveySigner
    by: OfficerId
    signed_at: AwareDatetime
    on_spot: bool
    sha256: Sha256


class NearRelativeIn(Body):
    """A member is a near relative of somebody who handles aid; `officer` where that is a user here (R-141)."""

    member_id: MemberId
    kinship: surveys.Kinship
    staff: surveys.Staff
    officer: OfficerId | None = None


class SurveyIn(Body):
    """The Household Survey Form (R-092 to R-098)."""

    surveyors: Annotated[list[OfficerId], Field(min_length=1, max_length=10)]
    visited_at: AwareDatetime
    home_entered: bool
    living: surveys.Living
    members: Annotated[list[MemberFactsIn], Field(min_length=1, max_length=30)]
    items: Annotated[list[ItemSeenIn], Field(max_length=200)] = []
    interviews: Annotated[list[InterviewIn], Field(max_length=20)] = []
    signatures: Annotated[list[SignatureIn], Field(max_length=40)]
    near_relatives: Annotated[list[NearRelativeIn], Field(max_length=30)] = []
    accord: surveys.Accord
    note: Note = ""

    def take(self) -> surveys.Survey:
        return surveys.Survey(
            surveyors=tuple(self.surveyors),
            visited_at=self.visited_at,
            home_entered=self.home_entered,
            living=self.living,
            members=tuple(
                surveys.MemberFacts(
                    member_id=one.member_id,
                    met=one.met,
                    papers_seen=one.papers_seen,
                    health=one.health,
                    employment=one.employment,
                    income_month_fen=one.income_month_fen,
                    expenditure_month_fen=one.expenditure_month_fen,
                    supplement_groups=tuple(one.supplement_groups),
                )
                for one in self.members
            ),
            items=tuple(
                surveys.ItemSeen(member_id=one.member_id, kind=one.kind, accord=one.accord) for one in self.items
            ),
            interviews=tuple(surveys.Interview(heard_at=one.heard_at, accord=one.accord) for one in self.interviews),
            signatures=tuple(
                surveys.Signature(
                    signer=one.signer, by=one.by, signed_at=one.signed_at, on_spot=one.on_spot, sha256=one.sha256
                )
                for one in self.signatures
            ),
            near_relatives=tuple(
                surveys.NearRelative(member_id=one.member_id, kinship=one.kinship, staff=one.staff, officer=one.officer)
                for one in self.near_relatives
            ),
            accord=self.accord,
            note=self.note,
        )


class AgentIn(Body):
    """Somebody who draws the money for the recipient, by a signed authorisation (R-214)."""

    kind: payees.AgentKind
    occupation: payees.Occupation
    name: NameField
    citizen_id: CitizenIdField
    authorised_on: date
    sha256: Sha256


class PayeeIn(Body):
    """The holder of the social-security card, a member, and its account (R-209)."""

    member_id: MemberId
    name: NameField
    citizen_id: CitizenIdField
    account: AccountField
    agent: AgentIn | None = None

    def take(self) -> payees.Payee:
        agent = self.agent
        return payees.Payee(
            member_id=self.member_id,
            name=self.name,
            citizen_id=self.citizen_id,
            account=self.account,
            agent=None
            if agent is None
            else payees.Agent(
                kind=agent.kind,
                occupation=agent.occupation,
                name=agent.name,
                citizen_id=agent.citizen_id,
                authorised_on=agent.authorised_on,
                sha256=agent.sha256,
            ),
        )


Reasons = Annotated[list[Reason], Field(min_length=1, max_length=8)]


class OpinionIn(Body):
    """The township's first opinion (R-107)."""

    recommendation: Outcome
    reasons: Reasons
    note: Note = ""

    def take(self) -> decisions.Opinion:
        return decisions.Opinion(recommendation=self.recommendation, reasons=tuple(self.reasons), note=self.note)


class ConfirmationIn(Body):
    """The decision. A meeting names its participants, a collective decision what it waives (R-108, R-120, R-121)."""

    outcome: Outcome
    reasons: Reasons
    path: DecisionPath = DecisionPath.LEADER
    participants: Annotated[list[OfficerId], Field(max_length=30)] = []
    waived: Annotated[list[decisions.Waived], Field(max_length=2)] = []
    note: Note = ""

    def take(self) -> decisions.Decision:
        return decisions.Decision(
            outcome=self.outcome,
            reasons=tuple(self.reasons),
            path=self.path,
            participants=tuple(self.participants),
            waived=tuple(self.waived),
            note=self.note,
        )


class ExtensionIn(Body):
    """Why the clock runs longer (R-118)."""

    reason: ExtensionReason


class PublicityIn(Body):
    """Where it hangs, since when, with photos (R-128)."""

    place: Place
    posted_on: date
    photos: Annotated[list[Sha256], Field(min_length=1, max_length=20)]

    def take(self) -> publicities.Posting:
        return publicities.Posting(place=self.place, posted_on=self.posted_on, photos=tuple(self.photos))


class ObjectionIn(Body):
    """What somebody says against it (R-127, R-135). What is written in `note` is kept sealed."""

    received_at: AwareDatetime
    source: ObjectionFrom
    about: ObjectionAbout
    note: Note = ""

    def take(self) -> publicities.Objection:
        return publicities.Objection(received_at=self.received_at, source=self.source, about=self.about, note=self.note)


class NoticeIn(Body):
    """The written refusal was delivered, with its receipt (R-116)."""

    delivered_on: date
    way: NoticeWay
    sha256: Sha256

    def take(self) -> Delivery:
        return Delivery(delivered_on=self.delivered_on, way=self.way, sha256=self.sha256)


class DrawIn(Body):
    """The township whose applicants are drawn from (R-138)."""

    office: OfficePath


class ResultIn(Body):
    """What the county found (R-138, R-140)."""

    look: spot_checks.Look
    found: spot_checks.Found
    rectify_by: date | None = None
    note: Note = ""

    def take(self) -> spot_checks.Result:
        return spot_checks.Result(look=self.look, found=self.found, rectify_by=self.rectify_by, note=self.note)
