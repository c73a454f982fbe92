"""System, treasury and bank agree to the fen, line by line; the ledger's sum is zero (INV-25, INV-27)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Evidence, LedgerEntry


def check_books(evidence: Evidence) -> tuple[Violation, ...]:
    """Where the three books differ, and months that were closed over a difference."""
    if "payments" not in evidence.services:
        return ()
    return (*_allocated(evidence), *_paid(evidence), *_totals(evidence), *_closed(evidence))


def check_ledger(evidence: Evidence) -> tuple[Violation, ...]:
    """Every movement once, from one account to another; all accounts together hold nothing."""
    found: list[Violation] = []
    names = Counter((entry.movement, entry.reference) for entry in evidence.ledger_entries)
    for (movement, reference), times in names.items():
        if times > 1:
            found.append(Violation(Invariant.LEDGER_UNEVEN, reference, f"{movement} {times} times"))
    accounts: Counter[str] = Counter()
    for entry in evidence.ledger_entries:
        accounts[entry.debit] += entry.amount_fen
        accounts[entry.credit] -= entry.amount_fen
        if entry.amount_fen <= 0 or entry.debit == entry.credit:
            found.append(Violation(Invariant.LEDGER_UNEVEN, entry.reference, "an entry that moves nothing"))
    if total := sum(one.amount_fen for one in evidence.ledger_sums):
        found.append(Violation(Invariant.LEDGER_UNEVEN, "ledger", f"all accounts together hold {total} fen"))
    shown = {one.account: one.amount_fen for one in evidence.ledger_sums}
    for account in sorted({*shown, *accounts}):
        if shown.get(account, 0) != accounts[account]:
            says = f"the balance is {shown.get(account, 0)} fen, the entries make {accounts[account]}"
            found.append(Violation(Invariant.LEDGER_UNEVEN, account, says))
    return tuple(found)


def _allocated(evidence: Evidence) -> Iterator[Violation]:
    """The treasury's book against lines and ledger."""
    lines = {line.line_id: line for line in evidence.roster_lines}
    booked = _booked(evidence, "allocated")
    allocated: dict[str, list[int]] = defaultdict(list)
    for row in evidence.treasury_lines:
        allocated[row.line_id].append(row.amount_fen)
    for line_id, rows in allocated.items():
        line = lines.get(line_id)
        if line is None:
            yield Violation(Invariant.BOOKS_DIFFER, line_id, "the treasury allocated for what stands on no roster")
        elif rows != [line.amount_fen]:
            says = f"line {line_id} of {line.amount_fen} fen: the treasury allocated {rows}"
            yield Violation(Invariant.BOOKS_DIFFER, line.application_id, says)
        elif line_id not in booked:
            yield Violation(Invariant.BOOKS_DIFFER, line.application_id, f"line {line_id}: allocation not booked")
    for line_id, entry in booked.items():
        if entry.amount_fen not in allocated.get(line_id, ()):
            says = f"{entry.amount_fen} fen booked as allocated, the treasury has {allocated.get(line_id, [])}"
            yield Violation(Invariant.BOOKS_DIFFER, line_id, says)


def _paid(evidence: Evidence) -> Iterator[Violation]:
    """The bank's book against attempts and ledger."""
    attempts = {attempt.instruction_id: attempt for attempt in evidence.settlements}
    booked = _booked(evidence, "paid")
    paid: dict[str, list[int]] = defaultdict(list)
    returned = {row.instruction_id for row in evidence.bank_lines if row.status == "returned"}
    for row in evidence.bank_lines:
        if row.status == "paid":
            paid[row.instruction_id].append(row.amount_fen)
    for instruction_id, rows in paid.items():
        attempt = attempts.get(instruction_id)
        entry = booked.get(instruction_id)
        if attempt is None or set(rows) != {attempt.amount_fen}:
            says = f"the bank paid {rows}, intended was {attempt.amount_fen if attempt else 'nothing'}"
            yield Violation(Invariant.BOOKS_DIFFER, instruction_id, says)
        elif entry is None or entry.amount_fen != attempt.amount_fen or attempt.state != "paid":
            says = f"paid by the bank, {attempt.state} and {'' if entry else 'not '}booked here"
            yield Violation(Invariant.BOOKS_DIFFER, instruction_id, says)
    for instruction_id in booked:
        if instruction_id not in paid:
            yield Violation(Invariant.BOOKS_DIFFER, instruction_id, "booked as paid, and the bank knows nothing of it")
    for attempt in attempts.values():
        if attempt.state == "returned" and attempt.instruction_id not in returned:
            yield Violation(Invariant.BOOKS_DIFFER, attempt.instruction_id, "returned only by our own word")


def _totals(evidence: Evidence) -> Iterator[Violation]:
    """Once every line has ended well, the three sums of a month are one."""
    by_month: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    unfinished: set[str] = set()
    for line in evidence.roster_lines:
        if line.state == "paid":
            by_month[line.month][0] += line.amount_fen
        elif line.is_allocated:
            unfinished.add(line.month)
    for allocation in evidence.treasury_lines:
        by_month[allocation.month][1] += allocation.amount_fen
    for payment in evidence.bank_lines:
        if payment.status == "paid":
            by_month[payment.month][2] += payment.amount_fen
    for month, (system, treasury, bank) in sorted(by_month.items()):
        if month not in unfinished and not system == treasury == bank:
            says = f"system {system}, treasury {treasury}, bank {bank} fen"
            yield Violation(Invariant.BOOKS_DIFFER, month, says)


def _closed(evidence: Evidence) -> Iterator[Violation]:
    closed: set[str] = set()
    for one in evidence.reconciliations:
        if one.is_closed:
            closed.add(one.month)
            if one.state != "done" or one.differences or one.difference_fen:
                says = f"{one.month} was closed over {one.differences} differences of {one.difference_fen} fen"
                yield Violation(Invariant.BOOKS_DIFFER, one.reconciliation_id, says)
    for action in evidence.history:
        month = action.detail.get("month")
        if action.kind == "close" and action.outcome == "ok" and month is not None and month not in closed:
            yield Violation(Invariant.LOST, str(month), "its acknowledged closing is not on file")


def _booked(evidence: Evidence, movement: str) -> dict[str, LedgerEntry]:
    return {entry.reference: entry for entry in evidence.ledger_entries if entry.movement == movement}
