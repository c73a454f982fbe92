"""What an agency's interface consists of: how its question is read and how its answer about one person is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from contracts.vocabulary import Agency
from simulator.clock import BEIJING
from simulator.family import Person

Json = dict[str, Any]


Asked = tuple[str, str, str, str]
"""One person of a question: ref, name, id number, case."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One agency's format."""

    agency: Agency
    person_fields: tuple[str, str, str, str]
    """What this agency calls ref, name, id number and case. Ref and id number are echoed under the same names."""
    claim: tuple[str, object]
    """The field of an entry that says records exist, and its value when they do."""
    read: Callable[[Mapping[str, Any]], tuple[Any, Any]]
    """Purpose and list of persons in a question."""
    entry: Callable[[Asked, Person | None], Json]
    """The answer about one person; None stands for somebody who is in no register."""
    document: Callable[[list[Json], datetime], Json]
    """The whole answer with the instant (UTC) for which the data hold."""
    persons: Callable[[Any], tuple[Any, ...]] = field(init=False)
    """Takes the four person fields out of one line of the question."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "persons", itemgetter(*self.person_fields))


def yuan(fen: int) -> str:
    """Decimal yuan as most agencies write them."""
    return f"{fen // 100}.{fen % 100:02d}"


def compact(day: Any) -> str:
    """A date as yyyyMMdd."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def beijing(instant: datetime, form: str) -> str:
    return instant.astimezone(BEIJING).strftime(form)
