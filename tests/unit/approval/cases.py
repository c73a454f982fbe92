"""Cases, policies and papers for the domain's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from contracts.vocabulary import Aid, Area, Conclusion, Employment
from policies.calendar import WorkCalendar
from policies.load import load_calendar, load_packs
from policies.lookup import policy_for
from policies.model import Packs, Policy
from policies.words import SurveySigner
from services.approval.domain.case import Case, Decided, Member, Opined, Posted, Report, Surveyed
from services.approval.domain.moves import Move
from services.approval.domain.survey import (
    Accord,
    Health,
    Interview,
    Living,
    MemberFacts,
    Signature,
    Survey,
)
from services.approval.domain.words import Outcome, Reason, State

POLICIES = Path(__file__).resolve().parents[3] / "policies"
TOWNSHIP = "cn/2307/230799/230799001/"
COUNTY = "cn/2307/230799/"
ACCEPTED = date(2026, 9, 15)
NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@cache
def packs() -> Packs:
    return load_packs(POLICIES)


@cache
def calendar() -> WorkCalendar:
    return load_calendar(POLICIES)


def policy(region: str = "230799", on: date = ACCEPTED) -> Policy:
    return policy_for(packs(), region, on)


def a_report(version: int = 1, **changed: object) -> Report:
    report = Report(
        report_id=f"rep_{version}",
        version=version,
        content_hash="cd" * 32,
        conclusion=Conclusion.NO_FLAGS,
        open_flags=(),
        is_partial=False,
        income_per_head_month_fen=30_000,
        household_income_month_fen=60_000,
        income_qualifies=True,
        property_qualifies=True,
        policy_pack="yichun@2026.1",
    )
    return replace(report, **changed)  # type: ignore[arg-type]


def a_case(**changed: object) -> Case:
    """A couple under review in Yichun's fictional county."""
    case = Case(
        case_id="case_1",
        application_id="app_1",
        office=TOWNSHIP,
        region="230799",
        aid=Aid.DIBAO,
        area=Area.URBAN,
        accepted_on=ACCEPTED,
        opened_at=NOW,
        trace="",
        members=(Member(member_id="m1", person_key="k1"), Member(member_id="m2", person_key="k2")),
        report=a_report(),
    )
    return replace(case, **changed)  # type: ignore[arg-type]


def surveyed(case: Case | None = None) -> Case:
    survey = Surveyed(survey_id="srv_1", visited_on=date(2026, 9, 16), surveyors=("s1", "s2"), recorded_by="clerk")
    return replace(case or a_case(), survey=survey)


def opined(case: Case | None = None) -> Case:
    before = surveyed(case)
    opinion = Opined(
        opinion_id="opn_1",
        recommendation=Outcome.APPROVED,
        reasons=(Reason.CONDITIONS_MET,),
        by="clerk",
        on=date(2026, 9, 16),
        report_id=before.report.report_id,
        report_version=before.report.version,
    )
    return replace(before.move(Move.OPINE), opinion=opinion)


def decided(outcome: Outcome = Outcome.APPROVED, on: date = date(2026, 9, 17), case: Case | None = None) -> Case:
    before = opined(case)
    decision = Decided(
        decision_id="dec_1",
        case_version=before.case_version,
        outcome=outcome,
        reasons=(Reason.CONDITIONS_MET,) if outcome is Outcome.APPROVED else (Reason.INCOME_OVER_STANDARD,),
        by="leader",
        on=on,
        decision_hash="ef" * 32,
        report_id="rep_1",
        report_version=1,
        household_income_month_fen=60_000,
    )
    move = Move.APPROVE if outcome is Outcome.APPROVED else Move.REFUSE
    return replace(before.move(move), decision=decision)


def standing(state: State) -> Case:
    """A case in this state, with what led there."""
    if state in (State.REVIEW, State.HELD, State.CLOSED):
        return replace(surveyed(), state=state)
    if state is State.OPINED:
        return opined()
    case = decided(Outcome.REFUSED if state is State.REFUSED else Outcome.APPROVED)
    if state in (State.PUBLICITY, State.CERTIFIED, State.PAID):
        over_at = datetime(2026, 9, 24, 16, 0, tzinfo=UTC)
        posted = Posted(
            publicity_id="pub_1",
            place="board",
            by="clerk",
            posted_on=date(2026, 9, 17),
            ended_on=date(2026, 9, 24),
            over_at=over_at,
        )
        case = replace(case, publicity=posted)
    return replace(case, state=state)


def a_survey(**changed: object) -> Survey:
    """A survey that meets every rule of Yichun."""
    survey = Survey(
        surveyors=("s1", "s2"),
        visited_at=NOW,
        home_entered=True,
        living=Living.POOR,
        members=tuple(
            MemberFacts(
                member_id=member_id,
                met=True,
                papers_seen=True,
                health=Health.GOOD,
                employment=Employment.FARMING,
                income_month_fen=1,
                expenditure_month_fen=1,
            )
            for member_id in ("m1", "m2")
        ),
        items=(),
        interviews=(Interview(heard_at=NOW, accord=Accord.AGREES),),
        signatures=(
            a_signature(SurveySigner.SURVEYORS, "s1"),
            a_signature(SurveySigner.SURVEYORS, "s2"),
            a_signature(SurveySigner.SURVEYED, "m1"),
        ),
        near_relatives=(),
        accord=Accord.AGREES,
        note="",
    )
    return replace(survey, **changed)  # type: ignore[arg-type]


def a_signature(signer: SurveySigner, by: str, *, on_spot: bool = True, at: datetime = NOW) -> Signature:
    return Signature(signer=signer, by=by, signed_at=at, on_spot=on_spot, sha256="ab" * 32)
