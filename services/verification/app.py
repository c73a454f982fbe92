"""What happens when…? Verification in one table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from chassis.service import Service, every
from contracts.events.adapters import AgencyAnswers, AgencySilent
from contracts.events.intake import ApplicationSubmitted, ApplicationWithdrawn, ConsentWithdrawn
from contracts.events.verification import CheckOpened, ReportIssued
from policies.load import load_packs
from services.verification import api, inbox, schedule
from services.verification.domain.signing import Signer
from services.verification.settings import Settings
from services.verification.usecases.limits import Limits
from services.verification.usecases.recent import RecentHouseholds, RecentReplies


def equip(settings: Settings) -> Iterable[object]:
    """The law, the deadline of agencies, and the hand that signs reports."""
    yield load_packs(settings.site.policies)
    yield Limits(timedelta(seconds=settings.answer_deadline_s), settings.overdue_batch)
    yield RecentHouseholds(settings.households_in_memory)
    yield RecentReplies(settings.households_in_memory)
    yield Signer(settings.signing_seed)


SERVICE = Service(
    name="verification",
    settings=Settings,
    equips=equip,
    routes=(api.router,),
    hears={
        ApplicationSubmitted: inbox.on_application_submitted,
        ApplicationWithdrawn: inbox.on_application_withdrawn,
        ConsentWithdrawn: inbox.on_consent_withdrawn,
        AgencyAnswers: inbox.on_agency_answers,
        AgencySilent: inbox.on_agency_silent,
    },
    says=(CheckOpened, ReportIssued),
    does={every(seconds=1): schedule.close_overdue_checks},
)
