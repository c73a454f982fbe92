"""What happens when…? Intake in one table."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import Service
from contracts.events.intake import ApplicationSubmitted, ApplicationWithdrawn, ConsentWithdrawn
from policies.load import load_calendar, load_packs
from services.intake import api
from services.intake.domain.household import PersonKeys
from services.intake.settings import Settings


def equip(settings: Settings) -> Iterable[object]:
    """The law, the working days, and the key that names persons."""
    yield load_packs(settings.site.policies)
    yield load_calendar(settings.site.policies)
    yield PersonKeys(settings.person_key)


SERVICE = Service(
    name="intake",
    settings=Settings,
    equips=equip,
    routes=(api.router,),
    says=(ApplicationSubmitted, ApplicationWithdrawn, ConsentWithdrawn),
)
