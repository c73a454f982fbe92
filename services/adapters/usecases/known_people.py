"""The people of recent inquiries, kept in memory: twelve agencies ask about a household within the same second."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from services.adapters.domain.cells import Inquiry


class KnownPeople:
    """The inquiries last opened or loaded by this process; the longest unused go first. Never written anywhere."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inquiries: OrderedDict[int, Inquiry] = OrderedDict()

    def learn(self, inquiries: Iterable[Inquiry]) -> None:
        for inquiry in inquiries:
            self._inquiries[inquiry.inquiry_id] = inquiry
        while len(self._inquiries) > self._most:
            self._inquiries.popitem(last=False)

    def of(self, inquiry_id: int) -> Inquiry | None:
        inquiry = self._inquiries.get(inquiry_id)
        if inquiry is not None:
            self._inquiries.move_to_end(inquiry_id)
        return inquiry

    def __len__(self) -> int:
        return len(self._inquiries)
