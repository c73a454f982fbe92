"""Why approval says no, in its own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from chassis.refusal import Absent, FieldError, Kind, Refusal
from policies.words import Step
from services.approval.domain.faults import Fault
from services.approval.domain.words import ENGLISH, Lack

T = TypeVar("T")


def known(found: T | None, absent: type[Absent]) -> T:
    """What was found; raises the refusal where nothing was."""
    if found is None:
        raise absent
    return found


class CaseAbsent(Absent):
    code = "case-unknown"
    zh = "没有找到该案件。"
    en = "There is no such case."


class CaseUnknown(Refusal):
    """A payment of an application nobody decided on here; it can only be an error, and is parked."""

    kind = Kind.CONFLICT
    code = "case-unknown"
    zh = "没有该案件。"
    en = "There is no such case."


class SpotCheckAbsent(Absent):
    code = "spot-check-unknown"
    zh = "没有找到该抽查任务。"
    en = "There is no such spot check."


class DrawAbsent(Absent):
    code = "draw-unknown"
    zh = "没有找到该次抽取。"
    en = "There is no such draw."


class Unacceptable(Refusal):
    """What was handed in breaks rules; every one is named at its place."""

    kind = Kind.INVALID
    code = "record-unacceptable"
    zh = "所填内容不符合规定，请逐项更正。"
    en = "What was handed in breaks rules; correct each item."

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__([FieldError(*fault) for fault in faults])


class StepsMissing(Refusal):
    """The region's order has steps before this one that do not exist here; no other order takes its place (R-114)."""

    kind = Kind.CONFLICT
    code = "steps-missing"
    zh = "本地区规定的前置环节尚未开通，不能办理此环节。"
    en = "The region's order has steps before this one that cannot be taken here yet."

    def __init__(self, steps: Iterable[Step]) -> None:
        super().__init__(
            [FieldError("", step.value, f"缺少环节：{step.label}", f"Step missing: {ENGLISH[step]}") for step in steps]
        )


class Blocked(Refusal):
    """Nobody is decided on without survey, check and opinion (R-069, R-093, R-112)."""

    kind = Kind.CONFLICT
    code = "case-blocked"
    zh = "案件尚缺必经环节，不能办理。"
    en = "The case still lacks what must come before."

    def __init__(self, lacks: Iterable[Lack]) -> None:
        super().__init__([FieldError("", lack.value, lack.label, ENGLISH[lack]) for lack in lacks])


class WrongState(Refusal):
    """Where the case stands, this cannot be done."""

    kind = Kind.CONFLICT
    code = "state-unfit"
    zh = "案件当前状态不能办理此事项。"
    en = "This cannot be done where the case stands now."


class AlreadyDecided(Refusal):
    """One decision is made on each version of a case."""

    kind = Kind.CONFLICT
    code = "already-decided"
    zh = "该案件已作出决定，不能重复决定。"
    en = "This version of the case is decided already."


class MakerIsChecker(Refusal):
    """Whoever prepared a case neither confirms nor spot-checks it."""

    kind = Kind.FORBIDDEN
    code = "maker-is-checker"
    zh = "参与调查或提出初审意见的人员不得确认或抽查本案。"
    en = "Whoever surveyed the case or wrote its opinion may neither confirm nor check it."


class NotTheAuthority(Refusal):
    """Another office acts here (R-107, R-109)."""

    kind = Kind.FORBIDDEN
    code = "not-the-authority"
    zh = "本机构无权办理此环节。"
    en = "Another office is in charge of this step."


class Barred(Refusal):
    """The household cannot be approved, whatever the reasons given."""

    kind: ClassVar[Kind] = Kind.CONFLICT


class ConditionsNotMet(Barred):
    """A family found over the standard is never taken in (R-113)."""

    code = "conditions-not-met"
    zh = "核对结果超出标准，不得纳入。"
    en = "The check found the family over the standard; it cannot be approved."


class CollectiveNeeded(Barred):
    """Where information is missing, only a collective decision takes a family in (R-120)."""

    code = "collective-decision-needed"
    zh = "信息不全，须经集体研究(一事一议)决定。"
    en = "Information is missing; only a collective decision can approve."


class AlreadyExtended(Refusal):
    kind = Kind.CONFLICT
    code = "already-extended"
    zh = "办理期限已延长过一次，或本地区不得延长。"
    en = "The clock was extended before, or cannot be extended here."


class NoticeNotDue(Refusal):
    kind = Kind.CONFLICT
    code = "notice-not-due"
    zh = "没有待送达的不予确认通知。"
    en = "No refusal waits to be told."


class DrawNotAsked(Refusal):
    """The region does not delegate, or sets no share to be drawn (R-138)."""

    kind = Kind.CONFLICT
    code = "draw-not-asked"
    zh = "本地区未规定按比例抽查。"
    en = "The region asks for no such draw."


class NothingToDraw(Refusal):
    kind = Kind.CONFLICT
    code = "nothing-to-draw"
    zh = "没有尚未抽取过的申请对象。"
    en = "Every applicant was in a draw already."


class SeedNotReady(Refusal):
    """The draw's seed is the audit trail's newest seal, and there is none yet."""

    kind = Kind.BUSY
    code = "seed-not-ready"
    zh = "抽取种子尚未生成，请稍后重试。"
    en = "The seed of the draw is not ready; try again shortly."
    retry_after_s = 2


class AlreadyChecked(Refusal):
    kind = Kind.CONFLICT
    code = "already-checked"
    zh = "该抽查已登记结果。"
    en = "This spot check has its result already."
