"""A roster's content: what each line says, and the one hash over all of it that signatures stand under (R-225).

Every line has a hash of its own (a leaf) and a place; the content hash is taken over the head and all leaves in order.
So a single line can be shown to be as it was signed without reading the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from contracts.values import Month
from contracts.vocabulary import Word
from services.payments.domain.benefit import Reckoning

LEAF_BYTES = 32


class RosterState(Word):
    """Where a roster stands."""

    DRAFT = "draft", "已生成"
    LOCKED = "locked", "已锁定"
    PAYING = "paying", "发放中"
    DISPUTED = "disputed", "内容不符，已停止"


class LineState(Word):
    """Where the money of a line is."""

    DUE = "due", "待发放"
    UNDER_WAY = "under_way", "发放中"
    PAID = "paid", "已发放"
    RETURNED = "returned", "已退回"
    STOPPED = "stopped", "已停发"


class LeftOut(Word):
    """Why an entitlement in force is not on a roster."""

    NO_FORMULA = "no_formula", "该类救助或该地区的计算方法尚未启用"
    NO_SHORTFALL = "no_shortfall", "家庭收入达到标准，无差额"
    HELD = "held", "因核对报告变化暂缓"
    PERSON_ENTITLED_ELSEWHERE = "person_entitled_elsewhere", "家庭成员已在其他家庭享受保障"
    NOTHING_DUE = "nothing_due", "应发月份均已列入名册"


@dataclass(frozen=True, slots=True)
class Line:
    """One household on one roster. Never changes once it is written; what becomes of its money stands elsewhere."""

    line_id: str
    roster_id: str
    place: int
    entitlement_id: str
    application_id: str
    office: str
    decision_hash: str
    amount_fen: int
    account_key: bytes
    """Blind index of the account number."""
    payee_key: bytes
    """Blind index of name, resident id and account together."""
    months: tuple[Reckoning, ...]
    """Newest last; more than one where arrears are paid."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a roster is about."""

    roster_id: str
    office: str
    month: Month
    lines: int
    total_fen: int


def leaf(line: Line) -> bytes:
    """The hash of a line's whole content."""
    content = [
        line.line_id,
        line.roster_id,
        line.place,
        line.entitlement_id,
        line.application_id,
        line.office,
        line.decision_hash,
        line.amount_fen,
        line.account_key.hex(),
        line.payee_key.hex(),
        [_month(one) for one in line.months],
    ]
    return hashlib.sha256(b"\0" + _canonical(content)).digest()


def content_hash(head: Head, leaves: bytes) -> bytes:
    """The hash signatures stand under: over the head and every leaf in the order of places."""
    top = _canonical([head.roster_id, head.office, str(head.month), head.lines, head.total_fen])
    return hashlib.sha256(b"\1" + hashlib.sha256(top).digest() + leaves).digest()


def leaf_at(leaves: bytes, place: int) -> bytes:
    """The leaf of a place; empty beyond the last."""
    return leaves[place * LEAF_BYTES : (place + 1) * LEAF_BYTES]


def altered(head: Head, signed_hash: bytes, leaves: bytes, lines: Sequence[Line]) -> list[int]:
    """Places whose line is not as it was signed; `[-1]` when head, number of lines or leaves themselves are not."""
    if content_hash(head, leaves) != signed_hash or len(leaves) != head.lines * LEAF_BYTES:
        return [-1]
    return [line.place for line in lines if leaf(line) != leaf_at(leaves, line.place)]


def instruction_id(roster_id: str, line_id: str, attempt: int) -> str:
    """The bank's reference of one attempt: the same whenever and by whomever it is reckoned (INV-24)."""
    digest = hashlib.sha256(f"{roster_id}\n{line_id}\n{attempt}".encode()).hexdigest()
    return f"ins_{digest[:32]}"


def _month(one: Reckoning) -> list[str | int]:
    return [
        str(one.month),
        one.standard_fen,
        one.members,
        one.income_fen,
        one.shortfall_fen,
        one.supplement_each_fen,
        one.supplements,
        one.supplement_fen,
        one.amount_fen,
        one.policy_pack,
        one.policy_hash,
    ]


def _canonical(content: object) -> bytes:
    return orjson.dumps(content)
