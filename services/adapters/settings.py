"""What a site chooses for adapters: where the agencies are, and how patient to be with them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.settings import Options
from contracts.vocabulary import Agency


class LineSettings(BaseModel):
    """How one agency is spoken to; what is agreed with an agency goes in the site file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout_s: float = Field(default=10.0, gt=0, le=15)
    """For one call."""
    concurrency: int = Field(default=12, ge=1, le=64)
    """Calls under way at a time."""
    rate_per_s: float = Field(default=200.0, gt=0)
    """Calls a second the agency allows."""


class Settings(Options):
    """Agencies by name. One without an address counts as not connected, and every report says so."""

    agencies: dict[Agency, str] = Field(default_factory=dict)
    """Base address of each agency's interface."""
    lines: dict[Agency, LineSettings] = Field(default_factory=dict)
    households_per_call: int = Field(default=80, ge=1, le=80)
    retry_first_s: float = Field(default=1.0, gt=0)
    """Business seconds until an agency is asked again, doubled with each failure."""
    retry_most_s: float = Field(default=300.0, gt=0)
    retry_days: int = Field(default=30, ge=1, le=60)
    invalid_tries: int = Field(default=3, ge=1, le=10)
    evidence_days: int = Field(default=90, ge=1, le=90)
    people_in_memory: int = Field(default=4096, ge=1)
    """Inquiries whose people stay in memory between two agencies' questions."""

    @model_validator(mode="after")
    def _ends_no_address_with_a_slash(self) -> Settings:
        if any(address.endswith("/") for address in self.agencies.values()):
            raise ValueError("an agency's address ends without a slash")
        return self
