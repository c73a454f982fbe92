"""Closed vocabularies of approval, each word with its Chinese label and, in ENGLISH, its English one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.vocabulary import Aid, Conclusion, Word
from policies.words import Step


class State(Word):
    """Where a case stands."""

    REVIEW = "review", "审核中"
    OPINED = "opined", "待确认"
    APPROVED = "approved", "已确认，待公示"
    REFUSED = "refused", "不予确认"
    PUBLICITY = "publicity", "公示中"
    CERTIFIED = "certified", "已发证，待发放"
    PAID = "paid", "已发放"
    HELD = "held", "暂缓，重新审核"
    CLOSED = "closed", "已终止"


class Outcome(Word):
    """What an opinion recommends and a decision says."""

    APPROVED = "approved", "予以确认"
    REFUSED = "refused", "不予确认"


class Reason(Word):
    """Why a household is approved or refused."""

    CONDITIONS_MET = "conditions_met", "符合条件"
    COLLECTIVE_DECISION = "collective_decision", "集体研究(一事一议)"
    INCOME_OVER_STANDARD = "income_over_standard", "收入不低于标准"
    PROPERTY_OVER_LIMIT = "property_over_limit", "财产超过规定"
    HOUSEHOLD_MISMATCH = "household_mismatch", "家庭成员情况不符"
    FALSE_DECLARATION = "false_declaration", "申报不实"
    NOT_COOPERATING = "not_cooperating", "不配合调查核实"
    ALREADY_AIDED = "already_aided", "已享受同类救助"


APPROVAL_REASONS: Final = frozenset({Reason.CONDITIONS_MET, Reason.COLLECTIVE_DECISION})
"""Reasons that go with an approval; all others go with a refusal."""


class Lack(Word):
    """What a case still needs before its next step."""

    SURVEY = "survey", "缺入户调查"
    OPEN_FLAGS = "open_flags", "疑点未核实完毕"
    OPINION = "opinion", "缺初审意见"
    PAYEE = "payee", "缺社保卡账户"


class TaskKind(Word):
    """Why people must look at a case that the machinery leaves as it is."""

    REPORT_AFTER_PAYMENT = "report_after_payment", "发放后核对结果变化，需复核"
    PAID_WHILE_STOPPED = "paid_while_stopped", "暂缓期间已发放，需复核"
    WITHDRAWN_AFTER_PAYMENT = "withdrawn_after_payment", "发放后撤回申请，需复核"
    SPOT_CHECK_PROBLEM = "spot_check_problem", "抽查发现问题，需整改"


class ClockName(Word):
    """Which act a clock waits for."""

    SURVEY = "survey", "入户调查启动"
    DECISION = "decision", "审核确认"
    REFUSAL_NOTICE = "refusal_notice", "不予确认书面告知"


class Why(Word):
    """Why a case is spot-checked."""

    DRAWN = "drawn", "随机抽取"
    DOUBTFUL = "doubtful", "疑点户必查"
    NEAR_RELATIVE = "near_relative", "近亲属必查"


class ExtensionReason(Word):
    """Special circumstances in which the clock may run longer (R-118)."""

    OBJECTION = "objection", "公示有异议"
    SPLIT_RESIDENCE = "split_residence", "人户分离"
    CROSS_AREA = "cross_area", "跨地区核查"
    DIFFICULT_SURVEY = "difficult_survey", "调查难度大"


class NoticeWay(Word):
    """How a written notice reached the family (R-116)."""

    HANDED = "handed", "当面送达"
    POST = "post", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达"


class ObjectionFrom(Word):
    """From whom an objection came; nobody is named."""

    RESIDENT = "resident", "居民"
    COMMITTEE = "committee", "村(居)委会"
    FAMILY = "family", "申请家庭"
    ANONYMOUS = "anonymous", "匿名"


class ObjectionAbout(Word):
    """What an objection is about."""

    INCOME = "income", "收入"
    PROPERTY = "property", "财产"
    HOUSEHOLD = "household", "家庭成员"
    PROCEDURE = "procedure", "程序"


ENGLISH: Final[Mapping[Word, str]] = {
    State.REVIEW: "Under review",
    State.OPINED: "Awaiting confirmation",
    State.APPROVED: "Confirmed, to be posted",
    State.REFUSED: "Refused",
    State.PUBLICITY: "Posted for the legal days",
    State.CERTIFIED: "Certificate issued, to be paid",
    State.PAID: "Paid",
    State.HELD: "Held, under review again",
    State.CLOSED: "Closed",
    Outcome.APPROVED: "Approved",
    Outcome.REFUSED: "Refused",
    Reason.CONDITIONS_MET: "The conditions are met",
    Reason.COLLECTIVE_DECISION: "Decided collectively, case by case",
    Reason.INCOME_OVER_STANDARD: "Income is not below the standard",
    Reason.PROPERTY_OVER_LIMIT: "Property is above the limit",
    Reason.HOUSEHOLD_MISMATCH: "The household is not as declared",
    Reason.FALSE_DECLARATION: "The declaration is untrue",
    Reason.NOT_COOPERATING: "Survey or check was refused",
    Reason.ALREADY_AIDED: "Already receives the same aid",
    Lack.SURVEY: "The survey is missing",
    Lack.OPEN_FLAGS: "Flags are still open",
    Lack.OPINION: "The opinion is missing",
    Lack.PAYEE: "The card account is missing",
    TaskKind.REPORT_AFTER_PAYMENT: "A report changed after payment",
    TaskKind.PAID_WHILE_STOPPED: "Money was paid while the case was stopped",
    TaskKind.WITHDRAWN_AFTER_PAYMENT: "The application was withdrawn after payment",
    TaskKind.SPOT_CHECK_PROBLEM: "A spot check found a problem",
    ClockName.SURVEY: "Begin of the survey",
    ClockName.DECISION: "Review and confirmation",
    ClockName.REFUSAL_NOTICE: "Written refusal",
    Why.DRAWN: "Drawn at random",
    Why.DOUBTFUL: "Doubtful, always checked",
    Why.NEAR_RELATIVE: "Near relative, always checked",
    Aid.DIBAO: "Minimum living guarantee",
    Aid.TEKUN: "Support in extreme hardship",
    Aid.TEMPORARY: "Temporary aid",
    Aid.LOW_INCOME_EDGE: "Low-income edge family",
    Aid.RIGID_EXPENDITURE: "Family with rigid expenditure",
    Conclusion.NO_FLAGS: "No suspicious items found",
    Conclusion.FLAGS_OPEN: "Suspicious items to be verified",
    Conclusion.OVER_STANDARD: "Over the standard",
    Conclusion.INCOMPLETE: "Information is incomplete",
    Step.ACCEPTANCE: "Acceptance",
    Step.CHECK: "Check",
    Step.SURVEY: "Survey",
    Step.APPRAISAL: "Appraisal",
    Step.REVIEW_OPINION: "Review opinion",
    Step.SPOT_CHECK: "Spot check by visit",
    Step.PUBLICITY: "Publicity",
    Step.DECISION: "Decision",
    Step.DECISION_PUBLICITY: "Publicity of the decision",
    Step.CERTIFICATE: "Certificate",
    Step.LONG_TERM_PUBLICITY: "Long-term publicity",
    Step.PAYMENT: "Payment",
}
