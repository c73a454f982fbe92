"""What a site chooses for intake. Nothing but where the service runs and which keys it holds."""

from __future__ import annotations

import base64

from chassis.settings import Options


class Settings(Options):
    """No option of its own."""

    @property
    def person_key(self) -> bytes:
        """The key under which persons are named to the other services; intake alone holds it."""
        key = self.site.keys.person
        if key is None:
            raise SystemExit("the site file of intake holds no key `person`; `make up` writes one")
        return base64.b64decode(key)
