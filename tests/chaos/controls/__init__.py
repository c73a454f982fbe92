"""Negative controls: the product with one protection taken out, each of which a chaos run must find.

A control is a program that the platform of a test runs in place of a service. It patches one thing and then is that
service; the product itself knows no such switch.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CONTROLS", "programs_of"]

CONTROLS: Mapping[str, tuple[str, ...]] = {
    "inbox_off": ("verification", "adapters", "approval", "payments"),
    "publish_after_commit": ("intake", "verification", "adapters", "approval", "payments"),
    "pay_then_mark": ("payments",),
}
"""Control -> the services it stands in for."""


def programs_of(control: str) -> dict[str, tuple[str, ...]]:
    """What Python runs as which service under this control, for `LocalPlatform(programs=...)`. Raises KeyError."""
    return {service: ("-m", f"{__name__}.{control}", service) for service in CONTROLS[control]}
