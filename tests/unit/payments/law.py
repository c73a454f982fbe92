"""The policies in force, read once for all of payments' tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from policies.load import load_packs
from policies.lookup import policy_for
from policies.model import Packs, Policy
from tests.testbed import ROOT

YICHUN = "230799"
XINJIANG = "654099"


@cache
def packs() -> Packs:
    return load_packs(ROOT / "policies")


def policy(region: str = YICHUN, on: date = date(2026, 12, 1), **parts: dict[str, Any]) -> Policy:
    """The region's policy, with single values changed: `policy(payment={"arrears_from_confirmation": False})`."""
    found = policy_for(packs(), region, on)
    return replace(found, **{part: replace(getattr(found, part), **values) for part, values in parts.items()})
