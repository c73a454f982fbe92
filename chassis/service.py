"""A service is a table: what it answers, hears, says, works off and does when time passes. No condition, no wiring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from chassis.consumer import Handler
from chassis.settings import Options
from chassis.timers import Every, Timed, every
from chassis.work import Work

__all__ = ["Service", "every"]


@dataclass(frozen=True)
class Service:
    """What the service is made of; `python -m chassis.run <name>` brings it to life.

    equips  builds, once per process and from the settings, the things that use cases find by type
    hears   event class -> inbox handler
    says    event classes this service may say; the outbox refuses others
    works   queue -> claim, call, record
    does    interval -> timer handler
    """

    name: str
    settings: type[Options] = Options
    equips: Callable[[Any], Iterable[object]] = lambda settings: ()
    routes: Sequence[APIRouter] = ()
    hears: Mapping[type[Any], Handler] = field(default_factory=dict)
    says: Sequence[type[Any]] = ()
    works: Mapping[str, Work] = field(default_factory=dict)
    does: Mapping[Every, Timed] = field(default_factory=dict)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it listens to."""
        return tuple(sorted({event.topic for event in self.hears}))

    def describe(self) -> str:
        """The table in words, for `--help`."""
        lines = [f"{self.name}"]
        lines += [
            f"  hears  {event.name:28} {handler.__module__}.{handler.__name__}" for event, handler in self.hears.items()
        ]
        lines += [f"  says   {event.name:28} {event.topic}" for event in self.says]
        lines += [f"  works  {queue}" for queue in self.works]
        lines += [
            f"  does   every {interval.seconds:g} s{'':18} {timed.__module__}.{timed.__name__}"
            for interval, timed in self.does.items()
        ]
        return "\n".join(lines)
