"""Four officers at one barrier, on a real database: one decision per case version, whoever comes first (INV-17)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from chassis.callers import Caller
from policies.calendar import WorkCalendar
from services.approval.domain.case import Case, Decided
from services.approval.domain.decision import Decision
from services.approval.domain.moves import Move
from services.approval.domain.words import Outcome, Reason
from services.approval.store import cases
from services.approval.store.cases import Reckoned
from services.approval.usecases import deciding
from services.approval.usecases.refusals import AlreadyDecided
from tests.service.approval import world
from tests.service.approval.bed import Approval
from tests.service.approval.world import APPROVE, REFUSE, TOWNSHIP

OFFICERS = [f"leader-{number}" for number in range(4)]
CASES = 25


def caller(subject: str) -> Caller:
    return Caller(subject, "township_leader", TOWNSHIP, frozenset({"decisions:write"}), "desk")


async def test_four_officers_at_the_door_make_one_decision(approval: Approval) -> None:
    found = [await approval.opined() for _ in range(CASES)]
    desks = [approval.desk(subject) for subject in OFFICERS]
    for report, case in found:
        barrier = asyncio.Barrier(len(desks))

        async def decide(place: int, case: dict[str, object] = case, barrier: asyncio.Barrier = barrier) -> int:
            await barrier.wait()
            body = APPROVE if place % 2 else REFUSE
            return (await desks[place].act(case, "confirmation", body)).status_code

        statuses = await asyncio.gather(*(decide(place) for place in range(len(desks))))
        assert sorted(statuses) == [201, 412, 412, 412]
        assert (await approval.line(report))["state"]["code"] in ("approved", "refused")
    assert await approval.count("decisions") == CASES
    assert len(await approval.decisions()) == CASES
    rows = await approval.bed.rows(
        "select count(*) as n from cases c join decisions d using (case_id, case_version) where c.state = d.outcome"
    )
    assert rows[0]["n"] == CASES


async def test_without_a_lock_the_update_alone_lets_one_through(approval: Approval) -> None:
    """Every officer has read the same version before any of them writes: the lock of the door is taken away."""
    for _ in range(CASES):
        _, line = await approval.opined()
        barrier = asyncio.Barrier(len(OFFICERS))

        async def decide(subject: str, line: dict[str, str] = line, barrier: asyncio.Barrier = barrier) -> bool:
            async with approval.bed.database.transaction(caller(subject)) as tx:
                case = await cases.get(tx, line["case_id"])
                assert case is not None
                await barrier.wait()
                decision = Decision(outcome=Outcome.APPROVED, reasons=(Reason.CONDITIONS_MET,))
                await deciding.decide(tx, tx.caller, case, decision, now=approval.clock.at)
            return True

        results = await asyncio.gather(*(decide(subject) for subject in OFFICERS), return_exceptions=True)
        assert [one for one in results if one is True] == [True]
        assert all(isinstance(one, AlreadyDecided) for one in results if one is not True)
    assert await approval.count("decisions") == CASES
    assert len(await approval.decisions()) == CASES


async def test_the_update_is_bound_to_state_version_and_revision(approval: Approval) -> None:
    """A decision on what is no longer so changes nothing."""
    _, line = await approval.opined()
    async with approval.bed.database.transaction(caller("leader")) as tx:
        case = await cases.lock(tx, line["case_id"])
        assert case is not None
        after = Reckoned(replace(case.move(Move.APPROVE), decision=_decided(case)), None)
        version = tx.of(WorkCalendar).version
        for other in (
            replace(case, revision=case.revision - 1),
            replace(case, revision=case.revision + 1),
            replace(case, case_version=2),
            replace(case, state=case.move(Move.VOID).state),
        ):
            assert await cases.decide(tx, other, after, version) is None


def _decided(case: Case) -> Decided:
    return Decided(
        decision_id="dec_x",
        case_version=case.case_version,
        outcome=Outcome.APPROVED,
        reasons=(Reason.CONDITIONS_MET,),
        by="leader",
        on=world.ACCEPTED,
        decision_hash="00" * 32,
        report_id=case.report.report_id,
        report_version=case.report.version,
        household_income_month_fen=0,
    )
