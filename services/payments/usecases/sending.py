"""Speaking to treasury and bank about claimed attempts. No transaction, no lock; every end is a word, never a null."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby

from chassis.http import Unanswered
from chassis.shelf import Shelf
from chassis.telemetry import BatchSpans
from services.payments.agencies import bank as bank_wire
from services.payments.agencies import treasury as treasury_wire
from services.payments.agencies.treasury import Allotted
from services.payments.domain.payment import Bank, Claimed, Treasury
from services.payments.domain.words import BankWord, NotDone, Told, Unknown


async def pay(of: Shelf, claimed: Sequence[Claimed]) -> list[Told]:
    """What became of each attempt, in their order.

    An attempt that may have reached the bank before is only asked about; nothing is ever sent on a guess (INV-24).
    The treasury allocates a line's money before the bank is told to pay it (R-208).
    """
    told: dict[str, Told] = {}
    asked = [one for one in claimed if one.must_ask]
    if asked:
        words = await _ask_bank(of.of(Bank), asked)
        told |= {one.instruction_id: Told(words[one.instruction_id], one.is_allocated) for one in asked}
    fresh = sorted((one for one in claimed if not one.must_ask), key=_place)
    for (payer, month), group in groupby(fresh, _place):
        told |= await _send(of, payer, month, list(group))
    return [told[one.instruction_id] for one in claimed]


def _place(one: Claimed) -> tuple[str, str]:
    return one.payer, one.month


async def _send(of: Shelf, payer: str, month: str, items: list[Claimed]) -> dict[str, Told]:
    told: dict[str, Told] = {}
    allotment = await _allocate(of.of(Treasury), payer, month, [one for one in items if not one.is_allocated])
    ready: list[Claimed] = []
    for one in items:
        word = allotment.get(one.line_id)
        if one.is_allocated or word is None:
            ready.append(one)
        else:
            told[one.instruction_id] = Told(word, False)
    if ready:
        words = await _submit(of.of(Bank), payer, month, ready)
        told |= {one.instruction_id: Told(words[one.instruction_id], True) for one in ready}
    return told


async def _allocate(treasury: Treasury, payer: str, month: str, items: list[Claimed]) -> dict[str, BankWord | None]:
    """By line: None where the treasury has allocated, else why the bank is not spoken to yet.

    A line that may have reached the treasury before is asked about first, like everything that moves money.
    """
    before = [one for one in items if one.sendings > 1]
    result: dict[str, BankWord | None] = {}
    if before:
        said = await _ask_treasury(treasury, before)
        for one in before:
            if said is not None and one.line_id in said.allocated:
                result[one.line_id] = None
            elif said is None or one.line_id not in said.absent or said.as_of <= one.previous_until:
                result[one.line_id] = NotDone("treasury_unclear", may_linger=True)
    wanted = [one for one in items if one.line_id not in result]
    if wanted:
        said = await _tell_treasury(treasury, payer, month, wanted)
        for one in wanted:
            if said is not None and one.line_id in said.allocated:
                result[one.line_id] = None
            else:
                is_refused = said is not None and one.line_id in said.absent
                result[one.line_id] = NotDone("treasury_silent", may_linger=not is_refused)
    return result


async def _ask_treasury(treasury: Treasury, items: list[Claimed]) -> Allotted | None:
    refs = [one.line_id for one in items]
    try:
        raw = await treasury.line.post(treasury_wire.QUERY, treasury_wire.question(refs))
    except Unanswered:
        return None
    return treasury_wire.read_allotted(raw, refs)


async def _tell_treasury(treasury: Treasury, payer: str, month: str, items: list[Claimed]) -> Allotted | None:
    try:
        with _followed("allocate treasury", items) as sent:
            raw = await treasury.line.post(treasury_wire.ALLOCATE, treasury_wire.allocation(payer, month, sent))
    except Unanswered:
        return None
    return treasury_wire.read_allotted(raw, [one.line_id for one in items])


async def _ask_bank(bank: Bank, items: list[Claimed]) -> dict[str, BankWord]:
    ids = [one.instruction_id for one in items]
    try:
        return bank_wire.read_words(await bank.line.post(bank_wire.QUERY, bank_wire.question(ids)), ids)
    except Unanswered as unanswered:
        return dict.fromkeys(ids, Unknown(unanswered.reason))


async def _submit(bank: Bank, payer: str, month: str, items: list[Claimed]) -> dict[str, BankWord]:
    """Once: whatever goes wrong, it is the next claim's business, which asks first."""
    ids = [one.instruction_id for one in items]
    try:
        with _followed("instruct bank", items) as sent:
            raw = await bank.line.post(bank_wire.SUBMIT, bank_wire.submission(payer, month, sent))
    except Unanswered as unanswered:
        return dict.fromkeys(ids, Unknown(unanswered.reason))
    return bank_wire.read_words(raw, ids)


@contextmanager
def _followed(name: str, items: list[Claimed]) -> Iterator[list[Claimed]]:
    """The lines as they go out: each in its own trace, which the peer's book carries on from this call."""
    spans = BatchSpans(name, [(one.instruction_id, one.trace) for one in items if one.trace])
    try:
        yield [replace(one, trace=spans.traces[one.instruction_id]) if one.trace else one for one in items]
    finally:
        spans.end()
