"""What payments can be asked, within the caller's range. Reading about a person leaves an audit line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.callers import Caller
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.values import Month
from policies.lookup import policy_for
from policies.model import Citation, Packs
from services.payments.domain.benefit import Reckoning, Step, steps
from services.payments.domain.entitlement import Entitlement, Payee
from services.payments.domain.ledger import Account
from services.payments.domain.reconciliation import Difference
from services.payments.domain.roster import LineState
from services.payments.store import attempts, entitlements, entries, lines, reconciliations, rosters
from services.payments.store.attempts import Past
from services.payments.store.entries import Row as EntryRow
from services.payments.store.lines import Row
from services.payments.store.reconciliations import Closing, Reconciliation
from services.payments.store.rosters import Omission, Roster, Signature

__all__ = [
    "Closing",
    "EntryRow",
    "LineView",
    "MonthView",
    "Omission",
    "Past",
    "Reconciliation",
    "Roster",
    "RosterView",
    "Row",
    "Signature",
]


@dataclass(frozen=True, slots=True)
class RosterView:
    """A roster with its signatures, its lines by state (count, fen), and whether a date is missed (R-204, R-207)."""

    roster: Roster
    signatures: Sequence[Signature]
    counts: dict[LineState, tuple[int, int]]
    is_roster_late: bool
    is_payment_late: bool


@dataclass(frozen=True, slots=True)
class MonthView:
    """The arithmetic of one month, each step with the document behind its rule where the policy still names it."""

    reckoning: Reckoning
    steps: Sequence[tuple[Step, Citation | None]]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line whole: arithmetic, payee, attempts."""

    row: Row
    months: Sequence[MonthView]
    payee: Payee
    attempts: Sequence[Past]


async def read_roster(tx: Transaction, caller: Caller, roster_id: str, *, now: datetime) -> RosterView | None:
    roster = await rosters.get(tx, roster_id)
    if roster is None:
        return None
    counts = await lines.counts(tx, roster_id)
    unfinished = sum(counts.get(state, (0, 0))[0] for state in (LineState.DUE, LineState.UNDER_WAY, LineState.RETURNED))
    return RosterView(
        roster,
        await rosters.signatures(tx, roster_id),
        counts,
        is_roster_late=(roster.locked_at or now) >= roster.stands_before,
        is_payment_late=bool(unfinished) and now >= roster.pays_before,
    )


async def page_of_rosters(tx: Transaction, caller: Caller, *, after: str, limit: int) -> list[Roster]:
    return await rosters.page(tx, after=after, limit=limit)


async def page_of_lines(tx: Transaction, caller: Caller, roster_id: str, *, after: int, limit: int) -> list[Row]:
    """The lines of a roster in their places; nobody is named."""
    return await lines.page(tx, roster_id, after=after, limit=limit)


async def lines_of_application(
    tx: Transaction, caller: Caller, application_id: str, *, after: str, limit: int
) -> list[Row]:
    return await lines.of_application(tx, application_id, after=after, limit=limit)


async def page_of_left_out(
    tx: Transaction, caller: Caller, roster_id: str, *, after: str, limit: int
) -> list[Omission]:
    return await rosters.left_out(tx, roster_id, after=after, limit=limit)


async def read_line(tx: Transaction, caller: Caller, line_id: str) -> LineView | None:
    """One line whole; the payee is shown masked, and the reading is recorded (R-239)."""
    row = await lines.get(tx, line_id)
    if row is None:
        return None
    tx.audit(Act.LINE_READ, subject=line_id, office=row.line.office)
    months = [_month(tx.of(Packs), row, one) for one in row.line.months]
    return LineView(row, months, lines.payee_of(tx, row), await attempts.of_line(tx, line_id))


async def entitlements_of(tx: Transaction, caller: Caller, application_id: str) -> list[Entitlement]:
    return await entitlements.of_application(tx, application_id, limit=20)


async def balances(tx: Transaction, caller: Caller, month: Month | None) -> dict[Account, int]:
    """What each account of the ledger holds within the caller's range; together always zero."""
    return await entries.balances(tx, str(month) if month else None)


async def page_of_entries(
    tx: Transaction, caller: Caller, month: Month | None, *, after: int, limit: int
) -> list[EntryRow]:
    return await entries.page(tx, str(month) if month else None, after=after, limit=limit)


async def read_reconciliation(tx: Transaction, caller: Caller, reconciliation_id: str) -> Reconciliation | None:
    return await reconciliations.get(tx, reconciliation_id)


async def last_reconciliation(
    tx: Transaction, caller: Caller, office: str, month: Month
) -> tuple[Reconciliation | None, Closing | None]:
    """The comparison asked for last, and the closing where the month is closed; neither outside the caller's range."""
    if not caller.covers(office):
        return None, None
    return await reconciliations.latest(tx, office, month), await reconciliations.closing(tx, office, str(month))


async def page_of_differences(
    tx: Transaction, caller: Caller, reconciliation_id: str, *, after: int, limit: int
) -> Sequence[tuple[int, Difference]]:
    return await reconciliations.differences(tx, reconciliation_id, after=after, limit=limit)


def _month(packs: Packs, row: Row, one: Reckoning) -> MonthView:
    policy = policy_for(packs, row.region, one.month.first_day)
    is_same_law = policy.hash == one.policy_hash
    keys = {"income.standard_fen": f"income.standard_{row.area}_fen"}
    shown = [
        (step, policy.basis(keys.get(step.rule, step.rule)) if step.rule and is_same_law else None)
        for step in steps(one)
    ]
    return MonthView(one, shown)
