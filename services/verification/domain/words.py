"""Texts that people read, Chinese first and English second, and the English names of shared codes."""

from __future__ import annotations

from typing import NamedTuple

from contracts.vocabulary import Agency, Conclusion, Finding, FlagCode, Outcome, Reason, Relation, Severity, Word


class Text(NamedTuple):
    zh: str
    en: str


class Step(NamedTuple):
    """One line of an arithmetic that can be redone on paper. A deduction has a negative amount."""

    label: Text
    amount_fen: int
    basis: str
    """Where the amount comes from: `declaration`, an agency, `review:<code>`, `policy` or `sum`."""
    member_id: str = ""
    """Empty where the line speaks of the household."""


_ENGLISH: dict[Word, str] = {
    Agency.PUBLIC_SECURITY: "Public security (household registration)",
    Agency.VEHICLE: "Traffic police (motor vehicles)",
    Agency.TAX: "Tax",
    Agency.HOUSING: "Housing and real estate",
    Agency.BANK: "Banks",
    Agency.SECURITIES: "Securities",
    Agency.INSURANCE: "Insurance",
    Agency.HOUSING_FUND: "Housing fund",
    Agency.SOCIAL_INSURANCE: "Social insurance",
    Agency.MARKET_REGISTRATION: "Market regulation",
    Agency.AGRICULTURAL_MACHINERY: "Agricultural machinery",
    Agency.DISABLED_FEDERATION: "Disabled persons' federation",
    Agency.CIVIL_AFFAIRS: "Civil affairs",
    Agency.POVERTY_REGISTER: "Anti-poverty register",
    Outcome.ANSWERED: "Answered",
    Outcome.SILENT: "No answer",
    Outcome.INVALID: "Invalid answer",
    Reason.NONE: "None",
    Reason.LATE: "Late",
    Reason.ERROR: "Interface error",
    Reason.REFUSED: "Refused",
    Reason.NOT_CONNECTED: "Not connected",
    Reason.CONSENT_WITHDRAWN: "Consent withdrawn",
    Reason.MALFORMED: "Malformed",
    Reason.WRONG_PERSON: "About another person",
    Severity.BLOCK: "Must be verified before approval",
    Severity.CLARIFY: "Needs explanation",
    Severity.INFO: "For information",
    Finding.TRUE: "True",
    Finding.PARTLY: "Partly true",
    Finding.UNTRUE: "Untrue",
    Finding.AGENCY_WRONG: "Agency's data are wrong",
    Conclusion.NO_FLAGS: "No suspicious items found",
    Conclusion.FLAGS_OPEN: "Suspicious items to be verified",
    Conclusion.OVER_STANDARD: "Over the standard",
    Conclusion.INCOMPLETE: "Information incomplete",
    Relation.APPLICANT: "Applicant",
    Relation.SPOUSE: "Spouse",
    Relation.CHILD: "Child",
    Relation.PARENT: "Parent",
    Relation.GRANDPARENT: "Grandparent",
    Relation.GRANDCHILD: "Grandchild",
    Relation.SIBLING: "Sibling",
    Relation.OTHER_SUPPORTED: "Other supported member",
    FlagCode.REG_01: "No such person in the register, or name and number do not match",
    FlagCode.REG_02: "Persons of the same household register not declared",
    FlagCode.LIFE_01: "Deceased or registration cancelled",
    FlagCode.LIFE_02: "Cremation record",
    FlagCode.MAR_01: "Marriage differs from the declaration",
    FlagCode.INC_01: "Taxed income above the declaration",
    FlagCode.INC_02: "Pension or unemployment benefit not declared",
    FlagCode.INC_03: "Housing-fund base implies a wage above the declaration",
    FlagCode.INC_04: "Declared unemployed, insured through an employer",
    FlagCode.AST_01: "Deposits over the limit",
    FlagCode.AST_02: "Large payments out within half a year",
    FlagCode.AST_03: "Securities and funds over the limit",
    FlagCode.AST_04: "Insurance cash value over the limit",
    FlagCode.AST_05: "Two or more residences",
    FlagCode.AST_06: "Shop, office or parking space",
    FlagCode.AST_07: "Residence acquired within three years",
    FlagCode.AST_08: "Motor vehicle",
    FlagCode.AST_09: "Vessel or large agricultural machine",
    FlagCode.BUS_01: "Legal representative, executive or shareholder of a company",
    FlagCode.BUS_02: "Registered as sole trader",
    FlagCode.DUP_01: "Already receives dibao or tekun",
    FlagCode.DIS_01: "Disability grade differs, or certificate missing or expired",
    FlagCode.POV_01: "Differs from the anti-poverty register",
}


def text_of(word: Word) -> Text:
    """Both labels of a shared code; the code itself where English has no better word."""
    return Text(word.label, _ENGLISH.get(word, str(word)))
