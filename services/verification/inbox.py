"""What verification does when something is said: translate, one call."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from contracts.events.adapters import AgencyAnswers, AgencySilent
from contracts.events.intake import ApplicationSubmitted, ApplicationWithdrawn, ConsentWithdrawn
from services.verification.usecases import answering, opening, stopping


async def on_application_submitted(tx: Transaction, facts: list[ApplicationSubmitted], *, now: datetime) -> None:
    await opening.open_checks(tx, tx.caller, facts, now=now)


async def on_agency_answers(tx: Transaction, facts: list[AgencyAnswers], *, now: datetime) -> None:
    await answering.record_answers(tx, tx.caller, facts, now=now)


async def on_agency_silent(tx: Transaction, facts: list[AgencySilent], *, now: datetime) -> None:
    await answering.record_silence(tx, tx.caller, facts, now=now)


async def on_consent_withdrawn(tx: Transaction, facts: list[ConsentWithdrawn], *, now: datetime) -> None:
    await stopping.stop_members(tx, tx.caller, facts, now=now)


async def on_application_withdrawn(tx: Transaction, facts: list[ApplicationWithdrawn], *, now: datetime) -> None:
    await stopping.stop_checks(tx, tx.caller, facts, now=now)
