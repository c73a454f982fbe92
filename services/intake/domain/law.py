"""Which law holds for an office on a day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from contracts.values import Office
from policies.lookup import NotInForce, policy_for
from policies.model import Packs, Policy


class NoPolicy(ValueError):
    """No policies are kept for the office's region, or none is in force yet."""


# One entry per office and business day in use; every application asks three times.
@lru_cache(maxsize=512)
def policy_at(packs: Packs, office: Office, on: date) -> Policy:
    """The policy of the nearest region on the office's path that has policies of its own. Raises NoPolicy.

    The country alone is no answer: a region is served once somebody has written it into a pack.
    """
    codes = office.path[:-1].split("/")[1:]
    region = next((code for code in reversed(codes) if code in packs.regions), None)
    if region is None:
        raise NoPolicy
    try:
        return policy_for(packs, region, on)
    except NotInForce:
        raise NoPolicy from None
