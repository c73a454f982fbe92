"""Closed vocabularies of the policy packs, each word with its Chinese label."""

from __future__ import annotations

from contracts.vocabulary import Word


class Level(Word):
    """A rank of the administrative tree; which region lies in which is written in the packs, never read off a code."""

    NATION = "nation", "国家"
    REGION = "region", "省(自治区)"
    PREFECTURE = "prefecture", "地州市"
    COUNTY = "county", "县(市、区)"


class PlanScope(Word):
    """About which members of a household an agency is asked (R-066)."""

    ALL_MEMBERS = "all_members", "全体成员"
    ADULTS = "adults", "成年成员"
    RURAL_ALL = "rural_all", "农村家庭全体成员"
    RURAL_ADULTS = "rural_adults", "农村家庭成年成员"
    DECLARED_DISABLED = "declared_disabled", "申报残疾的成员"


class ApplicantRule(Word):
    """Who may file for a household (R-001)."""

    ANY_MEMBER = "any_member", "任一共同生活成员"
    HEAD_OR_CONSENTED = "head_or_consented", "户主或经户主同意的成员"


class Material(Word):
    """Papers a complete application carries besides declaration and authorisation (R-006)."""

    IDENTITY_DOCUMENT = "identity_document", "身份证明"
    HOUSEHOLD_REGISTER = "household_register", "户口簿"
    DISABILITY_CERTIFICATE = "disability_certificate", "残疾证"
    EXPENSE_VOUCHERS = "expense_vouchers", "支出凭据"


class RigidCategory(Word):
    """Spending a family cannot avoid and that may be deducted from income (R-081)."""

    SERIOUS_ILLNESS = "serious_illness", "重病治疗"
    DISABILITY_REHABILITATION = "disability_rehabilitation", "残疾康复"
    SCHOOLING = "schooling", "本科及以下就学"


class SurveySigner(Word):
    """Who signs the Household Survey Form (R-096)."""

    SURVEYORS = "surveyors", "调查人员"
    SURVEYED = "surveyed", "被调查人员"
    APPLICANT = "applicant", "申请人"


class AppraisalMode(Word):
    """When a democratic appraisal is held (R-102)."""

    ALWAYS = "always", "每户评议"
    ON_OBJECTION = "on_objection", "有异议时评议"


class Appraiser(Word):
    """Who may sit in an appraisal (R-103)."""

    VILLAGE_REPRESENTATIVE = "village_representative", "村(居)民代表"
    VILLAGE_CADRE_IN_CHARGE = "village_cadre_in_charge", "包村干部"
    COMMUNITY_GROUP = "community_group", "社区评议小组"
    OLD_PARTY_MEMBER = "old_party_member", "老党员"
    CONGRESS_DEPUTY = "congress_deputy", "人大代表"
    CONSULTATIVE_MEMBER = "consultative_member", "政协委员"


class PublicityContent(Word):
    """What a first publicity is about (R-124, R-125)."""

    SURVEY = "survey", "入户调查结果"
    APPRAISAL = "appraisal", "民主评议结果"
    REVIEW_OPINION = "review_opinion", "审核意见"
    CONFIRMATION = "confirmation", "确认结果"


class LongTermField(Word):
    """What the long-term notice may show (R-131)."""

    APPLICANT_NAME = "applicant_name", "申请人姓名"
    MEMBER_COUNT = "member_count", "保障人数"
    AMOUNT = "amount", "保障金额"
    FAMILY_MEMBERS = "family_members", "家庭成员"
    INCOME = "income", "家庭收入"
    HOTLINE = "hotline", "监督举报电话"


class LongTermPlace(Word):
    """Where the long-term notice hangs (R-131)."""

    REGISTRATION = "registration", "户籍地村(居)委会"
    RESIDENCE = "residence", "居住地村(居)委会"


class Step(Word):
    """A step from acceptance to money; each region orders them in its own way (R-114)."""

    ACCEPTANCE = "acceptance", "受理"
    CHECK = "check", "信息核对"
    SURVEY = "survey", "入户调查"
    APPRAISAL = "appraisal", "民主评议"
    REVIEW_OPINION = "review_opinion", "审核(初审)意见"
    SPOT_CHECK = "spot_check", "县级入户抽查"
    PUBLICITY = "publicity", "公示"
    DECISION = "decision", "审批(确认)"
    DECISION_PUBLICITY = "decision_publicity", "审批公示"
    CERTIFICATE = "certificate", "确定标准、发放救助证"
    LONG_TERM_PUBLICITY = "long_term_publicity", "长期公示"
    PAYMENT = "payment", "发放"


class Authority(Word):
    """Who decides (R-109)."""

    COUNTY = "county", "县级民政部门"
    TOWNSHIP = "township", "乡镇人民政府(街道办事处)"


class DecisionPath(Word):
    """How the authority decides (R-108)."""

    LEADER = "leader", "主管领导确认"
    MEETING = "meeting", "确认会议"


class ClockEnd(Word):
    """Which act stops the approval clock (Annex 10, 2)."""

    CONFIRMATION = "confirmation", "确认之日"
    WHOLE_PROCEDURE = "whole_procedure", "全部程序办结"


class BenefitMethod(Word):
    """How the monthly amount follows from income (R-188)."""

    DIFFERENCE = "difference", "差额"
    TIERS = "tiers", "分档"


class SupplementGroup(Word):
    """Who in a dibao family gets the supplement (R-194); codes as in an application's `supplement_groups`."""

    SEVERELY_DISABLED = "severely_disabled", "重度残疾人(含1-4级伤残军人)"
    SERIOUSLY_ILL = "seriously_ill", "重病患者"
    ELDERLY = "elderly", "老年人"
    MINOR = "minor", "未成年人"
    MILITARY_FAMILY = "military_family", "军烈属"
    OLD_DEMOBILISED = "old_demobilised", "在乡老复员军人"


class FirstMonth(Word):
    """From which event the first paid month is counted; always the month after it (R-199)."""

    AFTER_PUBLICITY = "after_publicity", "公示无异议的次月"
    AFTER_DECISION = "after_decision", "审批的次月"


class PaymentCycle(Word):
    """How often money goes out (R-200)."""

    MONTH = "month", "按月"
    QUARTER = "quarter", "按季"


class PaymentUnit(Word):
    """To whose card the money goes (R-210)."""

    HOUSEHOLD = "household", "按户"
    PERSON = "person", "按人"


class Rounding(Word):
    """How a fraction of a fen is settled. The one place where money is rounded."""

    DOWN = "down", "舍去"
    HALF_UP = "half_up", "四舍五入"
    UP = "up", "进位"

    def divide(self, numerator: int, denominator: int) -> int:
        """`numerator / denominator` in whole fen. ValueError below zero or for a divisor that is not positive."""
        if numerator < 0 or denominator <= 0:
            raise ValueError("rounding is defined for amounts of zero or more over a positive divisor")
        whole, rest = divmod(numerator, denominator)
        if self is Rounding.UP:
            return whole + (rest > 0)
        if self is Rounding.HALF_UP:
            return whole + (2 * rest >= denominator)
        return whole
