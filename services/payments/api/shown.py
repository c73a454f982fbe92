"""The published shapes of what payments answers: rosters, lines, the ledger, reconciliations. Money in whole fen."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from chassis.paging import PageOf


class LabelOut(BaseModel):
    code: str
    zh: str


class RosterOut(BaseModel):
    """A roster. `content_hash` is what a signature is given for."""

    roster_id: str
    office: str
    month: str
    state: LabelOut
    lines: int
    total_fen: int
    left_out: int
    content_hash: str
    drawn_by: str
    drawn_at: datetime
    stands_before: datetime
    pays_before: datetime
    locked_at: datetime | None
    paying_since: datetime | None


class SignatureOut(BaseModel):
    place: int
    signer: str
    role: str
    signed_at: datetime


class CountOut(BaseModel):
    state: LabelOut
    lines: int
    fen: int


class RosterViewOut(RosterOut):
    """A roster with its signatures, and how far its money is."""

    signatures: list[SignatureOut]
    counts: list[CountOut]
    is_roster_late: bool
    is_payment_late: bool


class RostersOut(BaseModel):
    data: list[RosterOut]
    page: PageOf


class LineOut(BaseModel):
    """A line in a list; nobody is named."""

    line_id: str
    roster_id: str
    place: int
    month: str
    application_id: str
    entitlement_id: str
    office: str
    state: LabelOut
    reason: str | None
    amount_fen: int
    months: list[str]
    standard_fen: int
    members: int
    income_fen: int
    shortfall_fen: int
    supplement_fen: int


class LinesOut(BaseModel):
    data: list[LineOut]
    page: PageOf


class StepOut(BaseModel):
    """One line of the arithmetic, with the rule's document where one is cited."""

    code: str
    zh: str
    en: str
    working: str
    result_fen: int
    requirement: str
    basis: str | None
    document: str | None
    section: str | None


class MonthOut(BaseModel):
    month: str
    amount_fen: int
    policy_pack: str
    policy_hash: str
    steps: list[StepOut]


class AttemptOut(BaseModel):
    instruction_id: str
    number: int
    amount_fen: int
    state: str
    sendings: int
    account: str
    reason: str | None
    settled_at: datetime | None


class PayeeOut(BaseModel):
    member_id: str
    name: str
    citizen_id: str
    account: str


class LineViewOut(LineOut):
    """A line whole; the payee is shown masked, and the reading is recorded."""

    arithmetic: list[MonthOut]
    payee: PayeeOut
    attempts: list[AttemptOut]
    decision_hash: str


class OmissionOut(BaseModel):
    entitlement_id: str
    application_id: str
    office: str
    reason: LabelOut


class OmissionsOut(BaseModel):
    data: list[OmissionOut]
    page: PageOf


class EntitlementOut(BaseModel):
    entitlement_id: str
    application_id: str
    aid: LabelOut
    office: str
    state: LabelOut
    confirmed_on: date
    publicity_ended_on: date
    since: str
    first_roster: str
    income_fen: int
    members: int


class EntitlementsOut(BaseModel):
    data: list[EntitlementOut]


class BalanceOut(BaseModel):
    account: LabelOut
    fen: int


class LedgerOut(BaseModel):
    """What each account holds; `sum_fen` is always zero."""

    balances: list[BalanceOut]
    sum_fen: int


class EntryOut(BaseModel):
    entry_id: int
    movement: str
    reference: str
    line_id: str
    office: str
    month: str
    purpose: str
    debit: str
    credit: str
    amount_fen: int
    at: datetime


class EntriesOut(BaseModel):
    data: list[EntryOut]
    page: PageOf


class ReconciliationOut(BaseModel):
    """A comparison of system, treasury and bank. Amounts are null until it is done."""

    reconciliation_id: str
    office: str
    month: str
    state: str
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    lines: int | None
    system_fen: int | None
    treasury_fen: int | None
    bank_fen: int | None
    differences: int | None
    difference_fen: int | None


class ClosingOut(BaseModel):
    closed_by: str
    closed_at: datetime
    reconciliation_id: str
    lines: int
    total_fen: int


class MonthStateOut(BaseModel):
    reconciliation: ReconciliationOut | None
    closing: ClosingOut | None


class DifferenceOut(BaseModel):
    number: int
    kind: LabelOut
    side: LabelOut
    line_id: str | None
    reference: str
    system_fen: int
    treasury_fen: int | None
    bank_fen: int | None


class DifferencesOut(BaseModel):
    data: list[DifferenceOut]
    page: PageOf
