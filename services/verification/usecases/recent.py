"""Households of lately opened checks as filed: most are wanted again within seconds, and they never change."""

from __future__ import annotations

from collections import OrderedDict

from services.verification.store.filing import Filed


class RecentHouseholds:
    """The latest few thousand, by check id. Only a shortcut: whoever is not here is read from the database."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._filed: OrderedDict[str, Filed] = OrderedDict()

    def keep(self, check_id: str, filed: Filed) -> None:
        self._filed[check_id] = filed
        while len(self._filed) > self._most:
            self._filed.popitem(last=False)

    def find(self, check_id: str) -> Filed | None:
        return self._filed.get(check_id)
