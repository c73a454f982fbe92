"""A process's equipment: policies, clients, signing keys, found by what they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


class Shelf:
    """Filled once, at start; things are found by their type."""

    def __init__(self, things: Iterable[object] = ()) -> None:
        self._things: dict[type, object] = {type(thing): thing for thing in things}

    def of(self, kind: type[T]) -> T:
        thing = self._things.get(kind)
        if not isinstance(thing, kind):
            raise KeyError(f"no {kind.__name__} among the equipment; name it in `equips` of the service's app.py")
        return thing

    async def aclose(self) -> None:
        """Close what can be closed."""
        for thing in self._things.values():
            close = getattr(thing, "aclose", None)
            if close is not None:
                await close()
