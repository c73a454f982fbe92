"""What happens when…? Payments in one table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from chassis.http import agency_client
from chassis.service import Service
from contracts.events.approval import CertificateIssued, DecisionMade
from contracts.events.payments import PaymentSettled, RosterLocked
from policies.load import load_packs
from services.payments import api, inbox, work
from services.payments.domain.payment import Bank, Line, Patience, Treasury
from services.payments.settings import Settings
from services.payments.usecases.known_leaves import KnownLeaves


def equip(settings: Settings) -> Iterable[object]:
    """The law, the lines to bank and treasury, and how patient to be with them."""
    yield load_packs(settings.site.policies)
    yield Bank(_line("bank", settings.bank, settings))
    yield Treasury(_line("treasury", settings.treasury, settings))
    yield Patience(
        timedelta(seconds=settings.cutoff_s),
        timedelta(seconds=settings.pause_first_s),
        timedelta(seconds=settings.pause_most_s),
    )
    yield KnownLeaves()


def _line(peer: str, address: str, settings: Settings) -> Line:
    return agency_client(
        peer,
        address,
        timeout_s=settings.timeout_s,
        concurrency=8,
        rate_per_s=200.0,
        attempts=1,  # what moves money is never sent twice on a guess; the queue asks first
    )


SERVICE = Service(
    name="payments",
    settings=Settings,
    equips=equip,
    routes=(api.router,),
    hears={
        DecisionMade: inbox.on_decision_made,
        CertificateIssued: inbox.on_certificate_issued,
    },
    says=(RosterLocked, PaymentSettled),
    works=work.WORKS,
)
