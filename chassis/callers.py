"""Who acts: a person or system with a role, scopes and a place in the organisation tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """Somebody whose token was verified. `org` is a path such as `cn/2307/230799/`; everything beneath it is in reach."""

    subject: str
    role: str
    org: str
    scopes: frozenset[str]
    client: str

    @property
    def reach(self) -> tuple[str, str]:
        """The range of office paths in reach, in C collation: from the own path up to the first one beyond the subtree."""
        return self.org, self.org[:-1] + "0"

    def may(self, scope: str) -> bool:
        return scope in self.scopes


class System(Caller):
    """The service itself, in its inbox, its queues and its timers: acts on the whole range; no token ever yields it."""

    def __init__(self, service: str) -> None:
        super().__init__(f"system:{service}", "system", "/", frozenset(), service)

    @property
    def reach(self) -> tuple[str, str]:
        return "", "~"
