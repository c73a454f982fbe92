"""Every decision that carries money is paid exactly once, by the bank's own book (INV-23, INV-24)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Entitlement, Evidence, RosterLine

_STARTED = "paying"


def check_money(evidence: Evidence) -> tuple[Violation, ...]:
    """Paid twice, not paid, and paid without a right."""
    if "payments" not in evidence.services:
        return ()
    found = [*_each_once(evidence), *_months(evidence), *_on_a_roster(evidence)]
    if "approval" in evidence.services:
        found += _with_right(evidence)
    return tuple(found)


def payments_of_lines(evidence: Evidence) -> dict[str, list[int]]:
    """By line, the fen of each of its payments in the bank's book; what nobody instructed stands under its own id."""
    line_of = {attempt.instruction_id: attempt.line_id for attempt in evidence.settlements}
    paid: dict[str, list[int]] = defaultdict(list)
    for row in evidence.bank_lines:
        if row.status == "paid":
            paid[line_of.get(row.instruction_id, row.instruction_id)].append(row.amount_fen)
    return paid


def _each_once(evidence: Evidence) -> Iterator[Violation]:
    paid = payments_of_lines(evidence)
    state_of_roster = {roster.roster_id: roster.state for roster in evidence.rosters}
    lines = {line.line_id: line for line in evidence.roster_lines}
    for name, payments in paid.items():
        line = lines.get(name)
        if line is None:
            yield Violation(Invariant.PAID_WITHOUT_RIGHT, name, "the bank paid what stands on no roster")
            continue
        if len(payments) > 1:
            says = f"line {name}: {len(payments)} payments of {sum(payments)} fen"
            yield Violation(Invariant.PAID_TWICE, line.application_id, says)
        if line.state == "stopped" or state_of_roster.get(line.roster_id) not in (_STARTED, "disputed"):
            says = f"line {name} is {line.state} on a roster that is {state_of_roster.get(line.roster_id)}, and paid"
            yield Violation(Invariant.PAID_WITHOUT_RIGHT, line.application_id, says)
    for line in lines.values():
        state = state_of_roster.get(line.roster_id)
        if state == "disputed":
            yield Violation(Invariant.UNPAID, line.application_id, f"line {line.line_id}: its roster is disputed")
        elif state == _STARTED and line.state != "stopped" and not paid.get(line.line_id):
            yield from _unpaid(line, evidence)


def _unpaid(line: RosterLine, evidence: Evidence) -> Iterator[Violation]:
    """Money the bank itself sent back, which the system shows as returned, waits for people: that is no loss."""
    own = {attempt.instruction_id for attempt in evidence.settlements if attempt.line_id == line.line_id}
    was_returned = any(row.instruction_id in own and row.status == "returned" for row in evidence.bank_lines)
    if not (line.state == "returned" and was_returned):
        yield Violation(Invariant.UNPAID, line.application_id, f"line {line.line_id} is {line.state}")


def _months(evidence: Evidence) -> Iterator[Violation]:
    paid = payments_of_lines(evidence)
    lines: dict[tuple[str, str], set[str]] = defaultdict(set)
    for month in evidence.line_months:
        if not month.is_void:
            lines[month.entitlement_id, month.month].add(month.line_id)
    on_roster = {line.line_id: line for line in evidence.roster_lines}
    for (entitlement_id, month_of), on in lines.items():
        if len(on) > 1:
            is_paid = sum(bool(paid.get(line_id)) for line_id in on) > 1
            known = [on_roster[line_id].application_id for line_id in sorted(on) if line_id in on_roster]
            invariant = Invariant.PAID_TWICE if is_paid else Invariant.DOUBLED
            yield Violation(invariant, known[0] if known else entitlement_id, f"{month_of} stands on {len(on)} lines")
    for line_id, fen in _sums(evidence).items():
        line = on_roster.get(line_id)
        if line is not None and line.amount_fen != fen:
            says = f"line {line_id} pays {line.amount_fen} fen, its months make {fen}"
            yield Violation(Invariant.BOOKS_DIFFER, line.application_id, says)


def _sums(evidence: Evidence) -> Counter[str]:
    sums: Counter[str] = Counter()
    for month in evidence.line_months:
        sums[month.line_id] += month.amount_fen
    return sums


def _on_a_roster(evidence: Evidence) -> Iterator[Violation]:
    """Whoever is entitled stands on a roster, or was left out of one for a recorded reason."""
    office_of = {row.application_id: row.office for row in evidence.applications}
    seen = {line.entitlement_id for line in evidence.roster_lines} | {one.entitlement_id for one in evidence.left_out}
    for right in evidence.entitlements:
        if right.state == "live" and right.entitlement_id not in seen and _is_due(right, office_of, evidence):
            yield Violation(Invariant.UNPAID, right.application_id, "entitled, and on no roster of its months")


def _is_due(right: Entitlement, office_of: dict[str, str], evidence: Evidence) -> bool:
    office = office_of.get(right.application_id, "")
    return any(office.startswith(roster.office) and right.first_roster <= roster.month for roster in evidence.rosters)


def _with_right(evidence: Evidence) -> Iterator[Violation]:
    """Paid lines carry the hash of an approval that was certified; nothing withdrawn or refused before is paid."""
    paid = payments_of_lines(evidence)
    approved = {
        (one.application_id, one.decision_hash): one.case_version
        for one in evidence.decisions
        if one.outcome == "approved"
    }
    certified = {(one.application_id, one.case_version) for one in evidence.certificates}
    state = {case.application_id: case.state for case in evidence.cases}
    overtaken = _overtaken(evidence)
    for line in evidence.roster_lines:
        if not paid.get(line.line_id):
            continue
        one = line.application_id
        version = approved.get((one, line.decision_hash))
        if version is None:
            says = f"line {line.line_id} was paid without an approval behind it"
            yield Violation(Invariant.PAID_WITHOUT_RIGHT, one, says)
        elif (one, version) not in certified:
            yield Violation(Invariant.PAID_WITHOUT_RIGHT, one, f"line {line.line_id} was paid without a certificate")
        if state.get(one) in ("closed", "refused"):
            says = f"line {line.line_id} was paid though its case is {state[one]}"
            yield Violation(Invariant.PAID_WITHOUT_RIGHT, one, says)
        elif state.get(one) != "paid" and one not in overtaken:
            says = f"line {line.line_id} is paid and its case never heard of it: {state.get(one)}"
            yield Violation(Invariant.LOST, one, says)


def _overtaken(evidence: Evidence) -> frozenset[str]:
    """Applications whose money was under way when their case was stopped: people were told, and no more goes out."""
    told = {case.application_id for case in evidence.cases if "paid_while_stopped" in case.tasks}
    return frozenset(told & {right.application_id for right in evidence.entitlements if right.state == "held"})
