"""Who acts: a person or system with a role, permissions and a place in the organisation tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

_WHOLE_TREE = "/"


@dataclass(frozen=True)
class Caller:
    """Somebody whose token was verified. `org` is a path such as `cn/2307/230799/`; all beneath it is in reach."""

    subject: str
    role: str
    org: str
    scopes: frozenset[str]
    client: str

    @property
    def reach(self) -> tuple[str, str]:
        """The office paths in reach, in C collation: from the own path up to the first one beyond the subtree."""
        return ("", "~") if self.org == _WHOLE_TREE else (self.org, self.org[:-1] + "0")

    def covers(self, office: str) -> bool:
        """Whether an office path is in reach."""
        low, high = self.reach
        return low <= office < high

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def across_the_tree(self) -> Self:
        """The same person with every office's rows in reach: for operators who mend what belongs to no office."""
        return replace(self, org=_WHOLE_TREE)


class System(Caller):
    """The service itself, in its inbox, its queues and its timers: acts on the whole range; no token ever yields it."""

    def __init__(self, service: str) -> None:
        super().__init__(f"system:{service}", "system", _WHOLE_TREE, frozenset(), service)
