"""What happens when…? Adapters in one table."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.http import agency_client
from chassis.service import Service, every
from contracts.events.adapters import AgencyAnswers, AgencySilent
from contracts.events.intake import ApplicationWithdrawn, ConsentWithdrawn
from contracts.events.verification import CheckOpened
from contracts.vocabulary import Agency
from services.adapters import api, inbox, schedule, work
from services.adapters.agencies import REGISTRY
from services.adapters.domain.connections import Connection, Connections, Line
from services.adapters.domain.retries import Patience
from services.adapters.settings import LineSettings, Settings
from services.adapters.usecases.forgetting import Retention
from services.adapters.usecases.known_people import KnownPeople
from services.adapters.usecases.telling import Partitions


def equip(settings: Settings) -> Iterable[object]:
    """The lines to the agencies, how patient to be with them, and what is remembered for how long."""
    yield Connections(
        Connection(desk, _line(settings, agency), settings.households_per_call) for agency, desk in REGISTRY.items()
    )
    yield Patience(
        first_s=settings.retry_first_s,
        most_s=settings.retry_most_s,
        days=settings.retry_days,
        invalid_tries=settings.invalid_tries,
    )
    yield Partitions(settings.site.topics[AgencyAnswers.topic].partitions)
    yield KnownPeople(settings.people_in_memory)
    yield Retention(settings.evidence_days)


def _line(settings: Settings, agency: Agency) -> Line | None:
    address = settings.agencies.get(agency)
    if address is None:
        return None
    chosen = settings.lines.get(agency, LineSettings())
    return agency_client(
        agency.value,
        address,
        timeout_s=chosen.timeout_s,
        concurrency=chosen.concurrency,
        rate_per_s=chosen.rate_per_s,
        attempts=1,  # asking again goes through the queue, where consent is looked at again
    )


SERVICE = Service(
    name="adapters",
    settings=Settings,
    equips=equip,
    routes=(api.router,),
    hears={
        CheckOpened: inbox.on_check_opened,
        ConsentWithdrawn: inbox.on_consent_withdrawn,
        ApplicationWithdrawn: inbox.on_application_withdrawn,
    },
    says=(AgencyAnswers, AgencySilent),
    works=work.asks_all(REGISTRY),
    does={
        every(seconds=5): schedule.give_up_lost_calls,
        every(minutes=10): schedule.forget_what_has_served,
    },
)
