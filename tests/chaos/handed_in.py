"""What a township wanted to hand in, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class HandedIn:
    """One household's application. `application_id` and `state` are intake's words, once it has answered."""

    household_no: int
    application: dict[str, Any]
    application_id: str | None = None
    state: str = ""
    withdrawn: dict[int, float] = field(default_factory=dict)
    """Place of a member -> when intake acknowledged that the consent is taken back."""
    is_withdrawn: bool = False
    """The application as a whole."""
    found_true: set[str] = field(default_factory=set)
    """Codes of flags that the caseworker found true."""

    def take_back(self, place: int | None = None) -> None:
        """Intake has acknowledged the withdrawal of one member's consent, or of the application."""
        self.is_withdrawn = self.is_withdrawn or place is None
        for each in range(len(self.application["members"])) if place is None else (place,):
            self.withdrawn.setdefault(each, time.time())
