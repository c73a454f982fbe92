"""What one site may choose for payments."""

from __future__ import annotations

from chassis.settings import Options


class Settings(Options):
    """Addresses of those who move the money."""

    bank: str
    treasury: str
