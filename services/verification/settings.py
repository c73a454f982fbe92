"""What a site chooses for verification."""

from __future__ import annotations

import base64

from pydantic import Field

from chassis.settings import Options


class Settings(Options):
    answer_deadline_s: int = Field(default=432_000, ge=1, le=2_592_000)
    """Seconds of business time after which a check is reported with what is there: five days, as agencies are given."""
    overdue_batch: int = Field(default=200, ge=1, le=1_000)
    """Overdue checks reported in one transaction."""
    households_in_memory: int = Field(default=5_000, ge=0, le=100_000)
    """Lately opened checks whose households, and answers while they come in, are kept at hand, about 20 kB each."""

    @property
    def signing_seed(self) -> bytes:
        """The private seed (Ed25519) under which reports are signed; verification alone holds it."""
        seed = self.site.keys.sign
        if seed is None:
            raise SystemExit("the site file of verification holds no key `sign`; `make up` writes one")
        return base64.b64decode(seed)
