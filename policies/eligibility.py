"""Parts of a policy that say who may ask and what is compared: intake, household, consent, agencies,
income, assets, flags, report.

Money is whole fen, ratios whole percent, so that no comparison meets a fraction. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from contracts.vocabulary import Agency, Area, Relation
from policies.rule import Rule
from policies.words import ApplicantRule, Material, PlanScope, RigidCategory, Rounding

VehicleType = Literal["car", "truck", "motorcycle", "electric_bicycle", "disability_aid"]
MachineType = Literal["large_tractor", "harvester", "vessel", "small_tractor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """When an application may be filed and is complete."""

    applicant_rule: Annotated[ApplicantRule, Rule("R-001")]
    village_committee_may_file: Annotated[bool, Rule("R-003")]
    signed_declaration_required: Annotated[bool, Rule("R-005")]
    materials: Annotated[tuple[Material, ...], Rule("R-006")]
    """Papers every application carries. Vouchers and certificates are asked for where a declared item needs them."""
    one_time_notice: Annotated[bool, Rule("R-008")]
    unemployment_registration_required: Annotated[bool, Rule("R-025")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Who counts as living together (R-021)."""

    relations: Annotated[tuple[Relation, ...], Rule("R-021")]
    """Relations to the applicant that carry a legal duty of support, the applicant included."""
    adult_age: Annotated[int, Rule("R-024", least=14, most=21)]
    """Full years from which a member is an adult and signs in person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Authorisation to check (授权)."""

    required: Annotated[bool, Rule("R-024")]
    guardian_signs_for_minors: Annotated[bool, Rule("R-024")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agencies:
    """About whom each of the fourteen agencies is asked (R-066, Annex 6). Field names are the agency codes."""

    public_security: Annotated[PlanScope, Rule("R-041")]
    vehicle: Annotated[PlanScope, Rule("R-042")]
    tax: Annotated[PlanScope, Rule("R-050")]
    housing: Annotated[PlanScope, Rule("R-044")]
    bank: Annotated[PlanScope, Rule("R-046")]
    securities: Annotated[PlanScope, Rule("R-047")]
    insurance: Annotated[PlanScope, Rule("R-048")]
    housing_fund: Annotated[PlanScope, Rule("R-051")]
    social_insurance: Annotated[PlanScope, Rule("R-043")]
    market_registration: Annotated[PlanScope, Rule("R-049")]
    agricultural_machinery: Annotated[PlanScope, Rule("R-052")]
    disabled_federation: Annotated[PlanScope, Rule("R-053")]
    civil_affairs: Annotated[PlanScope, Rule("R-055")]
    poverty_register: Annotated[PlanScope, Rule("R-054")]

    def scope(self, agency: Agency) -> PlanScope:
        """About whom this agency is asked."""
        scope: PlanScope = getattr(self, agency.value)
        return scope

    def asks(self, agency: Agency, *, area: Area, is_adult: bool, declares_disability: bool) -> bool:
        """Whether this agency is asked about one member of a household of that area (R-066)."""
        match self.scope(agency):
            case PlanScope.ALL_MEMBERS:
                return True
            case PlanScope.ADULTS:
                return is_adult
            case PlanScope.RURAL_ALL:
                return area is Area.RURAL
            case PlanScope.RURAL_ADULTS:
                return area is Area.RURAL and is_adult
            case PlanScope.DECLARED_DISABLED:
                return declares_disability


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """Standards and how verified income is reckoned (Annex 4, formulae 1, 2, 7)."""

    standard_urban_fen: Annotated[int, Rule("R-190", least=1)]
    """Dibao standard per head and month, urban."""
    standard_rural_fen: Annotated[int, Rule("R-190", least=1)]
    """Dibao standard per head and month, rural."""
    minimum_wage_fen: Annotated[int, Rule("R-190", least=1)]
    """Local minimum wage per month."""
    edge_percent: Annotated[int, Rule("R-157", least=100)]
    """A family is on the edge while its income per head is below this percentage of the standard."""
    base_months: Annotated[int, Rule("R-080", least=1, most=12)]
    """Months before the application over which income is averaged."""
    employment_cost_months: Annotated[int, Rule("R-082", most=12)]
    """Months of minimum wage deducted from a worker's earnings of a year."""
    employment_cost_capped_at_earnings: Annotated[bool, Rule("R-082")]
    rigid_categories: Annotated[tuple[RigidCategory, ...], Rule("R-081")]
    rigid_only_above_standard: Annotated[bool, Rule("R-081")]
    """Rigid spending is deducted only where income per head without it exceeds the standard."""
    rigid_needs_vouchers: Annotated[bool, Rule("R-081")]
    resident_pension_exempt_fen: Annotated[int, Rule("D57 art. 13")]
    """Part of a monthly resident pension that does not count as income."""
    rounding: Annotated[Rounding, Rule("R-080")]
    """How income per head and month is settled to a whole fen."""

    def standard_fen(self, area: Area) -> int:
        """Dibao standard per head and month (R-078)."""
        return self.standard_urban_fen if area is Area.URBAN else self.standard_rural_fen

    def edge_limit_fen(self, area: Area) -> int:
        """Income per head and month that is no longer on the edge: a family is on the edge strictly below it (R-157).

        Rounded up, so that `income < limit` says for whole fen exactly what `income < percentage x standard` says.
        """
        return Rounding.UP.divide(self.standard_fen(area) * self.edge_percent, 100)

    def employment_cost_fen(self, earnings_year_fen: int) -> int:
        """Deduction from one worker's earnings of a year (R-082). Earnings must not be negative (ValueError)."""
        if earnings_year_fen < 0:
            raise ValueError("earnings are zero or more")
        cost = self.employment_cost_months * self.minimum_wage_fen
        return min(cost, earnings_year_fen) if self.employment_cost_capped_at_earnings else cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The property rule of a region (R-079)."""

    financial_months_of_standard: Annotated[int, Rule("R-079", least=1)]
    """Financial assets per head may reach this many months of the urban standard."""
    houses_max: Annotated[int, Rule("R-079")]
    """Residences a household may own."""
    non_residential_max: Annotated[int, Rule("R-079")]
    """Shops, offices and parking places a household may own."""
    new_house_years: Annotated[int, Rule("R-079")]
    """A residence acquired within this many years before the application is a flag."""
    vehicles_max: Annotated[int, Rule("R-079")]
    exempt_vehicle_types: Annotated[tuple[VehicleType, ...], Rule("R-079")]
    """Vehicles that never count."""
    machines_max: Annotated[int, Rule("R-079")]
    counted_machine_types: Annotated[tuple[MachineType, ...], Rule("R-079")]
    """Machines and vessels that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """From which difference on something found becomes a flag (R-068)."""

    income_tolerance_percent: Annotated[int, Rule("R-068", most=100)]
    income_tolerance_floor_fen: Annotated[int, Rule("R-068")]
    """A difference of yearly income up to this amount is never a flag."""
    large_outflow_fen: Annotated[int, Rule("R-068", least=1)]
    """Payments out within the half year before that make a flag from this sum on."""
    stale_after_days: Annotated[int, Rule("R-068", least=1)]
    """An agency's data older than this when they were given count as stale."""
    must_close_before_decision: Annotated[bool, Rule("R-069")]
    untrue_needs_evidence: Annotated[bool, Rule("R-071")]

    def income_tolerance_fen(self, declared_year_fen: int) -> int:
        """Largest difference of yearly income that raises no flag: the floor or the percentage, whichever is more."""
        return max(
            self.income_tolerance_floor_fen,
            Rounding.DOWN.divide(declared_year_fen * self.income_tolerance_percent, 100),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What follows a report (核对报告)."""

    objection_days: Annotated[int, Rule("R-075", least=1)]
    """Calendar days in which the family may object to the results."""
    recheck_workdays: Annotated[int, Rule("R-075", least=1)]
    """Working days for the re-examination of an objection."""
    valid_days: Annotated[int, Rule("R-080", least=1)]
    """Calendar days for which a report may carry a decision."""
