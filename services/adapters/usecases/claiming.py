"""Claiming questions for one call to an agency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from chassis.callers import Caller
from chassis.transaction import Transaction
from chassis.work import Lease
from contracts.audit import Act
from contracts.vocabulary import Agency, Reason
from services.adapters.domain.cells import Claimed, Inquiry
from services.adapters.domain.connections import Connection, Connections
from services.adapters.store import asking as asking_store
from services.adapters.store import cells as cell_store
from services.adapters.store import inquiries as inquiry_store
from services.adapters.store.cells import HOUSEHOLDS_MAX, ClaimedRow, NewCell
from services.adapters.usecases.asking import PURPOSE
from services.adapters.usecases.known_people import KnownPeople

__all__ = ["HOUSEHOLDS_MAX", "begin_calls", "claim_cells", "office_root"]

_ROOT_DEPTH = 2
"""Segments of an office path that name the region under whose root a call is audited: `cn/2307/`."""


async def claim_cells(
    tx: Transaction, caller: Caller, agency: Agency, *, limit: int, now: datetime, lease: Lease
) -> list[Claimed]:
    """Take what is due for one call; only members whose consent is live at this instant are in it (R-024, INV-12).

    The call is written down and audited before it is made (R-033, R-240): if it cannot be, nobody is asked.
    """
    connection = tx.of(Connections).of(agency)
    rows, is_more_due = await cell_store.claim(
        tx,
        agency,
        purpose=PURPOSE,
        households=min(limit, connection.households_per_call),
        retried=min(limit, connection.retried_per_call),
        persons=connection.desk.bulk_limit,
        until=lease.until,
        now=now,
    )
    if not rows:
        return []
    if is_more_due:
        tx.wake(agency.value)
    inquiries = await _inquiries(tx, rows)
    claimed = [
        Claimed(
            row.call_id,
            agency,
            inquiries[row.inquiry_id],
            row.planned,
            row.members,
            row.attempts,
            row.outcome,
            row.reason,
        )
        for row in rows
    ]
    _audit(tx, agency, claimed)
    return claimed


async def begin_calls(
    tx: Transaction,
    caller: Caller,
    cells: Mapping[Agency, Sequence[NewCell]],
    opened: Mapping[int, Inquiry],
    *,
    now: datetime,
) -> None:
    """Ask about new cells without letting them wait, as far as this process has hands free; the rest waits.

    As in a claim, each call is written down and audited before it is made; `opened` has the cells' inquiries.
    """
    calls: list[list[NewCell]] = []
    leases: list[datetime] = []
    left: list[NewCell] = []
    for agency, of_agency in cells.items():
        groups = _groups(of_agency, tx.of(Connections).of(agency))
        hands = tx.hands(agency.value)
        calls += groups[: hands.free]
        leases += [hands.lease.until] * len(groups[: hands.free])
        if waiting := [cell for group in groups[hands.free :] for cell in group]:
            left += waiting
            tx.wake(agency.value)
    await cell_store.put(tx, left, now=now)
    call_ids = await asking_store.begin(tx, calls, leases, purpose=PURPOSE, now=now)
    for call_id, call in zip(call_ids, calls, strict=True):
        agency = call[0].agency
        claimed = [
            Claimed(call_id, agency, opened[cell.inquiry_id], cell.planned, cell.members, 0, None, Reason.NONE)
            for cell in call
        ]
        _audit(tx, agency, claimed)
        tx.hand_over(agency.value, claimed)


def _groups(cells: Sequence[NewCell], connection: Connection) -> list[list[NewCell]]:
    """Cells of one agency, by inquiry, as calls: no more households and persons in each than the agency takes."""
    groups: list[list[NewCell]] = []
    persons = 0
    for cell in cells:
        of_cell = cell.members.bit_count()
        persons += of_cell
        if groups and len(groups[-1]) < connection.households_per_call and persons <= connection.desk.bulk_limit:
            groups[-1].append(cell)
        else:
            groups.append([cell])
            persons = of_cell
    return groups


async def _inquiries(tx: Transaction, rows: list[ClaimedRow]) -> dict[int, Inquiry]:
    known = tx.of(KnownPeople)
    inquiries: dict[int, Inquiry] = {}
    unknown: list[int] = []
    for row in rows:
        inquiry = known.of(row.inquiry_id)
        if inquiry is None:
            unknown.append(row.inquiry_id)
        else:
            inquiries[row.inquiry_id] = inquiry
    if unknown:
        loaded = await inquiry_store.load(tx, unknown)
        known.learn(loaded)
        inquiries |= {inquiry.inquiry_id: inquiry for inquiry in loaded}
    return inquiries


def _audit(tx: Transaction, agency: Agency, claimed: list[Claimed]) -> None:
    """One record per region: who may read a region's trail sees how many of its own were asked about."""
    persons: dict[str, list[int]] = {}
    for cell in claimed:
        persons.setdefault(office_root(cell.inquiry.office), []).append(cell.members.bit_count())
    for root, of_root in persons.items():
        tx.audit(
            Act.AGENCY_ASKED,
            subject=f"call_{claimed[0].call_id}",
            office=root,
            details={
                "agency": agency.value,
                "households": len(of_root),
                "persons": sum(of_root),
                "purpose": PURPOSE,
            },
        )


@lru_cache(maxsize=4_096)
def office_root(office: str) -> str:
    """`cn/2307/230799/230799001/` belongs to `cn/2307/`."""
    return "/".join(office.split("/")[:_ROOT_DEPTH]) + "/"
