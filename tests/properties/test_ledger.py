"""The ledger on a real database, driven at random: its sum is always zero, and nothing in it ever changes (INV-25)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chassis.callers import System
from chassis.runtime import Runtime
from contracts.vocabulary import Aid
from deploy.local.platform import LocalPlatform
from services.payments.app import SERVICE
from services.payments.domain.ledger import Account, Entry, Movement, balances
from services.payments.store import entries
from tests.testbed import OFFICE, fresh_database, site_of

T = TypeVar("T")
NOW = datetime(2026, 12, 1, tzinfo=UTC)
LINES = [f"line_{number}" for number in range(6)]


class Database:
    """Payments' database, spoken to from outside any event loop."""

    def __init__(self, platform: LocalPlatform, name: str, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        options = {"bank": "http://127.0.0.1:1", "treasury": "http://127.0.0.1:1"}
        self.runtime = Runtime(SERVICE, site_of(platform, "payments", name, folder, options))
        self.dsn = platform.admin_dsn().rsplit("/", 1)[0] + f"/{name}"
        self.run(self.runtime.database.open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def empty(self) -> None:
        async def empty() -> None:
            connection = await asyncpg.connect(self.dsn)
            await connection.execute("set session_replication_role = replica; truncate entries")
            await connection.close()

        self.run(empty())

    async def add(self, booked: list[Entry]) -> None:
        async with self.runtime.database.transaction(System("payments")) as tx:
            await entries.add(tx, booked, now=NOW)

    async def balances(self) -> dict[Account, int]:
        async with self.runtime.database.transaction(System("payments")) as tx:
            return await entries.balances(tx, None)

    async def try_sql(self, statement: str) -> None:
        async with self.runtime.database.transaction(System("payments")) as tx:
            await tx.connection.execute(statement)

    async def try_as_owner(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def close(self) -> None:
        self.run(self.runtime.shelf.aclose())
        self.run(self.runtime.database.close())
        self.loop.close()


@pytest.fixture
def database(platform_postgres: LocalPlatform, tmp_path: Path) -> Iterator[Database]:
    name = fresh_database(platform_postgres, "payments")
    database = Database(platform_postgres, name, tmp_path)
    yield database
    database.close()
    platform_postgres.postgres.sql(platform_postgres.ports["postgres"], f"drop database if exists {name} with (force);")


class Ledger(RuleBasedStateMachine):
    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.database.empty()
        self.booked: dict[tuple[Movement, str], Entry] = {}

    @rule(
        lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=4),
        movement=st.sampled_from(Movement),
        amount_fen=st.integers(1, 10**12),
    )
    def book(self, lines: list[str], movement: Movement, amount_fen: int) -> None:
        """The same movement told twice, even in one breath, is booked once, as it was told first."""
        told = [Entry(movement, line, line, OFFICE, "2026-12", Aid.DIBAO, amount_fen) for line in lines]
        self.database.run(self.database.add(told))
        for one in told:
            self.booked.setdefault((one.movement, one.reference), one)

    @rule(
        statement=st.sampled_from(
            [
                "update entries set amount_fen = amount_fen + 1",
                "delete from entries",
                "truncate entries",
            ]
        ),
    )
    def tamper(self, statement: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            self.database.run(self.database.try_sql(statement))
        if self.booked:
            with pytest.raises(asyncpg.RestrictViolationError):
                self.database.run(self.database.try_as_owner(statement))

    @rule(account=st.sampled_from(Account))
    def book_in_a_circle(self, account: Account) -> None:
        """An entry that gives to the account it takes from, or nothing, is none."""
        for debit, amount_fen in ((account, 5), ("bank" if account is not Account.BANK else "fund", 0)):
            with pytest.raises(asyncpg.CheckViolationError):
                self.database.run(
                    self.database.try_sql(
                        "insert into entries (movement, reference, line_id, office, month, purpose, debit, credit,"
                        f" amount_fen, at) values ('paid', 'x', 'x', '{OFFICE}', '2026-12', 'dibao', '{debit}',"
                        f" '{account}', {amount_fen}, now())"
                    )
                )

    @invariant()
    def the_books_are_those_that_were_written_and_sum_to_zero(self) -> None:
        held = self.database.run(self.database.balances())
        assert sum(held.values()) == 0
        assert held == balances(self.booked.values())


@pytest.mark.policy("R-220")
def test_the_sum_of_the_ledger_is_always_zero(database: Database) -> None:
    Ledger.database = database
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
