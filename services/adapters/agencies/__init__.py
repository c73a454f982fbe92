"""The fourteen agencies, one file each: how each is asked and understood, written out."""

from __future__ import annotations

from contracts.vocabulary import Agency
from services.adapters.agencies import (
    agricultural_machinery,
    bank,
    civil_affairs,
    disabled_federation,
    housing,
    housing_fund,
    insurance,
    market_registration,
    poverty_register,
    public_security,
    securities,
    social_insurance,
    tax,
    vehicle,
)
from services.adapters.domain.agency import AgencyDesk

REGISTRY: dict[Agency, AgencyDesk] = {
    Agency.PUBLIC_SECURITY: public_security.DESK,
    Agency.VEHICLE: vehicle.DESK,
    Agency.TAX: tax.DESK,
    Agency.HOUSING: housing.DESK,
    Agency.BANK: bank.DESK,
    Agency.SECURITIES: securities.DESK,
    Agency.INSURANCE: insurance.DESK,
    Agency.HOUSING_FUND: housing_fund.DESK,
    Agency.SOCIAL_INSURANCE: social_insurance.DESK,
    Agency.MARKET_REGISTRATION: market_registration.DESK,
    Agency.AGRICULTURAL_MACHINERY: agricultural_machinery.DESK,
    Agency.DISABLED_FEDERATION: disabled_federation.DESK,
    Agency.CIVIL_AFFAIRS: civil_affairs.DESK,
    Agency.POVERTY_REGISTER: poverty_register.DESK,
}
