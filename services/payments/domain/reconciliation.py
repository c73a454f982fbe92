"""Three books side by side: ours, the treasury's allocation details, the bank's payment details (R-216, R-217).

Every line of each is accounted for, person by person and to the fen; whatever does not agree gets a kind, so that
people know where to look. Two errors that cancel out in the totals are two differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.vocabulary import Word
from services.payments.domain.roster import LineState


class Kind(Word):
    """What sort of difference it is."""

    MISSING_IN_BANK = "missing_in_bank", "系统已发放，代发明细中没有"
    MISSING_IN_TREASURY = "missing_in_treasury", "系统已发放，财政拨款明细中没有"
    NOT_BOOKED = "not_booked", "银行已发放，系统未记账"
    AMOUNT_DIFFERS = "amount_differs", "金额不一致"
    ACCOUNT_DIFFERS = "account_differs", "收款账户不一致"
    DOUBLED = "doubled", "重复发放或重复拨款"
    UNKNOWN = "unknown", "系统外发放或拨款"
    WRONG_MONTH = "wrong_month", "所属月份不一致"
    UNSETTLED = "unsettled", "尚无结果"
    RETURNED = "returned", "已退回，尚未重新发放"
    DEAD_PAYEE = "dead_payee", "收款人在发放月份前已死亡"
    ALTERED = "altered", "名册内容与签字时不符"
    UNREADABLE = "unreadable", "明细无法识别"


class Side(Word):
    """Whose book shows it."""

    SYSTEM = "system", "系统"
    TREASURY = "treasury", "财政"
    BANK = "bank", "银行"


class Ours(NamedTuple):
    """A line as we hold it, with the last attempt's reference and account."""

    line_id: str
    instruction_id: str
    amount_fen: int
    account_key: bytes
    state: LineState
    is_allocated: bool
    died_before: bool
    """The entitlement ended by a death before the month."""


class Allocated(NamedTuple):
    """A line of the treasury's details."""

    line_id: str
    amount_fen: int


class Executed(NamedTuple):
    """A payment of the bank's details that was not returned."""

    instruction_id: str
    account_key: bytes
    amount_fen: int


class Known(NamedTuple):
    """What we know of a reference that does not stand among this month's last attempts."""

    line_id: str
    month: str
    is_paid: bool
    """Whether the line's money reached somebody by a later attempt."""


class Difference(NamedTuple):
    """One thing that does not agree. The three amounts say what each book holds about it."""

    kind: Kind
    side: Side
    line_id: str | None
    reference: str
    system_fen: int
    treasury_fen: int | None
    bank_fen: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The three totals and everything that differs."""

    system_fen: int
    treasury_fen: int
    bank_fen: int
    lines: int
    differences: tuple[Difference, ...]

    @property
    def difference_fen(self) -> int:
        """Fen that differ, added up without letting one cancel another."""
        return sum(_spread(one) for one in self.differences)

    @property
    def agrees(self) -> bool:
        """Whether the month may be closed (R-217)."""
        return not self.differences and self.system_fen == self.treasury_fen == self.bank_fen


_PAID = LineState.PAID
_OPEN = {LineState.DUE: Kind.UNSETTLED, LineState.UNDER_WAY: Kind.UNSETTLED, LineState.RETURNED: Kind.RETURNED}


@dataclass(frozen=True, slots=True)
class Odd:
    """What is left once everything that agrees line by line is set aside; usually nothing."""

    ours: Sequence[Ours]
    references: frozenset[str]
    """Instructions that the bank's book and ours do not tell alike."""
    line_ids: frozenset[str]
    """Lines that the treasury's book and ours do not tell alike."""
    bank: Sequence[Executed]
    treasury: Sequence[Allocated]
    open_lines: Sequence[Ours]
    """Ours that are not finished, or were paid after a death."""
    totals: tuple[int, int, int]
    lines: int

    @property
    def strangers(self) -> list[str]:
        """References of the bank and the treasury that are none of this month's last attempts and lines."""
        bank = {one.instruction_id for one in self.bank} - {one.instruction_id for one in self.ours}
        return sorted(bank | ({one.line_id for one in self.treasury} - {one.line_id for one in self.ours}))


def compare(
    odd: Odd,
    *,
    known: Mapping[str, Known],
    month: str,
    altered: Iterable[str] = (),
    unreadable: Iterable[Difference] = (),
) -> Comparison:
    """Give everything odd its kind (R-217).

    `known` tells of `odd.strangers`; `altered` names lines that are not as signed; `unreadable` are rows of the others'
    books that say nothing.
    """
    found = [
        *_with_bank(odd, known, month),
        *_with_treasury(odd, known, month),
        *_within(odd.open_lines),
        *unreadable,
        *(Difference(Kind.ALTERED, Side.SYSTEM, line_id, line_id, 0, None, None) for line_id in altered),
    ]
    system_fen, treasury_fen, bank_fen = odd.totals
    differences = tuple(sorted(found, key=lambda one: (one.kind, one.reference)))
    return Comparison(system_fen, treasury_fen, bank_fen, odd.lines, differences)


def _with_bank(odd: Odd, known: Mapping[str, Known], month: str) -> Iterable[Difference]:
    by_instruction = {one.instruction_id: one for one in odd.ours}
    told: dict[str, list[Executed]] = {}
    for one in odd.bank:
        told.setdefault(one.instruction_id, []).append(one)
    for reference, rows in told.items():
        bank_fen = sum(one.amount_fen for one in rows)
        line = by_instruction.get(reference)
        if line is None:
            yield _stranger(Side.BANK, reference, bank_fen, known.get(reference), month)
            continue
        held_fen = line.amount_fen if line.state is _PAID else 0
        seen = Difference(Kind.DOUBLED, Side.BANK, line.line_id, reference, held_fen, None, bank_fen)
        if len(rows) > 1:
            yield seen
        elif line.state is not _PAID:
            yield seen._replace(kind=Kind.NOT_BOOKED)
        elif bank_fen != line.amount_fen:
            yield seen._replace(kind=Kind.AMOUNT_DIFFERS)
        if line.state is _PAID and any(one.account_key != line.account_key for one in rows):
            yield seen._replace(kind=Kind.ACCOUNT_DIFFERS)
    for reference in odd.references - told.keys():
        line = by_instruction[reference]
        yield Difference(Kind.MISSING_IN_BANK, Side.BANK, line.line_id, reference, line.amount_fen, None, 0)


def _with_treasury(odd: Odd, known: Mapping[str, Known], month: str) -> Iterable[Difference]:
    by_line = {one.line_id: one for one in odd.ours}
    told: dict[str, list[int]] = {}
    for one in odd.treasury:
        told.setdefault(one.line_id, []).append(one.amount_fen)
    for line_id, amounts in told.items():
        treasury_fen = sum(amounts)
        line = by_line.get(line_id)
        if line is None:
            yield _stranger(Side.TREASURY, line_id, treasury_fen, known.get(line_id), month)
            continue
        is_ours = line.is_allocated or line.state is _PAID
        held_fen = line.amount_fen if is_ours else 0
        seen = Difference(Kind.DOUBLED, Side.TREASURY, line_id, line_id, held_fen, treasury_fen, None)
        if len(amounts) > 1:
            yield seen
        elif not is_ours:
            yield seen._replace(kind=Kind.NOT_BOOKED)
        elif treasury_fen != line.amount_fen:
            yield seen._replace(kind=Kind.AMOUNT_DIFFERS)
    for line_id in odd.line_ids - told.keys():
        line = by_line[line_id]
        yield Difference(Kind.MISSING_IN_TREASURY, Side.TREASURY, line_id, line_id, line.amount_fen, 0, None)


def _stranger(side: Side, reference: str, amount_fen: int, known: Known | None, month: str) -> Difference:
    """A reference that is no last attempt of the month: an earlier attempt, another month's, or nobody's (R-202)."""
    treasury_fen, bank_fen = (amount_fen, None) if side is Side.TREASURY else (None, amount_fen)
    if known is None:
        return Difference(Kind.UNKNOWN, side, None, reference, 0, treasury_fen, bank_fen)
    kind = Kind.WRONG_MONTH if known.month != month else Kind.DOUBLED if known.is_paid else Kind.NOT_BOOKED
    return Difference(kind, side, known.line_id, reference, 0, treasury_fen, bank_fen)


def _within(open_lines: Iterable[Ours]) -> Iterable[Difference]:
    """What our own book says is not finished, or should not have been."""
    for one in open_lines:
        treasury_fen = one.amount_fen if one.is_allocated else 0
        kind = _OPEN.get(one.state)
        if kind is not None:
            yield Difference(kind, Side.SYSTEM, one.line_id, one.instruction_id, one.amount_fen, treasury_fen, 0)
        elif one.died_before and one.state is _PAID:
            fen = one.amount_fen
            yield Difference(Kind.DEAD_PAYEE, Side.SYSTEM, one.line_id, one.instruction_id, 0, fen, fen)


def _spread(one: Difference) -> int:
    """How far the books lie apart about it; what differs in the account differs by its whole amount."""
    if one.kind is Kind.ACCOUNT_DIFFERS:
        return one.system_fen
    told = [fen for fen in (one.system_fen, one.treasury_fen, one.bank_fen) if fen is not None]
    return max(told) - min(told)
