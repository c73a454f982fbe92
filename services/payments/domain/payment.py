"""One attempt to pay one line, as a worker holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contracts.vocabulary import Aid
from services.payments.domain.entitlement import Payee


@dataclass(frozen=True, slots=True)
class Claimed:
    """An intent, committed before this worker speaks to anybody."""

    instruction_id: str
    line_id: str
    roster_id: str
    application_id: str
    office: str
    month: str
    payer: str
    """Division code of the county whose roster it is."""
    purpose: Aid
    number: int
    amount_fen: int
    payee: Payee
    fence: int
    must_ask: bool
    """It was released to be sent before, and nobody knows what became of it: the bank is asked first (INV-24)."""
    sendings: int
    is_allocated: bool
    valid_until: datetime
    previous_until: datetime
    """Until when the sending before this one could be executed."""
    unanswered: int
    trace: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How the bank is dealt with: business seconds."""

    cutoff: timedelta
    """The bank executes nothing of a sending later than this after the intent; only then "not found" counts."""
    first_pause: timedelta
    longest_pause: timedelta

    def pause(self, unanswered: int) -> timedelta:
        """Until the next question after so many in a row without an answer."""
        return min(self.first_pause * (1 << min(unanswered, 16)), self.longest_pause)


class Line(Protocol):
    """What carries a question to a peer and its answer back."""

    async def post(self, path: str, body: bytes) -> bytes:
        """The raw answer; raises when there is none."""

    async def aclose(self) -> None: ...


class Bank:
    """The paying bank (代发银行)."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def aclose(self) -> None:
        await self.line.aclose()


class Treasury:
    """The finance department's centralised payment (国库集中支付)."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def aclose(self) -> None:
        await self.line.aclose()
