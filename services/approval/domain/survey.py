"""The survey (入户调查): two or more people enter the home, meet the members and write down what they found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts.vocabulary import Employment, ItemKind, Word
from policies.calendar import CHINA
from policies.model import Policy
from policies.words import SupplementGroup, SurveySigner
from services.approval.domain.case import Case
from services.approval.domain.faults import Fault

_ALL: Final = 100
"""Percent of homes entered where none may be left out."""


class Health(Word):
    """A member's state of health as met (R-095)."""

    GOOD = "good", "健康"
    CHRONIC = "chronic", "慢性病"
    SERIOUSLY_ILL = "seriously_ill", "重病"
    DISABLED = "disabled", "残疾"


class Living(Word):
    """The home as found (R-095)."""

    GOOD = "good", "较好"
    MODEST = "modest", "一般"
    POOR = "poor", "较差"
    UNSAFE = "unsafe", "危房"


class Accord(Word):
    """How what was found or heard agrees with what the family declared."""

    AGREES = "agrees", "一致"
    DIFFERS = "differs", "不一致"
    UNCLEAR = "unclear", "不清楚"


class Kinship(Word):
    """Who counts as a near relative (Annex 10, 11)."""

    SPOUSE = "spouse", "配偶"
    PARENT = "parent", "父母"
    CHILD = "child", "子女"
    SIBLING = "sibling", "兄弟姐妹"
    GRANDPARENT = "grandparent", "祖父母/外祖父母"
    GRANDCHILD = "grandchild", "孙子女/外孙子女"


class Staff(Word):
    """Where the related officer works (R-141)."""

    CITY = "city", "市级民政"
    COUNTY = "county", "县级民政"
    TOWNSHIP = "township", "乡镇(街道)"
    COMMITTEE = "committee", "村(居)委会"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFacts:
    """What was found about one member (R-095). Money per month."""

    member_id: str
    met: bool
    papers_seen: bool
    health: Health
    employment: Employment
    income_month_fen: int
    expenditure_month_fen: int
    supplement_groups: tuple[SupplementGroup, ...] = ()
    """Groups of R-194 that the survey confirms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSeen:
    """A declared item that was looked at (R-097)."""

    member_id: str
    kind: ItemKind
    accord: Accord


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """A neighbour was heard (R-095); nobody is named."""

    heard_at: datetime
    accord: Accord


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature under the Household Survey Form (R-096): an officer's, or a member's."""

    signer: SurveySigner
    by: str
    signed_at: datetime
    on_spot: bool
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearRelative:
    """A member is a near relative of somebody who handles aid (R-141); `officer` where that is a user here."""

    member_id: str
    kinship: Kinship
    staff: Staff
    officer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A survey as it was written down."""

    surveyors: tuple[str, ...]
    visited_at: datetime
    home_entered: bool
    living: Living
    members: tuple[MemberFacts, ...]
    items: tuple[ItemSeen, ...]
    interviews: tuple[Interview, ...]
    signatures: tuple[Signature, ...]
    near_relatives: tuple[NearRelative, ...]
    accord: Accord
    note: str

    @property
    def groups(self) -> dict[str, tuple[SupplementGroup, ...]]:
        """Confirmed supplement groups per member; each group once (R-195)."""
        return {one.member_id: tuple(dict.fromkeys(one.supplement_groups)) for one in self.members}

    @property
    def is_doubtful(self) -> bool:
        return self.accord is not Accord.AGREES or any(one.accord is Accord.DIFFERS for one in self.interviews)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Officers who are near relatives of a member (R-142)."""
        return tuple(sorted({one.officer for one in self.near_relatives if one.officer}))


def faults_of(survey: Survey, case: Case, policy: Policy, now: datetime) -> tuple[Fault, ...]:
    """Everything that keeps the survey from counting (R-092 to R-098). Empty when it may."""
    return tuple(
        fault
        for check in (_surveyors, _visit, _members, _confirmations, _interviews, _signatures, _relatives)
        for fault in check(survey, case, policy, now)
    )


def _surveyors(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """Different people, as many as the region wants (R-094)."""
    least = policy.survey.min_surveyors
    if len(set(survey.surveyors)) < least:
        yield Fault(
            "/surveyors",
            "surveyors_too_few",
            f"入户调查须由{least}名以上不同人员进行。",
            f"A survey is made by {least} or more different people.",
        )


def _visit(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """The home is entered, after acceptance and before now (R-092, R-093)."""
    if survey.visited_at > now:
        yield Fault("/visited_at", "in_future", "调查时间不能晚于现在。", "The visit lies in the future.")
    if survey.visited_at.astimezone(CHINA).date() < case.accepted_on:
        yield Fault("/visited_at", "before_acceptance", "调查须在受理之后。", "The visit lies before the acceptance.")
    if policy.survey.visit_percent == _ALL and not survey.home_entered:
        yield Fault("/home_entered", "home_not_entered", "须逐户入户调查。", "Every home is entered.")


def _members(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """Facts about every member of the case, once, and at least one of them met (R-095)."""
    ours = [member.member_id for member in case.members]
    seen: set[str] = set()
    allowed = set(policy.supplement.groups)
    for index, one in enumerate(survey.members):
        place = f"/members/{index}"
        if one.member_id not in ours:
            yield _member_unknown(f"{place}/member_id")
        if one.member_id in seen:
            yield Fault(f"{place}/member_id", "member_doubled", "同一成员重复填写。", "This member stands here twice.")
        seen.add(one.member_id)
        if any(group not in allowed for group in one.supplement_groups):
            yield Fault(
                f"{place}/supplement_groups",
                "group_not_provided",
                "本地区没有此类加发对象。",
                "The region pays no supplement to this group.",
            )
    if any(member_id not in seen for member_id in ours):
        yield Fault("/members", "member_missing", "须逐一填写全部成员。", "Facts about every member are needed.")
    if not any(one.met for one in survey.members):
        yield Fault("/members", "nobody_met", "入户须见到家庭成员。", "At least one member must have been met.")
    for index, item in enumerate(survey.items):
        if item.member_id not in ours:
            yield _member_unknown(f"/items/{index}/member_id")


def _confirmations(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """Home entered, person met, papers seen: each confirmed where the region wants all three (R-098)."""
    if not policy.survey.three_confirmations:
        return
    if not survey.home_entered:
        yield Fault(
            "/home_entered", "confirmation_missing", "须确认已入户。", "That the home was entered is confirmed."
        )
    for index, one in enumerate(survey.members):
        if one.met and not one.papers_seen:
            yield Fault(
                f"/members/{index}/papers_seen",
                "confirmation_missing",
                "见人须见证件。",
                "Whoever is met shows the papers.",
            )


def _interviews(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """Neighbours are heard where the region wants it (R-095)."""
    if policy.survey.neighbour_interview_required and not survey.interviews:
        yield Fault("/interviews", "neighbour_missing", "须进行邻里访问。", "A neighbour must have been heard.")
    for index, one in enumerate(survey.interviews):
        if one.heard_at > now:
            yield Fault(
                f"/interviews/{index}/heard_at",
                "in_future",
                "访问时间不能晚于现在。",
                "The interview lies in the future.",
            )


def _signatures(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """Signed by whom the region names: every surveyor, and a member of the household (R-096)."""
    ours = {member.member_id for member in case.members}
    signed: dict[SurveySigner, set[str]] = {}
    for index, one in enumerate(survey.signatures):
        place = f"/signatures/{index}"
        known = set(survey.surveyors) if one.signer is SurveySigner.SURVEYORS else ours
        if one.by not in known:
            yield Fault(
                f"{place}/by", "signer_unknown", "签名人不在调查人员或家庭成员中。", "Neither a surveyor nor a member."
            )
            continue
        if policy.survey.signed_on_spot and not one.on_spot:
            yield Fault(f"{place}/on_spot", "not_on_spot", "须当场签署。", "The form is signed on the spot.")
        if one.signed_at > now:
            yield Fault(
                f"{place}/signed_at", "in_future", "签名时间不能晚于现在。", "The signature lies in the future."
            )
        signed.setdefault(one.signer, set()).add(one.by)
    for signer in policy.survey.signers:
        names = signed.get(signer, set())
        if not names or (signer is SurveySigner.SURVEYORS and not set(survey.surveyors) <= names):
            yield Fault(
                "/signatures", "signature_missing", f"缺少签名：{signer.label}。", f"Signature missing: {signer.value}."
            )


def _relatives(survey: Survey, case: Case, policy: Policy, now: datetime) -> Iterator[Fault]:
    """A near relative neither surveys nor is left unnamed (R-141, R-142)."""
    ours = {member.member_id for member in case.members}
    for index, one in enumerate(survey.near_relatives):
        if one.member_id not in ours:
            yield _member_unknown(f"/near_relatives/{index}/member_id")
    if set(survey.surveyors) & {*survey.excluded, *case.excluded}:
        yield Fault(
            "/surveyors", "surveyor_is_relative", "近亲属应当回避。", "A near relative takes no part in the survey."
        )


def _member_unknown(pointer: str) -> Fault:
    return Fault(pointer, "member_unknown", "所指成员不在家庭成员中。", "This names no member of the household.")
