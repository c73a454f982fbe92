"""What one site may choose for payments."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import Options


class Settings(Options):
    """Addresses of those who move the money, and what is agreed with them."""

    bank: str
    treasury: str
    timeout_s: float = Field(default=5.0, gt=0, le=15)
    """For one call."""
    cutoff_s: float = Field(default=5.0, gt=0)
    """Business seconds after the intent beyond which bank and treasury execute nothing of a sending (清算截止)."""
    pause_first_s: float = Field(default=1.0, gt=0)
    """Business seconds until a silent bank is asked again, doubled with each silence."""
    pause_most_s: float = Field(default=60.0, gt=0)
