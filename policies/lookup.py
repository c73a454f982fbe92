"""What is in force: a region's policy on a day, drawn from the region and its ancestors. Standard library only."""

from __future__ import annotations

import hashlib
import json
from datetime import date, time
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from policies.model import KEYS, PARTS, Dated, Packs, Policy


class UnknownRegion(ValueError):
    """No pack holds this region. A code is never looked up by prefix: a region stands in a pack with its parent."""

    def __init__(self, region: str) -> None:
        super().__init__(f"no policy pack holds region {region}; add it with its parent under policies/")
        self.region = region


class NotInForce(ValueError):
    """The region's packs give no value for a key on this day, which lies before the packs begin."""

    def __init__(self, region: str, on: date, keys: list[str]) -> None:
        super().__init__(
            f"no policy is in force for region {region} on {on.isoformat()}: {len(keys)} values miss, first {keys[0]}"
        )
        self.region = region
        self.on = on
        self.keys = tuple(keys)


def policy_for(packs: Packs, region: str, on: date) -> Policy:
    """The policy in force for a region on a day; the same object for the same question.

    Raises UnknownRegion, and NotInForce for a day before the packs begin.
    """
    return _resolve(packs, region, on)


def effective(packs: Packs, region: str, on: date) -> dict[str, Dated]:
    """The value in force for every key, the nearest region's before its parent's; keys without a value are left out.

    KeyError for an unknown region.
    """
    found: dict[str, Dated] = {}
    for ancestor in packs.chain(region):
        for key, dated in ancestor.values.items():
            if key not in found:
                for one in dated:
                    if one.holds(on):
                        found[key] = one
                        break
    return found


# One entry per region and business day in use; a service meets few of either at a time.
@lru_cache(maxsize=512)
def _resolve(packs: Packs, region: str, on: date) -> Policy:
    if region not in packs.regions:
        raise UnknownRegion(region)
    found = effective(packs, region, on)
    if missing := [key for key in KEYS if key not in found]:
        raise NotInForce(region, on, missing)
    parts: dict[str, Any] = {
        part: kind(**{key.field: found[name].value for name, key in KEYS.items() if key.part == part})
        for part, kind in PARTS.items()
    }
    return Policy(
        region=region,
        on=on,
        pack_id=packs.regions[region].pack_id,
        hash=_hash(found),
        citations=MappingProxyType({key: found[key].citation for key in KEYS}),
        **parts,
    )


def _hash(found: dict[str, Dated]) -> str:
    """sha256 of the canonical content. Days of validity stay out: an end added later changes nothing before it."""
    content = {
        key: [_plain(one.value), one.citation.basis, one.citation.document, one.citation.section, one.citation.why]
        for key, one in found.items()
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, time):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
