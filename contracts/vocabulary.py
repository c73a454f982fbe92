"""Closed vocabularies of the field, each word with its Chinese label.

Values are the codes written on every wire, table, event and dashboard. Standard library only, so that `domain` rooms
may use them.
"""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING


class Word(StrEnum):
    """A code with the Chinese label that people read beside it."""

    label: str
    if not TYPE_CHECKING:
        value = property(attrgetter("_value_"))
        """The code: what `Enum.value` gives, at a third of its price, which every serialised field pays."""

    def __new__(cls, code: str, label: str = "") -> Word:
        word = str.__new__(cls, code)
        word._value_ = code
        word.label = label
        return word


class Aid(Word):
    """Kinds of social assistance a household may ask for (R-009)."""

    DIBAO = "dibao", "最低生活保障"
    TEKUN = "tekun", "特困人员救助供养"
    TEMPORARY = "temporary", "临时救助"
    LOW_INCOME_EDGE = "low_income_edge", "低保边缘家庭"
    RIGID_EXPENDITURE = "rigid_expenditure", "刚性支出困难家庭"


class Area(Word):
    """Urban or rural category of a household (R-028)."""

    URBAN = "urban", "城镇"
    RURAL = "rural", "农村"


class Relation(Word):
    """A member's relation to the applicant (R-021)."""

    APPLICANT = "applicant", "申请人"
    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    PARENT = "parent", "父母"
    GRANDPARENT = "grandparent", "祖父母/外祖父母"
    GRANDCHILD = "grandchild", "孙子女/外孙子女"
    SIBLING = "sibling", "兄弟姐妹"
    OTHER_SUPPORTED = "other_supported", "其他有法定扶养义务的成员"


class Employment(Word):
    """What a member declares about work (R-027)."""

    EMPLOYED = "employed", "就业"
    FLEXIBLE = "flexible", "灵活就业"
    FARMING = "farming", "务农"
    UNEMPLOYED = "unemployed", "失业"
    STUDENT = "student", "在校学生"
    RETIRED = "retired", "退休"
    UNABLE = "unable", "无劳动能力"
    MINOR = "minor", "未成年"


class Agency(Word):
    """The fourteen sources a check may ask (Annex 6)."""

    PUBLIC_SECURITY = "public_security", "公安(户籍)"
    VEHICLE = "vehicle", "公安交警(机动车)"
    TAX = "tax", "税务"
    HOUSING = "housing", "住建/不动产"
    BANK = "bank", "银行"
    SECURITIES = "securities", "证券"
    INSURANCE = "insurance", "保险"
    HOUSING_FUND = "housing_fund", "住房公积金"
    SOCIAL_INSURANCE = "social_insurance", "人社(社保)"
    MARKET_REGISTRATION = "market_registration", "市场监管"
    AGRICULTURAL_MACHINERY = "agricultural_machinery", "农机"
    DISABLED_FEDERATION = "disabled_federation", "残联"
    CIVIL_AFFAIRS = "civil_affairs", "民政"
    POVERTY_REGISTER = "poverty_register", "防返贫(原扶贫)"


class Outcome(Word):
    """How one question to one agency about one member ended. There is no fourth value and no null."""

    ANSWERED = "answered", "已答复"
    SILENT = "silent", "未答复"
    INVALID = "invalid", "答复无效"


class Reason(Word):
    """Why an outcome is silent or invalid."""

    NONE = "none", "无"
    LATE = "late", "超时"
    ERROR = "error", "接口错误"
    REFUSED = "refused", "拒绝"
    NOT_CONNECTED = "not_connected", "未接入"
    CONSENT_WITHDRAWN = "consent_withdrawn", "授权已撤回"
    MALFORMED = "malformed", "格式错误"
    WRONG_PERSON = "wrong_person", "答复对象不符"


class ItemKind(Word):
    """What a household declares, item by item (R-005). The amount's period stands with the item."""

    WAGE = "wage", "工资性收入"
    BUSINESS_INCOME = "business_income", "经营净收入"
    PROPERTY_INCOME = "property_income", "财产净收入"
    PENSION = "pension", "养老金"
    UNEMPLOYMENT_BENEFIT = "unemployment_benefit", "失业保险金"
    MAINTENANCE = "maintenance", "赡养抚养费收入"
    OTHER_INCOME = "other_income", "其他收入"
    MEDICAL_EXPENDITURE = "medical_expenditure", "重病自负支出"
    REHABILITATION_EXPENDITURE = "rehabilitation_expenditure", "残疾康复支出"
    EDUCATION_EXPENDITURE = "education_expenditure", "就学支出"
    DEPOSIT = "deposit", "存款"
    SECURITY = "security", "证券基金"
    INSURANCE_POLICY = "insurance_policy", "商业保险"
    HOUSE = "house", "住房"
    NON_RESIDENTIAL = "non_residential", "商铺车位等非住宅"
    VEHICLE = "vehicle", "机动车"
    MACHINE = "machine", "大型农机船舶"
    BUSINESS = "business", "工商登记"


class FlagCode(Word):
    """Suspicious items (疑点) a check can raise; SYS codes speak of coverage and are not flags against a household."""

    REG_01 = "REG-01", "户籍查无此人或姓名证件不符"
    REG_02 = "REG-02", "同户籍人员未申报"
    LIFE_01 = "LIFE-01", "已死亡或户口注销"
    LIFE_02 = "LIFE-02", "有火化记录"
    MAR_01 = "MAR-01", "婚姻状况与申报不符"
    INC_01 = "INC-01", "工资薪金纳税收入高于申报"
    INC_02 = "INC-02", "养老金或失业金未申报"
    INC_03 = "INC-03", "公积金缴存推算工资高于申报"
    INC_04 = "INC-04", "申报失业但有单位参保"
    AST_01 = "AST-01", "存款超限"
    AST_02 = "AST-02", "半年内大额支出"
    AST_03 = "AST-03", "证券基金超限"
    AST_04 = "AST-04", "商业保险现金价值超限"
    AST_05 = "AST-05", "拥有两套及以上住房"
    AST_06 = "AST-06", "拥有商铺、办公用房或车位"
    AST_07 = "AST-07", "三年内购房"
    AST_08 = "AST-08", "拥有机动车"
    AST_09 = "AST-09", "拥有船舶或大型农机"
    BUS_01 = "BUS-01", "担任企业法人、高管或股东"
    BUS_02 = "BUS-02", "登记为个体工商户"
    DUP_01 = "DUP-01", "已在他处享受低保或特困"
    DIS_01 = "DIS-01", "残疾等级不符或证件过期"
    POV_01 = "POV-01", "与防返贫监测台账不符"
    SYS_01 = "SYS-01", "信息源未答复"
    SYS_02 = "SYS-02", "数据陈旧"


class Severity(Word):
    """How a flag weighs; none of them refuses anyone."""

    BLOCK = "block", "须核实后方可审批"
    CLARIFY = "clarify", "须说明"
    INFO = "info", "提示"


class Finding(Word):
    """How a caseworker closes a flag (R-070, R-071)."""

    TRUE = "true", "属实"
    PARTLY = "partly", "部分属实"
    UNTRUE = "untrue", "不属实"
    AGENCY_WRONG = "agency_wrong", "部门数据有误"


class Conclusion(Word):
    """What a report (核对报告) says in one word; it never decides."""

    NO_FLAGS = "no_flags", "未发现疑点"
    FLAGS_OPEN = "flags_open", "存在疑点待核实"
    OVER_STANDARD = "over_standard", "超出标准"
    INCOMPLETE = "incomplete", "信息不全"


class ApplicationState(Word):
    """Where an application stands at intake."""

    INCOMPLETE = "incomplete", "材料待补"
    ACCEPTED = "accepted", "已受理"
    WITHDRAWN = "withdrawn", "已撤回"


class Basis(Word):
    """On what a policy value rests."""

    DOCUMENT = "document", "文件规定"
    NATIONAL = "national", "国家规定"
    ASSUMED = "assumed", "暂定"


class Gender(Word):
    """As coded by the 17th digit of the resident id."""

    FEMALE = "female", "女"
    MALE = "male", "男"
