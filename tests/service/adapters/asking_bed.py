"""Driving an agency's queue by hand, so that a test can let things happen between claim, call and record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

from chassis.callers import System
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.wire import Event
from chassis.work import Lease
from contracts.events.adapters import AgencyAnswers, AgencySilent, AnswerItem
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters import schedule, work
from services.adapters.domain.cells import Claimed
from services.adapters.domain.connections import Connection, Connections
from services.adapters.store.codes import NUMBER_OF_AGENCY
from services.adapters.usecases.asking import Read, Unread
from tests.testbed import TestBed

LEASE_S = 60.0
OPEN_CELLS = """
select check_id, agency from (
    select inquiry_id, agency, members from cell
    union all
    select each.inquiry_id, agency, each.members
    from asking cross join unnest(inquiry_ids, asking.members) as each (inquiry_id, members)
) open join inquiry using (inquiry_id) where members <> 0
"""


class AskingBed:
    """A test bed with an agency's claim, call and record as separate steps."""

    def __init__(self, bed: TestBed) -> None:
        self.bed = bed
        self.hear = bed.hear
        self.rows = bed.rows
        self.client = bed.client
        self.moved = timedelta()

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.bed.database.transaction(System("adapters"))

    def connection(self, agency: Agency) -> Connection:
        return self.bed.runtime.shelf.of(Connections).of(agency)

    @asynccontextmanager
    async def another_process(self) -> AsyncIterator[AskingBed]:
        """The same service on the same database, with a memory of its own."""
        runtime = Runtime(self.bed.runtime.service, self.bed.site)
        await runtime.database.open()
        try:
            yield AskingBed(TestBed(runtime))
        finally:
            await runtime.shelf.aclose()
            await runtime.database.close()

    def move_clock(self, by: timedelta) -> None:
        """Business time from here on is real time plus this."""
        self.moved = by

    def now(self) -> datetime:
        return self.bed.runtime.clock.now() + self.moved

    async def claim(self, agency: Agency, limit: int = 80, lease_s: float = LEASE_S) -> list[Claimed]:
        of_agency = self.bed.runtime.service.works[agency.value]
        async with self.transaction() as tx:
            lease = Lease(datetime.now(UTC) + timedelta(seconds=lease_s))
            return await of_agency.claim(tx, limit=limit, now=self.now(), lease=lease)

    async def call(self, agency: Agency, claimed: list[Claimed]) -> Read | Unread:
        ended: Read | Unread = await self.bed.runtime.service.works[agency.value].call(self.bed.runtime.shelf, claimed)
        return ended

    async def record(self, agency: Agency, claimed: list[Claimed], ended: Read | Unread) -> None:
        await self.record_together([(claimed, ended)])

    async def record_together(self, ended: list[tuple[list[Claimed], Read | Unread]]) -> None:
        """Calls of any agencies, in one transaction, as workers do what ended meanwhile."""
        async with self.transaction() as tx:
            await work.record(tx, ended, now=self.now())

    async def turn(self, agency: Agency, limit: int = 80) -> int:
        """One claim, call and record; how many cells were claimed."""
        claimed = await self.claim(agency, limit)
        if claimed:
            await self.record(agency, claimed, await self.call(agency, claimed))
        return len(claimed)

    async def make_due(self, agency: Agency) -> None:
        """Everything open is due, in the order in which it would become so."""
        await self.rows(
            "update cell set due_at = due_at - interval '2 days' where agency = $1",
            NUMBER_OF_AGENCY[agency],
        )

    async def turn_when_due(self, agency: Agency) -> int:
        await self.make_due(agency)
        return await self.turn(agency)

    async def claim_when_due(self, agency: Agency) -> list[Claimed]:
        await self.make_due(agency)
        return await self.claim(agency)

    async def open_cells(self, agency: Agency) -> int:
        rows = await self.rows(f"{OPEN_CELLS} and agency = $1", NUMBER_OF_AGENCY[agency])
        return len(rows)

    async def work_off(self, agency: Agency, turns: int = 60) -> int:
        """Turn after turn until no cell is open; how many turns it took."""
        for taken in range(turns):
            if not await self.open_cells(agency):
                return taken
            await self.turn_when_due(agency)
        raise AssertionError(f"{agency} still has open cells after {turns} turns")

    async def is_open(self, household: int, agency: Agency) -> bool:
        """Whether the question still waits or is being asked about anybody."""
        found = await self.rows(
            f"{OPEN_CELLS} and check_id = $1 and agency = $2", f"chk_{household}", NUMBER_OF_AGENCY[agency]
        )
        return bool(found)

    async def give_up_lost_calls(self) -> None:
        async with self.transaction() as tx:
            await schedule.give_up_lost_calls(tx, now=self.now())

    async def said(self) -> list[Event]:
        return await self.bed.said()

    async def answers(self) -> list[AgencyAnswers]:
        return [event for event in await self.said() if isinstance(event, AgencyAnswers)]

    async def silences(self) -> list[tuple[str, Agency, Reason]]:
        """What was said about silence: (check, agency, reason)."""
        return [
            (item.check_id, event.agency, item.reason)
            for event in await self.said()
            if isinstance(event, AgencySilent)
            for item in event.items
        ]

    async def items(self, household: int) -> list[AnswerItem]:
        return [item for event in await self.answers() for item in event.items if item.check_id == f"chk_{household}"]

    async def outcomes(self, household: int) -> dict[str, tuple[Outcome, Reason]]:
        """By member, the outcome last said."""
        last: dict[str, tuple[Outcome, Reason]] = {}
        for item in await self.items(household):
            last |= outcomes_of(item)
        return last

    async def audited(self, act: str) -> list[dict[str, object]]:
        return await self.rows("select subject, office, details from audit where act = $1 order by xid, id", act)


def outcomes_of(item: AnswerItem) -> dict[str, tuple[Outcome, Reason]]:
    """By member, what one item says."""
    answered = dict.fromkeys(item.answered, (Outcome.ANSWERED, Reason.NONE))
    return answered | {member.member_id: (member.outcome, member.reason) for member in item.unanswered}
