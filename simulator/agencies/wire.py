"""What an agency's interface consists of: how its question is read and how its answer about one person is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from contracts.vocabulary import Agency
from simulator.clock import BEIJING
from simulator.family import Person

Json = dict[str, Any]


class Asked(NamedTuple):
    """One person of a question."""

    ref: str
    name: str
    id_number: str
    case: str


@dataclass(frozen=True, slots=True)
class Wire:
    """One agency's format."""

    agency: Agency
    ref_field: str
    id_field: str
    claim: tuple[str, object]
    """The field of an entry that says records exist, and its value when they do."""
    read: Callable[[Mapping[str, Any]], tuple[str, list[Asked]]]
    """Purpose and persons of a question; KeyError, TypeError or AttributeError where it has another form."""
    entry: Callable[[Asked, Person | None], Json]
    """The answer about one person; None stands for somebody who is in no register."""
    document: Callable[[list[Json], datetime], Json]
    """The whole answer with the instant (UTC) for which the data hold."""


def yuan(fen: int) -> str:
    """Decimal yuan as most agencies write them."""
    return f"{fen // 100}.{fen % 100:02d}"


def compact(day: Any) -> str:
    """A date as yyyyMMdd."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def beijing(instant: datetime, form: str) -> str:
    return instant.astimezone(BEIJING).strftime(form)
