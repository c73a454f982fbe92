"""What one service lets its site choose."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict

from chassis.site import Site


class Options(BaseModel):
    """Base of a service's `Settings`: the `options` of its site file. Only `app.py` reads them.

    `site` stays at hand for what must be built from it (policies folder, signing keys).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    site: Site

    @classmethod
    def from_site(cls, site: Site) -> Self:
        return cls.model_validate({"site": site, **site.options})
