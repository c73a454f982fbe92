"""A small run in which everything went well, to plant faults in: one household paid, one refused, one withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.chaos.evidence import (
    SERVICES,
    Action,
    AnswerKept,
    AnswerSaid,
    Application,
    Asked,
    AuditVerdict,
    BankLine,
    Case,
    Certificate,
    Check,
    Consent,
    Decision,
    Effect,
    Entitlement,
    Evidence,
    LedgerEntry,
    LedgerSum,
    LineMonth,
    Outcome,
    Reconciliation,
    Report,
    Roster,
    RosterLine,
    Settlement,
    TopicRecord,
    TreasuryLine,
    Unsent,
)

OFFICE = "cn/2307/230799/230799001/"
COUNTY = "cn/2307/230799/"
PAID, REFUSED, WITHDRAWN = "app_paid", "app_refused", "app_withdrawn"
AGENCIES = ("tax", "vehicle")
FEN = 100_500
MONTH = "2026-12"
_NUMBER = {PAID: 1, REFUSED: 2, WITHDRAWN: 3}
_DECIDED = {PAID: "approved", REFUSED: "refused"}


def act(kind: str, key: str, outcome: Outcome = "ok", **more: Any) -> Action:
    """Something a client wanted."""
    more.setdefault("client", "a client")
    more.setdefault("status", 201 if outcome == "ok" else None)
    return Action(key=key, kind=kind, invoked_s=1.0, ended_s=2.0 if outcome == "ok" else None, outcome=outcome, **more)


def told(topic: str, kind: str, key: str, number: int = 1) -> TopicRecord:
    """An event on its topic."""
    return TopicRecord(topic, kind, 1, f"{kind}/{key}/{number}", key, 0)


def good() -> Evidence:
    """Nothing is wrong with it."""
    decided = [_history_of(one) for one in (PAID, REFUSED)]
    return Evidence(
        seed=1,
        commit="0" * 40,
        history=(
            *(act("submit", f"submit-{one}", application_id=one) for one in _NUMBER),
            act("submit", "submit-refused", "refused", status=422),
            act("withdraw", "withdraw", application_id=WITHDRAWN),
            *decided,
            act("roster", "roster", roster_id="ros_1"),
            act("close", "close", detail={"month": MONTH}),
        ),
        applications=tuple(
            Application(one, f"no-{number}", OFFICE, "accepted", 1.0, 50.0 if one == WITHDRAWN else None)
            for one, number in _NUMBER.items()
        ),
        consents=tuple(
            Consent(one, number, True, *((50.0, 50.4) if one == WITHDRAWN else (None, None)))
            for one, number in _NUMBER.items()
        ),
        asked=tuple(
            Asked(call, agency, 10.0, one, number)
            for call, agency in enumerate(AGENCIES)
            for one, number in _NUMBER.items()
        ),
        answers_said=tuple(
            AnswerSaid(f"said-{one}-{agency}", f"chk_{one}", agency, f"leaf-{one}-{agency}")
            for one in _NUMBER
            for agency in AGENCIES
        ),
        answers_kept=tuple(
            AnswerKept(f"batch-{agency}", f"chk_{one}", agency, f"leaf-{one}-{agency}")
            for one in _NUMBER
            for agency in AGENCIES
        ),
        effects=_effects(),
        checks=tuple(
            Check(f"chk_{one}", one, "stopped" if one == WITHDRAWN else "reported", 1, 2, 2, 0, 0, 5.0)
            for one in _NUMBER
        ),
        reports=tuple(Report(f"rep_{one}", f"chk_{one}", one, 1, False, 2, 2, 0, 0, 0, 20.0) for one in _NUMBER),
        cases=(
            Case(f"case_{PAID}", PAID, "paid", 1, None),
            Case(f"case_{REFUSED}", REFUSED, "refused", 1, None),
            Case(f"case_{WITHDRAWN}", WITHDRAWN, "closed", 1, 50.0),
        ),
        decisions=tuple(
            Decision(f"dec_{one}", f"case_{one}", one, 1, outcome, f"hash-{one}") for one, outcome in _DECIDED.items()
        ),
        certificates=(Certificate("cert_1", f"case_{PAID}", PAID, 1),),
        entitlements=(Entitlement("ent_1", PAID, "cert_1", 1, f"hash-{PAID}", "live", None, MONTH),),
        topic_records=(*_topics(), _topics()[0]),
        unsent=tuple(Unsent(service, 0) for service in SERVICES),
        audit=tuple(AuditVerdict(service, ()) for service in SERVICES),
        **_money(),
    )


def _history_of(one: str) -> Action:
    return act("confirmation", f"confirm-{one}", case_id=f"case_{one}", detail={"answers": [(201, "a"), (201, "a")]})


def _effects() -> tuple[Effect, ...]:
    return (
        *(Effect("verification", "check.opened", f"chk_{one}", 1) for one in _NUMBER),
        *(Effect("approval", "case.opened", f"case_{one}", 1) for one in _NUMBER),
        Effect("adapters", "application.withdrawn", WITHDRAWN, 1),
        Effect("payments", "entitlement.granted", "ent_1", 1),
        Effect("payments", "payment.settled", "line_1", 7),
    )


def _topics() -> tuple[TopicRecord, ...]:
    return (
        *(told("intake.application", "application.submitted", one) for one in _NUMBER),
        told("intake.application", "application.withdrawn", WITHDRAWN),
        *(told("verification.check", "check.opened", one) for one in _NUMBER),
        *(told("verification.report", "report.issued", one) for one in _NUMBER),
        *(told("approval.decision", "decision.made", one) for one in _DECIDED),
        told("approval.decision", "certificate.issued", PAID),
        told("payments.roster", "roster.locked", "ros_1"),
        told("payments.settlement", "payment.settled", PAID),
    )


def _money() -> dict[str, Any]:
    return {
        "rosters": (Roster("ros_1", COUNTY, MONTH, "paying", 1, FEN, 2),),
        "roster_lines": (RosterLine("line_1", "ros_1", "ent_1", PAID, MONTH, f"hash-{PAID}", FEN, "paid", True),),
        "line_months": (LineMonth("line_1", "ent_1", MONTH, FEN, False),),
        "settlements": (Settlement("ins_1", "line_1", 1, FEN, "paid", 1),),
        "ledger_entries": (
            LedgerEntry(1, "allocated", "line_1", "line_1", "bank", "fund", FEN),
            LedgerEntry(2, "paid", "ins_1", "line_1", "recipients", "bank", FEN),
        ),
        "ledger_sums": (LedgerSum("fund", -FEN), LedgerSum("bank", 0), LedgerSum("recipients", FEN)),
        "reconciliations": (Reconciliation("rec_1", COUNTY, MONTH, "done", 0, 0, True),),
        "bank_lines": (BankLine(1, "ins_1", MONTH, FEN, "paid"),),
        "treasury_lines": (TreasuryLine(1, "line_1", MONTH, FEN),),
    }


def changed(rows: tuple[Any, ...], number: int = 0, **fields: Any) -> tuple[Any, ...]:
    """The rows, one of them with other values."""
    return tuple(replace(row, **fields) if place == number else row for place, row in enumerate(rows))


def without(rows: tuple[Any, ...], number: int = 0) -> tuple[Any, ...]:
    """The rows but one."""
    return rows[:number] + rows[number + 1 :]
