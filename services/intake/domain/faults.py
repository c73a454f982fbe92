"""What contradicts itself in an application: such a paper is handed back with every fault at once, nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One contradiction, at a place of the body (JSON pointer). Its texts never repeat what was sent."""

    pointer: str
    code: str
    zh: str
    en: str


def applicant_unknown() -> Fault:
    return Fault(
        "/applicant", "member_unknown", "申请人不在共同生活成员名单中。", "The applicant is not among the members."
    )


def head_unknown() -> Fault:
    return Fault(
        "/head", "member_unknown", "户主不在共同生活成员名单中。", "The head of household is not among the members."
    )


def member_unknown(pointer: str) -> Fault:
    return Fault(pointer, "member_unknown", "所指成员不在名单中。", "This names nobody among the members.")


def ref_doubled(index: int) -> Fault:
    return Fault(f"/members/{index}/ref", "ref_doubled", "成员代号重复。", "Two members carry the same ref.")


def person_doubled(index: int) -> Fault:
    pointer = f"/members/{index}/citizen_id"
    return Fault(pointer, "person_doubled", "同一人在成员名单中重复出现。", "The same person is listed twice.")


def applicant_relation(index: int) -> Fault:
    return Fault(
        f"/members/{index}/relation",
        "applicant_relation",
        "有且只有申请人本人的关系可填“申请人”。",
        "The applicant, and nobody else, stands in the relation `applicant`.",
    )


def spouse_doubled(index: int) -> Fault:
    pointer = f"/members/{index}/relation"
    return Fault(pointer, "spouse_doubled", "申请人只能有一名配偶。", "An applicant has one spouse at most.")


def relation_without_duty(index: int) -> Fault:
    pointer = f"/members/{index}/relation"
    return Fault(
        pointer,
        "relation_without_duty",
        "该关系不属于共同生活家庭成员范围。",
        "This relation carries no duty of support.",
    )


def committee_may_not_file() -> Fault:
    return Fault("/entrustment", "entrustment_not_provided", "本地区不受理委托代交。", "Here no committee may hand in.")


def consent_doubled(index: int) -> Fault:
    pointer = f"/consents/{index}/member_ref"
    return Fault(pointer, "consent_doubled", "同一成员的授权重复提交。", "Two consents are given for the same member.")


def born_later(index: int) -> Fault:
    pointer = f"/members/{index}/citizen_id"
    return Fault(pointer, "birth_in_future", "出生日期晚于今天。", "The birth date lies in the future.")


def signed_later(pointer: str) -> Fault:
    return Fault(pointer, "date_in_future", "签署日期晚于今天。", "The date of signature lies in the future.")
