"""Negative controls: the product with one protection taken out, each of which a chaos run must find.

A control is a program that the platform of a test runs in place of a service. It patches one thing and then is that
service; the product itself knows no such switch.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CONTROLS", "FAVOURS", "programs_of"]

CONTROLS: Mapping[str, tuple[str, ...]] = {
    "inbox_off": ("verification", "adapters", "approval", "payments"),
    "publish_after_commit": ("intake", "verification", "adapters", "approval", "payments"),
    "pay_then_mark": ("payments",),
}
"""Control -> the services it stands in for."""

FAVOURS: Mapping[str, Mapping[str, float]] = {
    "inbox_off": {"records again": 12.0},
    "publish_after_commit": {
        "pause kafka": 8.0,
        "black hole kafka": 8.0,
        "half-open kafka": 4.0,
        "kill -9 intake": 3.0,
        "kill -9 verification": 2.0,
        "kill -9 approval": 2.0,
    },
    "pay_then_mark": {
        # Little befalls people before they come to be paid.
        **dict.fromkeys(("kill -9", "pause", "long pause", "power cut", "immediate stop"), 0.1),
        **dict.fromkeys(("network cut", "network delay", "black hole", "half-open", "agencies"), 0.1),
        "bank does not look before it pays": 40.0,
        "bank answer lost": 40.0,
        "kill -9 payments": 30.0,
    },
}
"""Control -> the faults that find it, and how much more or less often a run deals them.

A run dealt by chance may still miss the seam; `make chaos-controls` aims at it.
"""


def programs_of(control: str) -> dict[str, tuple[str, ...]]:
    """What Python runs as which service under this control, for `LocalPlatform(programs=...)`. Raises KeyError."""
    return {service: ("-m", f"{__name__}.{control}", service) for service in CONTROLS[control]}
