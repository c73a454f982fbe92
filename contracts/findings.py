"""What each agency can know about a person, in our words and units (Annex 6).

One record class per thing found. Adapters read an agency's own format into these; verification compares them with the
declaration. All of it is personal: it travels only in the sealed part of an event. Standard library only, so that
`domain` rooms may use them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal


class Found:
    """What all records share: strict reading where a wire model takes them in."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Found):
    """Household registration (public security)."""

    kind: Literal["registration"] = "registration"
    status: Literal["normal", "cancelled", "deceased", "not_found"]
    name_matches: bool
    region: str
    registered_persons: int
    """How many persons stand in the same household register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotorVehicle(Found):
    """A vehicle registered to the person (traffic police)."""

    kind: Literal["motor_vehicle"] = "motor_vehicle"
    type: Literal["car", "truck", "motorcycle", "electric_bicycle", "disability_aid"]
    registered_on: date
    value_fen: int
    plate_mask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedIncome(Found):
    """Income on which tax was declared for the last twelve months."""

    kind: Literal["taxed_income"] = "taxed_income"
    item: Literal["wage", "labour_service", "business", "property"]
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class House(Found):
    """A house or other real estate."""

    kind: Literal["house"] = "house"
    use: Literal["residence", "shop", "office", "parking"]
    area_dm2: int
    """Floor area in square decimetres (1 m2 = 100)."""
    acquired_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit(Found):
    """All accounts at one bank taken together."""

    kind: Literal["deposit"] = "deposit"
    bank: str
    balance_fen: int
    outflow_half_year_fen: int
    """Sum of single large payments out in the last six months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityHolding(Found):
    kind: Literal["security_holding"] = "security_holding"
    market_value_fen: int
    cash_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurancePolicy(Found):
    kind: Literal["insurance_policy"] = "insurance_policy"
    type: Literal["life", "annuity", "property", "health"]
    cash_value_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundContribution(Found):
    """Housing-fund contribution in force."""

    kind: Literal["fund_contribution"] = "fund_contribution"
    monthly_base_fen: int
    """The wage on which the contribution is reckoned."""
    monthly_amount_fen: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialBenefit(Found):
    """A pension or unemployment benefit being paid."""

    kind: Literal["social_benefit"] = "social_benefit"
    type: Literal["employee_pension", "resident_pension", "unemployment"]
    monthly_amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialContribution(Found):
    """Social insurance paid through an employer."""

    kind: Literal["social_contribution"] = "social_contribution"
    monthly_base_fen: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessRole(Found):
    kind: Literal["business_role"] = "business_role"
    role: Literal["legal_representative", "executive", "investor", "sole_trader"]
    status: Literal["open", "closed"]
    capital_fen: int
    founded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Found):
    kind: Literal["machine"] = "machine"
    type: Literal["large_tractor", "harvester", "vessel", "small_tractor"]
    value_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabilityCertificate(Found):
    kind: Literal["disability_certificate"] = "disability_certificate"
    type: Literal["visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple"]
    grade: int
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AidReceived(Found):
    """Assistance the person already receives."""

    kind: Literal["aid_received"] = "aid_received"
    aid: Literal["dibao", "tekun", "edge"]
    region: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Marriage(Found):
    kind: Literal["marriage"] = "marriage"
    status: Literal["married", "divorced", "widowed", "single"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cremation(Found):
    kind: Literal["cremation"] = "cremation"
    cremated_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PovertyEntry(Found):
    """Standing in the register of persons watched against a return to poverty."""

    kind: Literal["poverty_entry"] = "poverty_entry"
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
