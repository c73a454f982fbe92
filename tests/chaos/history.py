"""What clients did, as they saw it: every act with its beginning, its end, and every lasting answer it got."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.evidence import Action, Outcome

_IDS = re.compile(r"\b(?:app|case|ros)_[0-9a-f]{32}\b")


@dataclass(slots=True)
class Attempted:
    """An act under way."""

    client: str
    key: str
    kind: str
    path: str
    begun_s: float = field(default_factory=time.time)
    tries: int = 0
    lost: int = 0
    """Tries whose answer never came: each may or may not have taken effect."""
    away: list[int] = field(default_factory=list)
    """Statuses of answers that invited to try again."""
    answers: list[tuple[int, str]] = field(default_factory=list)
    """Status and digest of each answer that was no invitation to try again."""


class History:
    """Grows as clients act. An act that is never ended stays `unknown`."""

    def __init__(self) -> None:
        self._under_way: dict[int, Attempted] = {}
        self._ended: list[Action] = []

    def begin(self, client: str, key: str, kind: str, path: str) -> Attempted:
        attempted = Attempted(client, key, kind, path)
        self._under_way[id(attempted)] = attempted
        return attempted

    def end(self, attempted: Attempted, outcome: Outcome, status: int | None, body: Any) -> None:
        del self._under_way[id(attempted)]
        self._ended.append(_action(attempted, outcome, status, body, time.time()))

    def actions(self) -> tuple[Action, ...]:
        """All of them, in the order of their beginning."""
        left = [_action(one, "unknown", None, None, None) for one in self._under_way.values()]
        return tuple(sorted((*self._ended, *left), key=lambda one: one.invoked_s))

    def acknowledged(self, kind: str | None = None) -> int:
        """How many acts, of one kind or of all, were acknowledged so far."""
        return sum(one.outcome == "ok" and kind in (None, one.kind) for one in self._ended)

    def acknowledged_between(self, begin_s: float, end_s: float) -> int:
        return sum(
            one.outcome == "ok" and one.ended_s is not None and begin_s <= one.ended_s <= end_s for one in self._ended
        )

    def counts(self) -> dict[str, Counter[str]]:
        """By kind of act, how they ended."""
        found: dict[str, Counter[str]] = {}
        for one in self.actions():
            found.setdefault(one.kind, Counter())[one.outcome] += 1
        return found


def digest(body: Any) -> str:
    """Equal for answers that say the same."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _action(one: Attempted, outcome: Outcome, status: int | None, body: Any, ended_s: float | None) -> Action:
    told = body if isinstance(body, dict) else {}
    case = told.get("case") if isinstance(told.get("case"), dict) else {}
    in_path = {name.split("_", 1)[0]: name for name in _IDS.findall(one.path)}
    return Action(
        client=one.client,
        key=one.key,
        kind=one.kind,
        invoked_s=one.begun_s,
        ended_s=ended_s,
        outcome=outcome,
        status=status,
        application_id=told.get("application_id") or (case or {}).get("application_id") or in_path.get("app"),
        case_id=(case or {}).get("case_id") or in_path.get("case"),
        roster_id=told.get("roster_id") or in_path.get("ros"),
        detail={
            "tries": one.tries,
            "lost": one.lost,
            "away": tuple(one.away),
            "answers": tuple(one.answers),
            "code": told.get("code") if status is not None and status >= 400 else None,
            "state": told.get("state") if isinstance(told.get("state"), str) else None,
        },
    )
