"""What most checks want again within seconds, kept at hand. Only a shortcut: what is not here is read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

from services.verification.domain.merge import Reply
from services.verification.store.filing import Filed


class RecentHouseholds:
    """Households of lately opened checks as filed, which never change: the latest few thousand, by check id."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._filed: OrderedDict[str, Filed] = OrderedDict()

    def keep(self, check_id: str, filed: Filed) -> None:
        self._filed[check_id] = filed
        while len(self._filed) > self._most:
            self._filed.popitem(last=False)

    def find(self, check_id: str) -> Filed | None:
        return self._filed.get(check_id)


class RecentReplies:
    """All replies kept about checks that still wait for more, the latest few thousand.

    They hold as of a batch. A check's row names the batch that last came about it, so that what another process added,
    or a rollback took back, is never missed: then the names differ, and the replies are read.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: OrderedDict[str, tuple[UUID | None, Sequence[Reply]]] = OrderedDict()

    def keep(self, check_id: str, batch: UUID | None, replies: Sequence[Reply]) -> None:
        """`batch`: the one that brought the latest of these replies; None where none came yet."""
        self._told[check_id] = (batch, replies)
        while len(self._told) > self._most:
            self._told.popitem(last=False)

    def take(self, check_id: str, batch: UUID | None) -> Sequence[Reply] | None:
        """The replies as of that batch; they are let go of, whoever wants them again keeps them again."""
        held = self._told.pop(check_id, None)
        return held[1] if held is not None and held[0] == batch else None
