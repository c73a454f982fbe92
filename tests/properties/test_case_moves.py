"""Cases under every act in every order, through the doors and by SQL: nothing but legal moves ever happens (INV-16).

The expectations are a second, smaller account of the rules, written by hand; the product's table is not looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chassis.callers import System
from chassis.clock import local_day
from contracts.events.verification import ReportIssued
from deploy.local.platform import LocalPlatform
from policies.calendar import start_of_day
from services.approval.app import SERVICE
from tests.service.approval import world
from tests.service.approval.bed import Approval, running
from tests.testbed import fresh_database

T = TypeVar("T")

STATES = ["review", "opined", "approved", "refused", "publicity", "certified", "paid", "held", "closed"]
SQL_FREE = {
    ("opined", "review"): 0,
    ("publicity", "review"): 1,
    ("approved", "held"): 1,
    ("refused", "held"): 1,
    ("publicity", "held"): 1,
    ("certified", "held"): 1,
    ("certified", "paid"): 0,
    **{(state, "closed"): 0 for state in ("review", "opined", "held", "approved", "publicity", "certified")},
}
"""Moves that need no record of their own, with the versions they open."""
DECIDED = ("approved", "refused", "publicity", "certified", "paid")
UPDATE = """
update cases set state = $2, revision = revision + 1, case_version = case_version + $3, survey_round = survey_round + $4
where case_id = $1 returning state
"""


class House:
    """The running service, called from outside its event loop."""

    def __init__(self, runner: asyncio.Runner, approval: Approval) -> None:
        self.runner = runner
        self.approval = approval

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)


HOUSE: list[House] = []


@pytest.fixture
def house(platform_postgres: LocalPlatform, tmp_path: Path) -> Iterator[None]:
    database = fresh_database(platform_postgres, SERVICE.name)
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        service = runner.run(stack.enter_async_context(running(platform_postgres, database, tmp_path)))
        HOUSE.append(House(runner, service))
        yield
        HOUSE.clear()
        runner.run(stack.aclose())
    port = platform_postgres.ports["postgres"]
    platform_postgres.postgres.sql(port, f"drop database if exists {database} with (force);")


class Walk(RuleBasedStateMachine):
    """One case and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.house = HOUSE[0]
        self.approval = self.house.approval
        self.clerk = self.approval.desk("clerk")
        self.leader = self.approval.desk("leader")
        self.state = "review"
        self.version = 1
        self.surveyed = self.has_card = self.has_flags = False
        self.posted_on = local_day(self.approval.clock.at)
        self.paid = False
        self.decisions: list[tuple[str, int]] = []
        self.certificates = 0
        self.approval.clock.at += timedelta(hours=1)

    def hear(self, event: Any) -> None:
        self.house.run(self.approval.hear(event))

    def case(self) -> dict[str, Any]:
        return self.house.run(self.approval.line(self.report))

    def act(self, desk: Any, act: str, body: Any) -> bool:
        """Whether it was done; anything but done or refused fails."""
        answer = self.house.run(desk.act(self.case(), act, body))
        assert answer.status_code in (201, 403, 409, 422), answer.text
        return bool(answer.status_code == 201)

    @initialize(flagged=st.booleans())
    def open(self, flagged: bool) -> None:
        flags = ["flag_first"] if flagged else []
        today = local_day(self.approval.clock.at)
        self.report: ReportIssued = world.a_report(flags=flags, accepted_on=today)
        self.has_flags = flagged
        self.hear(self.report)
        self.case_id = self.case()["case_id"]

    @rule()
    def survey(self) -> None:
        done = self.act(self.clerk, "survey", world.a_survey(self.report, self.approval.clock.at))
        assert done is (self.state in ("review", "held"))
        self.surveyed |= done

    @rule()
    def card(self) -> None:
        done = self.act(self.clerk, "payee", world.a_payee(self.report))
        assert done is (self.state in ("review", "held", "opined", "approved", "publicity"))
        self.has_card |= done

    @rule()
    def opine(self) -> None:
        done = self.act(self.clerk, "opinion", world.RECOMMEND)
        assert done is (self.state in ("review", "held") and self.surveyed and not self.has_flags)
        if done:
            self.state = "opined"

    @rule(approve=st.booleans(), by_maker=st.booleans())
    def confirm(self, approve: bool, by_maker: bool) -> None:
        desk = self.clerk if by_maker else self.leader
        done = self.act(desk, "confirmation", world.APPROVE if approve else world.REFUSE)
        assert done is (self.state == "opined" and not by_maker)
        if done:
            self.state = "approved" if approve else "refused"
            self.decisions.append((self.state, self.version))

    @rule()
    def post(self) -> None:
        today = local_day(self.approval.clock.at)
        done = self.act(self.clerk, "publicity", world.a_posting(today))
        assert done is (self.state == "approved")
        if done:
            self.state, self.posted_on = "publicity", today

    @rule()
    def object(self) -> None:
        at = self.approval.clock.at
        in_time = at < start_of_day(self.posted_on + timedelta(days=8))
        done = self.act(self.clerk, "objections", world.an_objection(at))
        assert done is (self.state == "publicity" and in_time)
        if done:
            self.decisions.append(("held", self.version))
            self.state, self.surveyed, self.version = "review", False, self.version + 1

    @rule()
    def go_on(self) -> None:
        """The next proper step, so that walks come far."""
        if self.state in ("review", "held"):
            if self.has_flags:
                self.report_again(60_000, False)
            if not self.surveyed:
                self.survey()
            self.card()
            self.opine()
        elif self.state == "opined":
            self.confirm(approve=True, by_maker=False)
        elif self.state == "approved":
            self.post()
        elif self.state == "publicity":
            self.wait_for_the_end(False)
            self.ring()
        elif self.state == "certified":
            self.pay()

    @rule()
    def notify(self) -> None:
        body = {"delivered_on": local_day(self.approval.clock.at).isoformat(), "way": "post", "sha256": world.SHA}
        if self.act(self.clerk, "notices", body):
            assert self.state == "refused"

    @rule(days=st.integers(0, 9), seconds=st.integers(0, 86_399))
    def wait(self, days: int, seconds: int) -> None:
        self.approval.clock.at += timedelta(days=days, seconds=seconds)

    @precondition(lambda self: self.state == "publicity")
    @rule(before=st.booleans())
    def wait_for_the_end(self, before: bool) -> None:
        """To the very instant the publicity has passed, or the last one before it."""
        over = start_of_day(self.posted_on + timedelta(days=8)) - timedelta(microseconds=int(before))
        self.approval.clock.at = max(self.approval.clock.at, over)

    @rule()
    def ring(self) -> None:
        self.house.run(self.approval.ring())
        is_over = self.approval.clock.at >= start_of_day(self.posted_on + timedelta(days=8))
        if self.state == "publicity" and is_over and self.has_card:
            self.state = "certified"
            self.certificates += 1

    @rule(income=st.sampled_from([60_000, 70_000]), flagged=st.booleans())
    def report_again(self, income: int, flagged: bool) -> None:
        later = world.a_report(
            of=self.report,
            income_fen=income,
            flags=["flag_later"] if flagged else [],
            accepted_on=self.report.accepted_on,
        )
        before = self.report
        changed = (later.open_flags, later.conclusion, income) != (
            before.open_flags,
            before.conclusion,
            before.household_income_month_fen,
        )
        self.hear(later)
        self.report = later
        if self.state == "closed":
            return
        self.has_flags = flagged
        if changed and self.state == "opined":
            self.state = "review"
        elif changed and self.state in ("approved", "refused", "publicity", "certified"):
            self.decisions.append(("held", self.version))
            self.state, self.version = "held", self.version + 1

    @rule(version=st.integers(0, 1))
    def hear_an_old_report(self, version: int) -> None:
        self.hear(world.a_report(of=self.report, version=max(0, self.report.report_version - version), income_fen=1))

    @rule()
    @precondition(lambda self: self.state in ("refused", "held", "paid", "publicity"))
    def withdraw(self) -> None:
        self.hear(world.withdrawn(self.report))
        if self.state == "publicity":
            self.decisions.append(("held", self.version))
        if self.state in ("held", "publicity"):
            self.state = "closed"

    @rule()
    @precondition(lambda self: self.certificates > 0)
    def pay(self) -> None:
        self.hear(world.settled(self.report, at=self.approval.clock.at))
        if self.state == "certified" and not self.paid:
            self.state = "paid"
        self.paid = True

    @rule(aim=st.sampled_from(STATES), opens=st.integers(0, 1), rounds=st.integers(0, 1))
    def move_by_sql(self, aim: str, opens: int, rounds: int) -> None:
        """Whatever the service's own role writes, only a legal move with its records passes; then it is undone."""
        way = (self.state, aim)
        legal = SQL_FREE.get(way) == opens and rounds == int(way == ("publicity", "review"))
        if self.state == aim:
            legal = opens == rounds == 0
        assert self.house.run(self.passes(UPDATE, self.case_id, aim, opens, rounds)) is legal

    async def passes(self, statement: str, *values: Any) -> bool:
        try:
            async with self.approval.bed.database.transaction(System("approval")) as tx:
                await tx.connection.fetch(statement, *values)
                raise Undone
        except asyncpg.RaiseError:
            return False
        except Undone:
            return True

    @invariant()
    def stands_as_expected(self) -> None:
        if not hasattr(self, "case_id"):
            return
        case = self.case()
        assert (case["state"]["code"], case["case_version"]) == (self.state, self.version)

    def teardown(self) -> None:
        """What was said, and what is on record, is what happened."""
        if not hasattr(self, "case_id"):
            return
        said = [
            (event.decision, event.case_version)
            for event in self.house.run(self.approval.decisions())
            if event.case_id == self.case_id
        ]
        assert said == self.decisions
        issued = [one for one in self.house.run(self.approval.certificates()) if one.case_id == self.case_id]
        assert len(issued) == self.certificates
        kept = self.house.run(
            self.approval.bed.rows("select outcome, case_version from decisions where case_id = $1", self.case_id)
        )
        made = [one for one in self.decisions if one[0] != "held"]
        assert sorted((row["outcome"], row["case_version"]) for row in kept) == sorted(made)
        assert len({version for _, version in made}) == len(made), "one decision a version"


class Undone(Exception):
    """Takes the statement back."""


@pytest.mark.policy("R-112", "R-114")
def test_only_legal_moves_ever_happen(house: None) -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=25,
            # A failing walk is told as it was walked: making it shorter would take minutes.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
