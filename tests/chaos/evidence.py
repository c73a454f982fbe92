"""What a chaos run leaves for judgement: plain records of what was asked for, what is stored, what happened outside.

All instants are seconds since 1970 of real time, not of the platform's business clock. No personal data: persons are
numbers of the simulated population. What clients did comes from their own history, what was asked and paid from the
simulator's ledgers; the rest is what the services' databases and topics hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SERVICES = ("intake", "verification", "adapters", "approval", "payments")

Outcome = Literal["ok", "refused", "unknown"]
"""Acknowledged; refused for good; or given up without an answer: it may or may not have happened."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing one client wanted, under one idempotency key, with all its tries."""

    client: str
    key: str
    kind: str
    """`submit`, `withdraw`, `consent-withdraw`, `flag`, `survey`, `payee`, `opinion`, `confirmation`, ..."""
    invoked_s: float
    ended_s: float | None
    outcome: Outcome
    status: int | None = None
    application_id: str | None = None
    case_id: str | None = None
    roster_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """`tries`, `answers` (status and digest of every answer that named a lasting result), `member_id`, ..."""


@dataclass(frozen=True, slots=True)
class Application:
    """A row of intake."""

    application_id: str
    number: str
    office: str
    state: str
    accepted_s: float | None
    withdrawn_s: float | None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a member signed, from what the township handed in; withdrawn when intake acknowledged it.

    A withdrawn application ends the consent of all its members. The withdrawal is effective once adapters have
    recorded it; until then it is on its way, and faults may make that way long.
    """

    application_id: str
    person_no: int
    given: bool
    withdrawn_s: float | None = None
    recorded_s: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asked about at an agency, from the agency's own ledger."""

    call: int
    agency: str
    at_s: float
    application_id: str
    person_no: int


@dataclass(frozen=True, slots=True)
class Check:
    """A row of verification. `planned`, `ended` and `silent` count agencies."""

    check_id: str
    application_id: str
    state: str
    version: int
    planned: int
    ended: int
    silent: int
    open_flags: int
    opened_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """A version of a report. The cells are members times agencies."""

    report_id: str
    check_id: str
    application_id: str
    version: int
    is_partial: bool
    asked: int
    answered: int
    silent: int
    invalid: int
    open_flags: int
    issued_s: float


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which questions to agencies may have been held up on their way: a slow road, a stopped simulator."""

    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class AnswerSaid:
    """One agency's answer about one household in an event on the topic of answers."""

    event_id: str
    check_id: str
    agency: str
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class AnswerKept:
    """One agency's answer about one household as verification keeps it, in the batch that brought it."""

    batch: str
    check_id: str
    agency: str
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class Effect:
    """How often a service's audit trail says that an event did this to this subject."""

    service: str
    act: str
    subject: str
    times: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A household's question to one agency that has not ended: it waits, or is under way."""

    application_id: str
    check_id: str
    agency: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Flag:
    flag_id: str
    application_id: str
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case of approval as it stands."""

    case_id: str
    application_id: str
    state: str
    case_version: int
    withdrawn_s: float | None
    tasks: tuple[str, ...] = ()
    """Why people must look at it, such as `paid_while_stopped`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on record at approval."""

    decision_id: str
    case_id: str
    application_id: str
    case_version: int
    outcome: str
    """`approved` or `refused`."""
    decision_hash: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What gives a right to money: issued after publicity, for one case version."""

    certificate_id: str
    case_id: str
    application_id: str
    case_version: int


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Payments' record of a right to money; its `decision_hash` is approval's."""

    entitlement_id: str
    application_id: str
    certificate_id: str
    case_version: int
    decision_hash: str
    state: str
    end_reason: str | None
    first_roster: str
    """The first month whose roster it belongs on, `2026-12`."""


@dataclass(frozen=True, slots=True)
class Roster:
    roster_id: str
    office: str
    month: str
    state: str
    lines: int
    total_fen: int
    signatures: int


@dataclass(frozen=True, slots=True)
class RosterLine:
    line_id: str
    roster_id: str
    entitlement_id: str
    application_id: str
    month: str
    decision_hash: str
    amount_fen: int
    state: str
    """`due`, `under_way`, `paid`, `returned` or `stopped`."""
    is_allocated: bool


@dataclass(frozen=True, slots=True)
class LineMonth:
    """A month of an entitlement that a line pays."""

    line_id: str
    entitlement_id: str
    month: str
    amount_fen: int
    is_void: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entitlement that a roster passes over, with the recorded reason."""

    roster_id: str
    entitlement_id: str
    application_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """An attempt to pay a line: the intent, and how it ended (`due`, `intended`, `paid`, `returned`)."""

    instruction_id: str
    line_id: str
    number: int
    amount_fen: int
    state: str
    sendings: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry of payments' books: once at the debited account, once at the credited one."""

    entry_id: int
    movement: str
    """`allocated` or `paid`."""
    reference: str
    line_id: str
    debit: str
    credit: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """The balance of one account of payments' books, from the view that shows every entry with both signs."""

    account: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    reconciliation_id: str
    office: str
    month: str
    state: str
    differences: int | None
    difference_fen: int | None
    is_closed: bool
    """Whether this one closed its month."""


@dataclass(frozen=True, slots=True)
class BankLine:
    """A movement in the bank's own book; `instruction_id` is what payments sent."""

    no: int
    instruction_id: str
    month: str
    amount_fen: int
    status: str
    """`paid` or `returned`."""


@dataclass(frozen=True, slots=True)
class TreasuryLine:
    """An allocation in the treasury's own book; `line_id` is the reference payments gave."""

    no: int
    line_id: str
    month: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """An event on its topic, by its headers; records may stand there more than once, events take effect once."""

    topic: str
    type: str
    version: int
    event_id: str
    key: str
    partition: int


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that a service could not take and keeps for people."""

    service: str
    event_id: str
    topic: str
    key: str
    type: str
    problem: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a service said and has not published."""

    service: str
    records: int


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What is wrong with a service's audit trail; nothing when it is whole."""

    service: str
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run, after it has healed and come to rest."""

    seed: int
    commit: str
    services: tuple[str, ...] = SERVICES
    """Those that ran; nothing is expected of others."""
    history: tuple[Action, ...] = ()
    applications: tuple[Application, ...] = ()
    consents: tuple[Consent, ...] = ()
    asked: tuple[Asked, ...] = ()
    stalls: tuple[Stall, ...] = ()
    answers_said: tuple[AnswerSaid, ...] = ()
    answers_kept: tuple[AnswerKept, ...] = ()
    effects: tuple[Effect, ...] = ()
    """Of what services did on hearing an event, never of what people did."""
    checks: tuple[Check, ...] = ()
    reports: tuple[Report, ...] = ()
    cells: tuple[Cell, ...] = ()
    flags: tuple[Flag, ...] = ()
    cases: tuple[Case, ...] = ()
    decisions: tuple[Decision, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    rosters: tuple[Roster, ...] = ()
    roster_lines: tuple[RosterLine, ...] = ()
    line_months: tuple[LineMonth, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    ledger_entries: tuple[LedgerEntry, ...] = ()
    ledger_sums: tuple[LedgerSum, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    bank_lines: tuple[BankLine, ...] = ()
    treasury_lines: tuple[TreasuryLine, ...] = ()
    topic_records: tuple[TopicRecord, ...] = ()
    parked: tuple[Parked, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    audit: tuple[AuditVerdict, ...] = ()
    restless: tuple[str, ...] = ()
    """What had not come to rest when the time for it was over: work of the platform, never of a person."""
