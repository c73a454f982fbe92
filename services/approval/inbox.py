"""What approval does when something is said: translate, one call."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from contracts.events.intake import ApplicationWithdrawn
from contracts.events.payments import PaymentSettled
from contracts.events.verification import ReportIssued
from services.approval.usecases import opening


async def on_report_issued(tx: Transaction, facts: list[ReportIssued], *, now: datetime) -> None:
    await opening.take_reports(tx, tx.caller, facts, now=now)


async def on_application_withdrawn(tx: Transaction, facts: list[ApplicationWithdrawn], *, now: datetime) -> None:
    await opening.close_cases(tx, tx.caller, facts, now=now)


async def on_payment_settled(tx: Transaction, facts: list[PaymentSettled], *, now: datetime) -> None:
    await opening.note_payments(tx, tx.caller, facts, now=now)
