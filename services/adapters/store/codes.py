"""Words of the contracts as the small numbers of this database's rows. A number once given is never given again."""

from __future__ import annotations

from contracts.vocabulary import Agency, Outcome, Reason

NUMBER_OF_AGENCY: dict[Agency, int] = {
    Agency.PUBLIC_SECURITY: 1,
    Agency.VEHICLE: 2,
    Agency.TAX: 3,
    Agency.HOUSING: 4,
    Agency.BANK: 5,
    Agency.SECURITIES: 6,
    Agency.INSURANCE: 7,
    Agency.HOUSING_FUND: 8,
    Agency.SOCIAL_INSURANCE: 9,
    Agency.MARKET_REGISTRATION: 10,
    Agency.AGRICULTURAL_MACHINERY: 11,
    Agency.DISABLED_FEDERATION: 12,
    Agency.CIVIL_AFFAIRS: 13,
    Agency.POVERTY_REGISTER: 14,
}
NUMBER_OF_OUTCOME: dict[Outcome | None, int] = {None: 0, Outcome.ANSWERED: 1, Outcome.SILENT: 2, Outcome.INVALID: 3}
NUMBER_OF_REASON: dict[Reason, int] = {
    Reason.NONE: 0,
    Reason.LATE: 1,
    Reason.ERROR: 2,
    Reason.REFUSED: 3,
    Reason.NOT_CONNECTED: 4,
    Reason.CONSENT_WITHDRAWN: 5,
    Reason.MALFORMED: 6,
    Reason.WRONG_PERSON: 7,
}

AGENCY_OF_NUMBER = {number: agency for agency, number in NUMBER_OF_AGENCY.items()}
OUTCOME_OF_NUMBER = {number: outcome for outcome, number in NUMBER_OF_OUTCOME.items()}
REASON_OF_NUMBER = {number: reason for reason, number in NUMBER_OF_REASON.items()}
