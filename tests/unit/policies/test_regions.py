"""What the packs say for each region, checked against the documents' own figures and order."""

from datetime import date, time

import pytest

from contracts.vocabulary import Agency, Aid, Area, Basis
from policies.lookup import policy_for
from policies.model import Packs, Policy
from policies.words import (
    AppraisalMode,
    Authority,
    ClockEnd,
    DecisionPath,
    FirstMonth,
    LongTermField,
    PlanScope,
    PublicityContent,
    RigidCategory,
    Step,
    SupplementGroup,
)

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def yichun(packs: Packs) -> Policy:
    return policy_for(packs, "230799", TODAY)


@pytest.fixture(scope="module")
def xinjiang(packs: Packs) -> Policy:
    return policy_for(packs, "654099", TODAY)


@pytest.fixture(scope="module")
def nation(packs: Packs) -> Policy:
    return policy_for(packs, "cn", TODAY)


def test_approval_clocks(yichun: Policy, xinjiang: Policy) -> None:
    limit = yichun.deadlines.limit(Aid.DIBAO)
    assert (limit.workdays, limit.extended_workdays) == (20, 30)
    assert yichun.deadlines.ends_at is ClockEnd.CONFIRMATION
    limit = xinjiang.deadlines.limit(Aid.DIBAO)
    assert (limit.workdays, limit.extended_workdays) == (30, 45)
    assert xinjiang.deadlines.ends_at is ClockEnd.WHOLE_PROCEDURE


def test_tekun_clock(yichun: Policy) -> None:
    limit = yichun.deadlines.limit(Aid.TEKUN)
    assert (limit.workdays, limit.extended_workdays) == (15, 20)


@pytest.mark.parametrize("aid", list(Aid))
def test_every_aid_has_a_clock(nation: Policy, aid: Aid) -> None:
    limit = nation.deadlines.limit(aid)
    assert 0 < limit.workdays <= limit.extended_workdays


@pytest.mark.policy("R-109")
def test_who_decides(yichun: Policy, xinjiang: Policy) -> None:
    assert yichun.decision.authority is Authority.TOWNSHIP
    assert yichun.decision.paths == (DecisionPath.LEADER, DecisionPath.MEETING)
    assert xinjiang.decision.authority is Authority.COUNTY


def test_yichun_publishes_after_the_confirmation_and_pays_last(yichun: Policy) -> None:
    decision = yichun.decision
    assert set(decision.before(Step.DECISION)) == {Step.ACCEPTANCE, Step.SURVEY, Step.CHECK, Step.REVIEW_OPINION}
    assert Step.DECISION in decision.before(Step.PUBLICITY)
    assert decision.before(Step.CERTIFICATE)[-1] is Step.PUBLICITY
    assert {Step.PUBLICITY, Step.CERTIFICATE} <= set(decision.before(Step.PAYMENT))
    assert not decision.has(Step.APPRAISAL)
    assert yichun.publicity.content == (PublicityContent.CONFIRMATION,)


def test_xinjiang_appraises_publishes_and_visits_before_the_decision(xinjiang: Policy) -> None:
    before = xinjiang.decision.before(Step.DECISION)
    order = [Step.APPRAISAL, Step.REVIEW_OPINION, Step.PUBLICITY, Step.SPOT_CHECK]
    assert [step for step in before if step in order] == order
    assert xinjiang.appraisal.mode is AppraisalMode.ALWAYS
    assert xinjiang.spot_check.predecision_percent == 30
    assert xinjiang.spot_check.flagged_percent == 100
    assert not xinjiang.decision.has(Step.CERTIFICATE)


def test_zhaotong_has_three_publicities(packs: Packs) -> None:
    decision = policy_for(packs, "5306", TODAY).decision
    assert Step.PUBLICITY in decision.before(Step.DECISION)
    assert Step.DECISION in decision.before(Step.DECISION_PUBLICITY)
    assert Step.DECISION_PUBLICITY in decision.before(Step.LONG_TERM_PUBLICITY)


def test_a_step_the_region_does_not_have_cannot_be_asked_for(yichun: Policy) -> None:
    with pytest.raises(ValueError, match="spot_check is not in this region's order"):
        yichun.decision.before(Step.SPOT_CHECK)


def test_publicity_lasts_seven_days(yichun: Policy, xinjiang: Policy, nation: Policy) -> None:
    assert [policy.publicity.days for policy in (yichun, xinjiang, nation)] == [7, 7, 7]


def test_long_term_notice_keeps_to_the_national_minimum(yichun: Policy, xinjiang: Policy) -> None:
    least = (LongTermField.APPLICANT_NAME, LongTermField.MEMBER_COUNT, LongTermField.AMOUNT)
    assert xinjiang.publicity.long_term_fields == least
    assert yichun.publicity.long_term_fields == (*least, LongTermField.HOTLINE)


def test_figures_of_yichun(yichun: Policy) -> None:
    assert yichun.survey.min_surveyors == 2
    assert yichun.spot_check.delegated_percent == 50
    assert yichun.decision.refusal_notice_workdays == 3
    assert yichun.income.employment_cost_months == 2
    for key in ("survey.min_surveyors", "spot_check.delegated_percent", "income.employment_cost_months"):
        assert yichun.basis(key).basis is Basis.DOCUMENT
        assert "伊民规〔2022〕2号" in str(yichun.basis(key).document)


def test_supplement(yichun: Policy, xinjiang: Policy) -> None:
    assert yichun.supplement.rate_percent == 15
    assert set(yichun.supplement.groups) == set(SupplementGroup)
    assert yichun.supplement.once
    assert len(xinjiang.supplement.groups) == 4
    assert xinjiang.basis("supplement.rate_percent").basis is Basis.ASSUMED


def test_calendar_of_money(yichun: Policy, xinjiang: Policy) -> None:
    payment = yichun.payment
    assert (payment.ledger_cutoff_day, payment.ledger_cutoff_at) == (24, time(0))
    assert (payment.roster_due_day, payment.due_day, payment.named_day_counts) == (1, 10, False)
    assert payment.first_month is FirstMonth.AFTER_PUBLICITY
    assert xinjiang.payment.first_month is FirstMonth.AFTER_DECISION


def test_rigid_expenditure(yichun: Policy, nation: Policy) -> None:
    assert set(yichun.income.rigid_categories) == set(RigidCategory)
    assert yichun.income.rigid_only_above_standard
    assert RigidCategory.SCHOOLING not in nation.income.rigid_categories


@pytest.mark.policy("R-066")
def test_each_agency_is_asked_about_the_members_it_concerns(yichun: Policy) -> None:
    def asked(area: Area, *, is_adult: bool, declares_disability: bool = False) -> set[Agency]:
        return {
            agency
            for agency in Agency
            if yichun.agencies.asks(agency, area=area, is_adult=is_adult, declares_disability=declares_disability)
        }

    everyone = {
        Agency.PUBLIC_SECURITY,
        Agency.HOUSING,
        Agency.BANK,
        Agency.INSURANCE,
        Agency.CIVIL_AFFAIRS,
    }
    adults = {
        Agency.VEHICLE,
        Agency.TAX,
        Agency.SECURITIES,
        Agency.HOUSING_FUND,
        Agency.SOCIAL_INSURANCE,
        Agency.MARKET_REGISTRATION,
    }
    assert asked(Area.URBAN, is_adult=False) == everyone
    assert asked(Area.URBAN, is_adult=True) == everyone | adults
    assert asked(Area.RURAL, is_adult=False) == everyone | {Agency.POVERTY_REGISTER}
    rural = everyone | adults | {Agency.POVERTY_REGISTER, Agency.AGRICULTURAL_MACHINERY}
    assert asked(Area.RURAL, is_adult=True) == rural
    assert asked(Area.RURAL, is_adult=True, declares_disability=True) == set(Agency)


def test_some_agencies_concern_only_part_of_the_households(yichun: Policy) -> None:
    partial = {PlanScope.RURAL_ALL, PlanScope.RURAL_ADULTS, PlanScope.DECLARED_DISABLED}
    assert {agency for agency in Agency if yichun.agencies.scope(agency) in partial} == {
        Agency.AGRICULTURAL_MACHINERY,
        Agency.DISABLED_FEDERATION,
        Agency.POVERTY_REGISTER,
    }
