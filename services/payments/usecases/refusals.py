"""Why payments says no."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from chassis.clock import CHINA
from chassis.refusal import Absent, FieldError, Kind, Refusal

T = TypeVar("T")


class CertificateWithoutDecision(Refusal):
    """No approval of this case version with this hash was heard: nothing is owed on such a certificate (INV-23)."""

    kind = Kind.CONFLICT
    code = "certificate-without-decision"
    zh = "没有与该救助证对应的确认决定。"
    en = "No decision stands behind this certificate."


class OutsideJurisdiction(Refusal):
    kind = Kind.FORBIDDEN
    code = "outside-jurisdiction"
    zh = "不在本机构管辖范围内。"
    en = "Not within the caller's jurisdiction."


class NotACounty(Refusal):
    """Rosters are drawn up county by county."""

    code = "not-a-county"
    zh = "名册按县(市、区)生成，请填写县级机构。"
    en = "A roster is drawn up for a county's office."


class CycleNotBuilt(Refusal):
    kind = Kind.CONFLICT
    code = "cycle-not-built"
    zh = "该地区不按月发放，尚不支持。"
    en = "This region does not pay by the month; that is not supported yet."


class LedgerStillOpen(Refusal):
    """The ledger the roster is drawn from closes later (R-203)."""

    kind = Kind.CONFLICT
    code = "ledger-still-open"
    zh = "上月台账尚未截止，不能生成名册。"
    en = "The ledger of the month before is still open."

    def __init__(self, closes_at: datetime) -> None:
        at = closes_at.astimezone(CHINA)
        super().__init__(
            [
                FieldError(
                    "/month",
                    "ledger_still_open",
                    f"台账于 {at:%Y-%m-%d %H:%M} 截止。",
                    f"The ledger closes on {at:%Y-%m-%d %H:%M} China time.",
                )
            ]
        )


class RosterExists(Refusal):
    """A month is drawn up once for an office (INV-24)."""

    kind = Kind.CONFLICT
    code = "roster-exists"
    zh = "该月名册已生成。"
    en = "This month's roster exists already."

    def __init__(self, roster_id: str | None) -> None:
        super().__init__(see=f"/payments/v1/rosters/{roster_id}" if roster_id else None)


class RosterAbsent(Absent):
    code = "roster-unknown"
    zh = "没有找到该名册。"
    en = "There is no such roster."


class RosterFixed(Refusal):
    kind = Kind.LOCKED
    code = "roster-locked"
    zh = "名册已锁定。"
    en = "The roster is locked."


class RosterNotLocked(Refusal):
    kind = Kind.CONFLICT
    code = "roster-not-locked"
    zh = "名册须经两人签字锁定后方可发放。"
    en = "A roster is paid once it is locked under two signatures."


class RosterAltered(Refusal):
    """The content is not what the hash says (R-225, R-229)."""

    kind = Kind.CONFLICT
    code = "roster-altered"
    zh = "名册内容与校验值不符，已停止办理。"
    en = "The roster's content does not agree with its hash; nothing more is done with it."


class OtherContent(Refusal):
    """The signer looked at something else."""

    kind = Kind.STALE
    code = "other-content"
    zh = "签字依据的名册内容与现有内容不同，请重新查看。"
    en = "The content signed for is not the roster's; look at it again."


class FirstSignatureMissing(Refusal):
    kind = Kind.CONFLICT
    code = "first-signature-missing"
    zh = "须先由资金发放人员签字。"
    en = "A payments officer signs first."


class SignedAlready(Refusal):
    kind = Kind.CONFLICT
    code = "signed-already"
    zh = "资金发放人员已签字，须由另一名复核人员签字。"
    en = "The payments officer's signature stands; a second signer who draws up no rosters is wanted."


class SameSigner(Refusal):
    """Who drew the roster up or signed it first does not check it (maker is not checker)."""

    kind = Kind.FORBIDDEN
    code = "same-signer"
    zh = "生成名册或已签字的人员不得再作复核签字。"
    en = "Whoever drew the roster up or signed it does not sign it again."


class LineAbsent(Absent):
    code = "line-unknown"
    zh = "没有找到该名册行。"
    en = "There is no such line."


class LineNotReturned(Refusal):
    kind = Kind.CONFLICT
    code = "line-not-returned"
    zh = "只有已退回的发放可以重新发放。"
    en = "Only a returned line gets a new attempt."


class CardUnacceptable(Refusal):
    code = "card-unacceptable"
    zh = "社保卡账号不正确。"
    en = "This is no social-security-card account."

    def __init__(self) -> None:
        super().__init__(
            [
                FieldError(
                    "/account", "card_number", "应为16至19位数字且校验位正确。", "16 to 19 digits, check digit right."
                )
            ]
        )


class MonthClosed(Refusal):
    kind = Kind.LOCKED
    code = "month-closed"
    zh = "该月已结账。"
    en = "The month is closed."


class ReconciliationAbsent(Absent):
    code = "reconciliation-unknown"
    zh = "没有找到对账记录。"
    en = "There is no such reconciliation."


class NotReconciled(Refusal):
    """No comparison of the month as it stands now (R-216, R-217)."""

    kind = Kind.CONFLICT
    code = "not-reconciled"
    zh = "该月尚未完成对账，或对账后又有变化，请重新对账。"
    en = "The month has not been reconciled as it stands now."


class BooksDiffer(Refusal):
    """System, treasury and bank do not agree to the fen (R-217)."""

    kind = Kind.CONFLICT
    code = "books-differ"
    zh = "系统、财政、银行三方不一致，不能结账。"
    en = "System, treasury and bank differ; the month stays open."

    def __init__(self, reconciliation_id: str) -> None:
        super().__init__(see=f"/payments/v1/reconciliations/{reconciliation_id}/differences")


class EntitlementAbsent(Absent):
    code = "entitlement-unknown"
    zh = "没有找到该保障资格。"
    en = "There is no such entitlement."


class EntitlementEnded(Refusal):
    kind = Kind.CONFLICT
    code = "entitlement-ended"
    zh = "该保障资格已终止。"
    en = "The entitlement has ended already."


class DayAhead(Refusal):
    code = "day-ahead"
    zh = "日期不得晚于今天。"
    en = "The day lies in the future."


def known(thing: T | None, absent: type[Absent]) -> T:
    """The thing, or its absence refused."""
    if thing is None:
        raise absent
    return thing
