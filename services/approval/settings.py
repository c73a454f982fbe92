"""What a site chooses for approval."""

from __future__ import annotations

from chassis.settings import Options


class Settings(Options):
    """No option of its own."""
