"""Which law holds for an application today."""

from __future__ import annotations

from datetime import datetime

from chassis.clock import local_day
from chassis.transaction import Transaction
from contracts.values import Office
from policies.lookup import NotInForce, policy_for
from policies.model import Packs, Policy
from services.intake.domain.application import governing_region
from services.intake.usecases.refusals import RegionWithoutPolicy


def policy_of(tx: Transaction, office: Office, now: datetime) -> Policy:
    """The policy in force at this office today. Raises RegionWithoutPolicy."""
    packs = tx.of(Packs)
    region = governing_region(packs.regions, office)
    if region is None:
        raise RegionWithoutPolicy
    try:
        return policy_for(packs, region, local_day(now))
    except NotInForce:
        raise RegionWithoutPolicy from None
