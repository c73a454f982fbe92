"""Properties say what holds, not how soon: the first example of a run also reads the policies from disk."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
