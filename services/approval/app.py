"""What happens when…? Approval in one table."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import Service, every
from contracts.events.approval import CertificateIssued, DecisionMade
from contracts.events.intake import ApplicationWithdrawn
from contracts.events.payments import PaymentSettled
from contracts.events.verification import ReportIssued
from policies.load import load_calendar, load_packs
from services.approval import api, inbox, schedule
from services.approval.settings import Settings
from services.approval.usecases.limits import Limits


def equip(settings: Settings) -> Iterable[object]:
    """The law, the working days, and how much is done at once."""
    yield load_packs(settings.site.policies)
    yield load_calendar(settings.site.policies)
    yield Limits(settings.certificate_batch, settings.draw_most)


SERVICE = Service(
    name="approval",
    settings=Settings,
    equips=equip,
    routes=(api.cases, api.spot_checks),
    hears={
        ReportIssued: inbox.on_report_issued,
        ApplicationWithdrawn: inbox.on_application_withdrawn,
        PaymentSettled: inbox.on_payment_settled,
    },
    says=(DecisionMade, CertificateIssued),
    does={
        every(seconds=1): schedule.end_publicities,
        every(minutes=10): schedule.reckon_again,
    },
)
