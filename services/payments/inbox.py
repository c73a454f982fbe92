"""What payments do when a decision is made or a certificate issued."""

from __future__ import annotations

from datetime import datetime

from chassis.transaction import Transaction
from contracts.events.approval import CertificateIssued, DecisionMade
from services.payments.usecases import entitling


async def on_decision_made(tx: Transaction, facts: list[DecisionMade], *, now: datetime) -> None:
    await entitling.note_decisions(tx, tx.caller, facts, now=now)


async def on_certificate_issued(tx: Transaction, facts: list[CertificateIssued], *, now: datetime) -> None:
    await entitling.grant_entitlements(tx, tx.caller, facts, now=now)
