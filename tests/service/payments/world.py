"""Households with decisions and certificates, and the bank and treasury on a loopback port in this process."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import uvicorn

from chassis.clock import Clock
from chassis.ids import new_event_id
from contracts.events.approval import Beneficiary, CertificateIssued, DecisionMade, Payee
from contracts.values import check_sign
from contracts.vocabulary import Aid, Area
from simulator.clock import Clock as SimulatorClock
from simulator.money.faults import Fault, MoneyFault, Peer
from simulator.money.office import Money
from simulator.web import Web

COUNTY = "cn/2307/230799/"
TOWNSHIP = "cn/2307/230799/230799001/"
OTHER_TOWNSHIP = "cn/2307/230799/230799002/"
NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
"""Noon in China, two days after November's ledger closed."""
MONTH = "2026-12"
URBAN_FEN = 70_000
RURAL_FEN = 52_000


def card(number: int) -> str:
    """A card number with a right check digit."""
    first = f"621700{number:012d}"
    total = 0
    for place, digit in enumerate(reversed(first)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return first + str(-total % 10)


def citizen_id(number: int) -> str:
    first = f"99{number % 10_000:04d}19600101{number // 10_000 % 1_000:03d}"
    return first + check_sign(first)


def application(number: int) -> str:
    return f"app_{number:032x}"


def decision_hash(number: int, version: int = 1) -> str:
    return hashlib.sha256(f"{number}/{version}".encode()).hexdigest()


def decided(
    number: int, decision: Literal["approved", "refused", "held"] = "approved", *, version: int = 1, **changed: Any
) -> DecisionMade:
    facts: dict[str, Any] = {
        "event_id": new_event_id(),
        "occurred_at": datetime(2026, 11, 2, 2, 0, tzinfo=UTC),
        "case_id": f"case_{number}",
        "application_id": application(number),
        "office": TOWNSHIP,
        "region": "230799",
        "aid": Aid.DIBAO,
        "case_version": version,
        "decision": decision,
        "reason": "none",
        "decided_on": date(2026, 11, 2),
        "report_id": f"rep_{number}",
        "report_version": 2,
        "decision_hash": decision_hash(number, version),
    }
    return DecisionMade(**{**facts, **changed})


def certified(
    number: int,
    *,
    members: int = 3,
    income_fen: int = 120_000,
    groups: Sequence[Sequence[str]] = (),
    persons: Sequence[str] | None = None,
    account: str | None = None,
    version: int = 1,
    **changed: Any,
) -> CertificateIssued:
    """A certificate as approval issues it: by default three people with 1,200 yuan a month in town, publicity over."""
    keys = persons or [f"person-{number}-{place}" for place in range(members)]
    facts: dict[str, Any] = {
        "event_id": new_event_id(),
        "occurred_at": datetime(2026, 11, 10, 1, 0, tzinfo=UTC),
        "certificate_id": f"cert_{number}_{version}",
        "case_id": f"case_{number}",
        "application_id": application(number),
        "office": TOWNSHIP,
        "region": "230799",
        "aid": Aid.DIBAO,
        "area": Area.URBAN,
        "case_version": version,
        "decision_hash": decision_hash(number, version),
        "confirmed_on": date(2026, 11, 2),
        "publicity_ended_on": date(2026, 11, 9),
        "household_income_month_fen": income_fen,
        "members": [
            Beneficiary(
                member_id=f"m{place}",
                person_key=key,
                supplement_groups=list(groups[place]) if place < len(groups) else [],
            )
            for place, key in enumerate(keys)
        ],
        "policy_pack": "yichun@2026.1",
        "private": Payee(member_id="m0", name="某某", citizen_id=citizen_id(number), account=account or card(number)),
    }
    return CertificateIssued(**{**facts, **changed})


class _BusinessClock(SimulatorClock):
    """Bank and treasury reckon with the product's own business time."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(None)
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()


class Outside:
    """Bank and treasury: their faults, their books, and where they are spoken to."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = _BusinessClock(clock)
        self.money = Money(folder, self._clock)
        self.address = ""

    @property
    def web(self) -> Web:
        desk: Any = None
        admin: Any = None
        return Web(desk, admin, "token-of-this-test", lambda: None, self.money)

    def strike(
        self, peer: Peer, kind: MoneyFault, account: str | None = None, *, times: int | None = 1, ms: int = 0
    ) -> None:
        self.money.faults.put(Fault(peer, kind, account, ms, times))

    def heal(self) -> None:
        self.money.faults.clear()

    def paid(self) -> list[tuple[str, int]]:
        """(account, fen) of every payment the bank executed, in order."""
        return [(row["account"], row["amount_fen"]) for row in self.money.bank.book.rows if row["status"] == "paid"]

    def allocated(self) -> list[int]:
        return [row["amount_fen"] for row in self.money.treasury.book.rows]


@asynccontextmanager
async def outside_on_loopback(folder: Path, clock: Clock) -> AsyncIterator[Outside]:
    outside = Outside(folder, clock)
    listening = socket.create_server(("127.0.0.1", 0))
    outside.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(outside.web, log_level="error", timeout_graceful_shutdown=1, http="httptools")
    )
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield outside
    finally:
        server.should_exit = True
        await serving
