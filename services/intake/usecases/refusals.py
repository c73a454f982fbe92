"""Why intake says no. A township never turns a family away without one of these reasons (R-002)."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.refusal import Absent, FieldError, Kind, Refusal
from services.intake.domain.faults import Fault


class OutsideJurisdiction(Refusal):
    """The caller hands in for an office that is not its own nor below it, or is no window at all (R-001)."""

    kind = Kind.FORBIDDEN
    code = "outside-jurisdiction"
    zh = "只能为本机构或所属乡镇(街道)、县级窗口提交申请。"
    en = "Applications are handed in for the caller's own township or county window, or one below it."


class ForeignHousehold(Refusal):
    """The household is registered elsewhere (R-001)."""

    kind = Kind.FORBIDDEN
    code = "foreign-household"
    zh = "该家庭户籍地不在本机构辖区，应向户籍所在地乡镇(街道)申请。"
    en = "The household is registered elsewhere; it applies at the township of its registration place."


class RegionWithoutPolicy(Refusal):
    """No policy is in force for the office's region today."""

    kind = Kind.CONFLICT
    code = "region-without-policy"
    zh = "本地区尚无生效的救助政策配置。"
    en = "No policy is in force for this region."


class Contradictory(Refusal):
    """The paper contradicts itself; every fault is named at its place (R-021)."""

    kind = Kind.INVALID
    code = "application-contradictory"
    zh = "申请内容前后矛盾，请逐项更正后重新提交。"
    en = "The application contradicts itself; correct each item and hand it in again."

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__([FieldError(one.pointer, one.code, one.zh, one.en) for one in faults])


class DuplicateApplication(Refusal):
    """A member is already in an open application for the same aid, here or anywhere else."""

    kind = Kind.CONFLICT
    code = "duplicate-application"
    zh = "家庭成员已有同类救助申请正在办理。"
    en = "A member is already in an open application for the same aid."

    def __init__(self, application_id: str | None, errors: Sequence[FieldError]) -> None:
        super().__init__(errors, see=location_of(application_id) if application_id else None)


class ReferenceUsed(Refusal):
    """The sender gave this reference to another application before."""

    kind = Kind.CONFLICT
    code = "external-ref-used"
    zh = "该外部编号已用于另一份申请。"
    en = "This external reference already names another application."

    def __init__(self, application_id: str | None) -> None:
        super().__init__(see=location_of(application_id) if application_id else None)


class MemberUnknown(Absent):
    code = "member-unknown"
    zh = "该申请中没有此成员。"
    en = "The application has no such member."


class ApplicationClosed(Refusal):
    """The application was taken back; nothing more is done with it."""

    kind = Kind.CONFLICT
    code = "application-withdrawn"
    zh = "该申请已撤回。"
    en = "The application was withdrawn."


class AlreadyComplete(Refusal):
    """An accepted application takes further materials, nothing else: its declaration and consents stand."""

    kind = Kind.CONFLICT
    code = "application-complete"
    zh = "申请已受理，只能补充材料附件，不能更改声明、授权或说明。"
    en = "The application was accepted; materials may be added, statements and consents stand as they are."


class TooManyMaterials(Refusal):
    kind = Kind.CONFLICT
    code = "too-many-materials"
    zh = "该申请的材料数量已达上限。"
    en = "The application holds as many materials as it may."


class ConsentNotGiven(Refusal):
    """There is no live consent of this member that could be taken back."""

    kind = Kind.CONFLICT
    code = "consent-not-given"
    zh = "该成员没有可撤回的授权。"
    en = "This member has no consent on file that could be withdrawn."


def location_of(application_id: str) -> str:
    """Where the application is read."""
    return f"/intake/v1/applications/{application_id}"
