"""Ways of changing a run: one row other, missing, doubled or besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.chaos.evidence import Evidence
from tests.unit.chaos.history import changed, without

Plant = Callable[[Evidence], Evidence]


def row(field: str, number: int = 0, **values: object) -> Plant:
    """One row of a table with other values."""
    return lambda run: _with(run, field, changed(getattr(run, field), number, **values))


def gone(field: str, number: int = 0) -> Plant:
    """One row less."""
    return lambda run: _with(run, field, without(getattr(run, field), number))


def again(field: str, number: int = 0, **values: object) -> Plant:
    """One row twice, the second perhaps with other values."""
    return lambda run: _with(run, field, (*getattr(run, field), replace(getattr(run, field)[number], **values)))


def more(field: str, *rows: object) -> Plant:
    """Rows besides."""
    return lambda run: _with(run, field, (*getattr(run, field), *rows))


def both(*plants: Plant) -> Plant:
    """One change after another."""

    def plant(run: Evidence) -> Evidence:
        for one in plants:
            run = one(run)
        return run

    return plant


def _with(run: Evidence, field: str, rows: tuple[Any, ...]) -> Evidence:
    tables: dict[str, Any] = {field: rows}
    return replace(run, **tables)
