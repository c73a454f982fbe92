"""What every event is: an immutable fact, said by one service, whose personal part travels sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset from UTC."""


class Part(Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """A piece of an event or of its private part: immutable, no unknown field, no silent conversion when it is read."""


class Event(Part, frozen=True, kw_only=True):
    """A fact with an id, an instant and a key.

    `private`, where a class has it, holds everything personal; the chassis seals it under the topic's wire key on the
    way out and opens it on the way in. Every other field is safe in clear: opaque ids, codes, amounts, dates.
    """

    name: ClassVar[str]
    """`noun.past`, the type written in the record's header."""
    version: ClassVar[int] = 1
    topic: ClassVar[str]
    """`<speaker>.<noun>`."""
    carries_many: ClassVar[bool] = False
    """Whether one event speaks of many cases."""

    event_id: str
    occurred_at: Instant

    @property
    def key(self) -> str:
        """Events of one key keep their order; the aggregate's id."""
        raise NotImplementedError

    @property
    def partition(self) -> int | None:
        """Set only by events that carry many cases of one partition."""
        return None

    @property
    def cases(self) -> list[str]:
        """Keys of the cases it touches: its own key, unless it carries many."""
        return [self.key]

    def split(self) -> list[Self]:
        """One event per case, so that one bad case can be put aside alone."""
        return [self]
