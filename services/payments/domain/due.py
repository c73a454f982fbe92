"""Who is due in which month: from when an entitlement runs, on which roster it first stands, and for which months.

A roster of month M pays M. It is drawn up after the ledger of the month before has closed and stands before M begins.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from contracts.values import Month
from policies.calendar import ledger_cutoff, ledger_month, payment_due, roster_due
from policies.model import Policy
from policies.words import FirstMonth


def entitled_from(confirmed_on: date) -> Month:
    """The first month the entitlement itself covers: the one after the system's confirmation (R-199, R-201)."""
    return Month.of(confirmed_on).plus(1)


def first_roster(policy: Policy, *, confirmed_on: date, publicity_ended_on: date, certified_at: datetime) -> Month:
    """The first month on whose roster the household may stand (R-199, R-203).

    The month after the event the region counts from; later, when the certificate missed the ledger's cut-off.
    """
    counted = publicity_ended_on if policy.payment.first_month is FirstMonth.AFTER_PUBLICITY else confirmed_on
    return max(Month.of(counted).plus(1), ledger_month(certified_at, policy.payment).plus(1))


def months_due(policy: Policy, roster: Month, *, since: Month, first: Month, settled: Collection[Month]) -> list[Month]:
    """The months a roster pays for: its own and, where the region pays arrears, every earlier one left out (R-199).

    `settled` are months that stand on a roster already; none is ever paid twice.
    """
    if roster < first or roster < since:
        return []
    start = since if policy.payment.arrears_from_confirmation else roster
    span = (roster.year - start.year) * 12 + roster.number - start.number
    return [month for n in range(span + 1) if (month := start.plus(n)) not in settled]


def ledger_closes(policy: Policy, roster: Month) -> datetime:
    """The instant from which the roster of a month may be drawn up (R-203)."""
    return ledger_cutoff(roster.plus(-1), policy.payment)


def roster_stands(policy: Policy, roster: Month) -> datetime:
    """The instant before which the roster must be locked (R-204)."""
    return roster_due(roster.plus(-1), policy.payment)


def money_is_out(policy: Policy, roster: Month) -> datetime:
    """The instant before which all its money must be paid (R-205, R-207)."""
    return payment_due(roster, policy.payment)
