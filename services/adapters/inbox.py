"""What adapters do when a check opens or somebody withdraws."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from contracts.events.intake import ApplicationWithdrawn, ConsentWithdrawn
from contracts.events.verification import CheckOpened
from services.adapters.domain.cells import EVERYBODY
from services.adapters.usecases import inquiries


async def on_check_opened(tx: Transaction, facts: list[CheckOpened], *, now: datetime) -> None:
    await inquiries.open_inquiries(tx, tx.caller, facts, now=now)


async def on_consent_withdrawn(tx: Transaction, facts: list[ConsentWithdrawn], *, now: datetime) -> None:
    withdrawals = [(fact.application_id, fact.office, fact.member_id) for fact in facts]
    await inquiries.stop_members(tx, tx.caller, withdrawals, now=now)


async def on_application_withdrawn(tx: Transaction, facts: list[ApplicationWithdrawn], *, now: datetime) -> None:
    withdrawals = [(fact.application_id, fact.office, EVERYBODY) for fact in facts]
    await inquiries.stop_members(tx, tx.caller, withdrawals, now=now)
