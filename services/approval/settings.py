"""What a site chooses for approval."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import Options


class Settings(Options):
    certificate_batch: int = Field(default=500, ge=1, le=1_000)
    """Publicities ended in one transaction."""
    draw_most: int = Field(default=2_000, ge=1, le=10_000)
    """Applicants one spot-check draw looks at; further ones wait for the next draw."""
