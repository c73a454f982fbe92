"""Reserved households whose behaviour is known by their number: for integrators, demonstrations and tests.

Sandbox number n is household `SANDBOX_FROM + n`. Numbers left out of the table behave as the number's draw makes them:
clean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from contracts.findings import DisabilityCertificate, Marriage, Registration, SocialBenefit
from contracts.vocabulary import Agency, Area, Employment, FlagCode, ItemKind
from simulator.family import Household
from simulator.faults import Fault, FaultKind
from simulator.identity import SANDBOX_FROM, SLOTS


def _bare(household: Household) -> None:
    """Nobody owns, earns or has a certificate: only registration, marriage and a declared pension remain."""
    for person in household.members:
        for agency, records in list(person.facts.items()):
            person.facts[agency] = [r for r in records if isinstance(r, Registration | Marriage | SocialBenefit)]
        person.disability_grade = None
        person.seriously_ill = False
        if person.is_adult and not person.is_elder:
            person.employment = Employment.UNEMPLOYED
            person.facts[Agency.SOCIAL_INSURANCE] = []
    elders = {person.index for person in household.members if person.is_elder}
    household.items = [item for item in household.items if item.kind is ItemKind.PENSION and item.member in elders]


def _all_fourteen(household: Household) -> None:
    """A rural family with a declared disability, so that every agency has a reason to be asked."""
    _bare(household)
    applicant = household.members[0]
    applicant.disability_grade = 3
    certificate = DisabilityCertificate(type="physical", grade=3, valid_until=date(2036, 12, 31))
    applicant.facts[Agency.DISABLED_FEDERATION] = [certificate]


@dataclass(frozen=True, slots=True)
class Special:
    """One reserved household."""

    meaning: str
    area: Area = Area.RURAL
    shape: str = "AS"
    arrange: Callable[[Household], None] = _bare
    plants: tuple[tuple[FlagCode, int], ...] = ()
    """Codes and the member who carries each."""
    faults: tuple[tuple[Agency, FaultKind, int, int | None], ...] = ()
    """Agency, fault, milliseconds and how many times; they befall questions about the applicant."""
    consent_missing: tuple[int, ...] = ()


SANDBOX: dict[int, Special] = {
    1: Special("clean; all fourteen agencies answer", shape="ASc", arrange=_all_fourteen),
    2: Special("a car", plants=((FlagCode.AST_08, 0),)),
    3: Special("deposits over the limit", plants=((FlagCode.AST_01, 0),)),
    4: Special("declared unemployed, insured by an employer", plants=((FlagCode.INC_04, 0),)),
    5: Special("undeclared sole trader", plants=((FlagCode.BUS_02, 0),)),
    6: Special("a large farm machine", plants=((FlagCode.AST_09, 0),)),
    7: Special("a second home", plants=((FlagCode.AST_05, 0),)),
    10: Special("dead in the register, alive to the pension fund", shape="AP", plants=((FlagCode.LIFE_01, 1),)),
    11: Special(
        "vehicle register answers about another person of that name",
        faults=((Agency.VEHICLE, FaultKind.WRONG_PERSON, 0, None),),
    ),
    20: Special("tax never answers", faults=((Agency.TAX, FaultKind.SILENT, 0, None),)),
    21: Special("housing fails once, then answers", faults=((Agency.HOUSING, FaultKind.SERVER_ERROR, 0, 1),)),
    22: Special("insurance needs 30 seconds", faults=((Agency.INSURANCE, FaultKind.SLOW, 30_000, None),)),
    23: Special("securities answers in a broken form", faults=((Agency.SECURITIES, FaultKind.MALFORMED, 0, None),)),
    24: Special("bank says accounts exist and lists none", faults=((Agency.BANK, FaultKind.EMPTY, 0, None),)),
    30: Special("an adult has not consented", consent_missing=(1,)),
}


def sandbox_faults() -> list[Fault]:
    """The faults built into the reserved households; the first slot of either gender may be the applicant's."""
    return [
        Fault(agency=agency, kind=kind, person_no=(SANDBOX_FROM + number) * SLOTS + slot, ms=ms, times=times)
        for number, special in SANDBOX.items()
        for agency, kind, ms, times in special.faults
        for slot in (0, 1)
    ]
