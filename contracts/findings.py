"""What each agency can know about a person, in our words and units (Annex 6).

One record class per thing found. Adapters read an agency's own format into these; verification compares them with the
declaration. All of it is personal: it travels only in the sealed part of an event. On the wire `kind` tells them apart.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct


class Found(Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="kind"):
    """What all records share: immutable, no unknown field, no silent conversion where one is read."""


class Registration(Found, frozen=True, kw_only=True, tag="registration"):
    """Household registration (public security)."""

    status: Literal["normal", "cancelled", "deceased", "not_found"]
    name_matches: bool
    region: str
    registered_persons: int
    """How many persons stand in the same household register."""


class MotorVehicle(Found, frozen=True, kw_only=True, tag="motor_vehicle"):
    """A vehicle registered to the person (traffic police)."""

    type: Literal["car", "truck", "motorcycle", "electric_bicycle", "disability_aid"]
    registered_on: date
    value_fen: int
    plate_mask: str


class TaxedIncome(Found, frozen=True, kw_only=True, tag="taxed_income"):
    """Income on which tax was declared for the last twelve months."""

    item: Literal["wage", "labour_service", "business", "property"]
    amount_fen: int


class House(Found, frozen=True, kw_only=True, tag="house"):
    """A house or other real estate."""

    use: Literal["residence", "shop", "office", "parking"]
    area_dm2: int
    """Floor area in square decimetres (1 m2 = 100)."""
    acquired_on: date


class Deposit(Found, frozen=True, kw_only=True, tag="deposit"):
    """All accounts at one bank taken together."""

    bank: str
    balance_fen: int
    outflow_half_year_fen: int
    """Sum of single large payments out in the last six months."""


class SecurityHolding(Found, frozen=True, kw_only=True, tag="security_holding"):
    market_value_fen: int
    cash_fen: int


class InsurancePolicy(Found, frozen=True, kw_only=True, tag="insurance_policy"):
    type: Literal["life", "annuity", "property", "health"]
    cash_value_fen: int


class FundContribution(Found, frozen=True, kw_only=True, tag="fund_contribution"):
    """Housing-fund contribution in force."""

    monthly_base_fen: int
    """The wage on which the contribution is reckoned."""
    monthly_amount_fen: int
    is_active: bool


class SocialBenefit(Found, frozen=True, kw_only=True, tag="social_benefit"):
    """A pension or unemployment benefit being paid."""

    type: Literal["employee_pension", "resident_pension", "unemployment"]
    monthly_amount_fen: int


class SocialContribution(Found, frozen=True, kw_only=True, tag="social_contribution"):
    """Social insurance paid through an employer."""

    monthly_base_fen: int
    is_active: bool


class BusinessRole(Found, frozen=True, kw_only=True, tag="business_role"):
    role: Literal["legal_representative", "executive", "investor", "sole_trader"]
    status: Literal["open", "closed"]
    capital_fen: int
    founded_on: date


class Machine(Found, frozen=True, kw_only=True, tag="machine"):
    type: Literal["large_tractor", "harvester", "vessel", "small_tractor"]
    value_fen: int


class DisabilityCertificate(Found, frozen=True, kw_only=True, tag="disability_certificate"):
    type: Literal["visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple"]
    grade: int
    valid_until: date


class AidReceived(Found, frozen=True, kw_only=True, tag="aid_received"):
    """Assistance the person already receives."""

    aid: Literal["dibao", "tekun", "edge"]
    region: str
    since: date


class Marriage(Found, frozen=True, kw_only=True, tag="marriage"):
    status: Literal["married", "divorced", "widowed", "single"]


class Cremation(Found, frozen=True, kw_only=True, tag="cremation"):
    cremated_on: date


class PovertyEntry(Found, frozen=True, kw_only=True, tag="poverty_entry"):
    """Standing in the register of persons watched against a return to poverty."""

    status: Literal["monitored", "lifted"]
    income_per_head_year_fen: int


Record = (
    Registration
    | MotorVehicle
    | TaxedIncome
    | House
    | Deposit
    | SecurityHolding
    | InsurancePolicy
    | FundContribution
    | SocialBenefit
    | SocialContribution
    | BusinessRole
    | Machine
    | DisabilityCertificate
    | AidReceived
    | Marriage
    | Cremation
    | PovertyEntry
)
