"""Which law holds for a case, and for a township's cases on a day."""

from __future__ import annotations

from datetime import date

from contracts.values import Office
from policies.lookup import NotInForce, policy_for
from policies.model import Packs, Policy
from services.approval.domain.case import Case

_COUNTY_DIGITS = 6


class NoPolicy(ValueError):
    """No policies are kept for the office's region, or none is in force yet."""


def policy_of(packs: Packs, case: Case) -> Policy:
    """The policy in force for the case on the day its application was accepted; raises UnknownRegion or NotInForce."""
    return policy_for(packs, case.region, case.accepted_on)


def policy_at(packs: Packs, office: Office, on: date) -> Policy:
    """The policy of the nearest region on the office's path that has policies of its own. Raises NoPolicy."""
    codes = office.path[:-1].split("/")[1:]
    region = next((code for code in reversed(codes) if code in packs.regions), None)
    if region is None:
        raise NoPolicy
    try:
        return policy_for(packs, region, on)
    except NotInForce:
        raise NoPolicy from None


def county_of(office: Office) -> str:
    """The code of the county the office belongs to; its own where it is above the counties."""
    codes = office.path[:-1].split("/")[1:]
    return next((code for code in codes if len(code) == _COUNTY_DIGITS), office.code)
