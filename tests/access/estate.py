"""What a service keeps before it is asked: things of several offices, by their ids, and the words that name people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.access.policy import NOWHERE

_HEXADECIMAL = re.compile("[0-9a-f]{32}")
_NO_MARKS = ("office", "month", "members", "parked_id")


@dataclass(frozen=True)
class Thing:
    """Everything of one household, or of one county's month.

    ids       what fills paths, queries and bodies, by the name of the parameter
    mentions  marks of others that this thing may name: a line names its roster
    """

    office: str
    ids: Mapping[str, str]
    others: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()

    @property
    def marks(self) -> frozenset[str]:
        """By these it is recognised wherever they turn up."""
        return self.others | {value for name, value in self.ids.items() if name not in _NO_MARKS}

    def unknown(self) -> Thing:
        """A thing like this one that does not exist."""
        ids = {name: _HEXADECIMAL.sub("f" * 32, value) for name, value in self.ids.items()}
        return Thing(self.office, ids | {"office": NOWHERE, "parked_id": "999999999"})


@dataclass
class Estate:
    """Everything kept. `township` and `county` are what is asked for; the others must not be seen beside them."""

    township: Thing
    county: Thing | None = None
    neighbours: list[Thing] = field(default_factory=list)
    numbers: frozenset[str] = frozenset()
    """Of people, telephones, accounts: in no answer to anybody."""
    names: frozenset[str] = frozenset()
    """Of people: only in what is a document about them, to whom may read it."""

    @property
    def things(self) -> list[Thing]:
        return [self.township, *([self.county] if self.county else []), *self.neighbours]

    def beyond(self, org: str) -> frozenset[str]:
        """The marks of everything outside an office's range that nothing inside it may name."""
        inside = [thing for thing in self.things if thing.office.startswith(org)]
        outside = [thing for thing in self.things if not thing.office.startswith(org)]
        allowed = frozenset().union(*(thing.marks | thing.mentions for thing in inside))
        return frozenset().union(*(thing.marks for thing in outside)) - allowed

    def is_empty_to(self, org: str) -> bool:
        return not any(thing.office.startswith(org) for thing in self.things)
