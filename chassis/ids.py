"""Identifiers: time-ordered, opaque, prefixed by what they name."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id(prefix: str) -> str:
    """`app_0192f…`: sortable by creation and free of meaning."""
    return f"{prefix}_{uuid7().hex}"


def new_event_id() -> str:
    """A time-ordered UUID in its usual spelling."""
    return str(uuid7())
