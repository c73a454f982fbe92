"""Review: how a caseworker closes a flag, once, with the applicant heard and the papers kept (R-069, R-070, R-071)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from contracts.vocabulary import Agency, Finding, FlagCode
from policies.model import Policy
from services.verification.domain.flags.flag import Flag, next_flag_id
from services.verification.domain.rulings import Ruling
from services.verification.domain.words import Text

_SPACE: Final = uuid.UUID("0c2f6c1e-3f8e-5f59-8a0e-0f6f4f1d9b12")
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
EVIDENCE_MAX: Final = 20
NOTE_MAX: Final = 2000


class Fault(StrEnum):
    """Why a resolution cannot be taken as it is."""

    ALREADY_CLOSED = "already_closed"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_INVALID = "evidence_invalid"
    FOUND_MISSING = "found_missing"
    FOUND_OUT_OF_RANGE = "found_out_of_range"
    FOUND_NOT_ASKED = "found_not_asked"
    CONTACT_IN_FUTURE = "contact_in_future"
    CONTACT_BEFORE_FLAG = "contact_before_flag"
    NOTE_TOO_LONG = "note_too_long"


FAULTS: Final[Mapping[Fault, Text]] = {
    Fault.ALREADY_CLOSED: Text("该疑点已处置", "this flag is already resolved"),
    Fault.EVIDENCE_MISSING: Text("不属实须附佐证材料", "untrue needs corroborating evidence"),
    Fault.EVIDENCE_INVALID: Text("佐证材料须给出SHA-256，至多20份", "evidence is named by SHA-256, 20 pieces at most"),
    Fault.FOUND_MISSING: Text("部分属实须填写核实数额", "partly true needs the amount found true"),
    Fault.FOUND_OUT_OF_RANGE: Text(
        "核实数额须小于部门数据且不为负", "the amount is below the agency's and not negative"
    ),
    Fault.FOUND_NOT_ASKED: Text(
        "仅部分属实的数额疑点填写核实数额", "an amount goes only with partly true, in the flag's own measure"
    ),
    Fault.CONTACT_IN_FUTURE: Text(
        "与申请人核实的时间不能晚于现在", "the contact with the applicant lies in the future"
    ),
    Fault.CONTACT_BEFORE_FLAG: Text(
        "与申请人核实须在疑点产生之后", "the contact with the applicant lies before the flag"
    ),
    Fault.NOTE_TOO_LONG: Text("说明过长", "the note is too long"),
}


class Unacceptable(Exception):
    """The resolution breaks a rule; all broken rules at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class ContactWay(StrEnum):
    """How the applicant was heard."""

    VISIT = "visit"
    OFFICE = "office"
    PHONE = "phone"
    VIDEO = "video"
    LETTER = "letter"


class Contact(NamedTuple):
    """The applicant was asked about the flag (R-069)."""

    at: datetime
    way: ContactWay


class Evidence(NamedTuple):
    """A paper in the case file, by its hash."""

    kind: str
    sha256: str


class Opinion(NamedTuple):
    """What the caseworker says about a flag."""

    finding: Finding
    contact: Contact
    evidence: tuple[Evidence, ...] = ()
    found_fen: int | None = None
    found_pieces: int | None = None
    note: str = ""


class Ticket(NamedTuple):
    """A request to an agency to correct its data."""

    ticket_id: str
    flag_id: str
    agency: Agency


class Resolution(NamedTuple):
    """A closed flag's end; it is never changed."""

    opinion: Opinion
    by: str
    at: datetime
    ticket: Ticket | None

    @property
    def ruling(self) -> Ruling:
        return Ruling(self.opinion.finding, self.opinion.found_fen, self.opinion.found_pieces)


class Standing(NamedTuple):
    """A raised flag as it stands: open, or closed by a resolution."""

    flag: Flag
    raised_at: datetime
    resolution: Resolution | None = None

    @property
    def is_open(self) -> bool:
        return self.resolution is None


def resolve(standing: Standing, opinion: Opinion, policy: Policy, *, by: str, now: datetime) -> Standing:
    """Close an open flag, once and for good (R-069, R-070, R-071). Raises Unacceptable with every broken rule."""
    flag = standing.flag
    faults = []
    if standing.resolution is not None:
        faults.append(Fault.ALREADY_CLOSED)
    if opinion.finding is Finding.UNTRUE and policy.flags.untrue_needs_evidence and not opinion.evidence:
        faults.append(Fault.EVIDENCE_MISSING)
    if len(opinion.evidence) > EVIDENCE_MAX or not all(_SHA256.match(one.sha256) for one in opinion.evidence):
        faults.append(Fault.EVIDENCE_INVALID)
    faults.extend(_measure_faults(flag, opinion))
    if opinion.contact.at > now:
        faults.append(Fault.CONTACT_IN_FUTURE)
    if opinion.contact.at < standing.raised_at:
        faults.append(Fault.CONTACT_BEFORE_FLAG)
    if len(opinion.note) > NOTE_MAX:
        faults.append(Fault.NOTE_TOO_LONG)
    if faults:
        raise Unacceptable(tuple(faults))
    ticket = None
    if opinion.finding is Finding.AGENCY_WRONG:
        ticket = Ticket("fix_" + uuid.uuid5(_SPACE, flag.flag_id).hex, flag.flag_id, flag.agency)
    return standing._replace(resolution=Resolution(opinion, by, now, ticket))


def _measure_faults(flag: Flag, opinion: Opinion) -> Iterable[Fault]:
    """Partly true names what is true, in the flag's own measure and below what the agency said.

    Nothing else names anything.
    """
    given = (opinion.found_fen, opinion.found_pieces)
    if opinion.finding is not Finding.PARTLY:
        if given != (None, None):
            yield Fault.FOUND_NOT_ASKED
        return
    for value, found in zip(given, (flag.found_fen, flag.found_pieces), strict=True):
        if found is None:
            if value is not None:
                yield Fault.FOUND_NOT_ASKED
        elif value is None:
            yield Fault.FOUND_MISSING
        elif not 0 <= value < found:
            yield Fault.FOUND_OUT_OF_RANGE


def rulings_of(standings: Iterable[Standing]) -> dict[tuple[FlagCode, str | None], Ruling]:
    """The ruling per code and member; none while any flag of that code and member is open.

    Of several the latest counts.
    """
    rulings: dict[tuple[FlagCode, str | None], Ruling] = {}
    still_open: set[tuple[FlagCode, str | None]] = set()
    latest: dict[tuple[FlagCode, str | None], datetime] = {}
    for standing in standings:
        key = (standing.flag.code, standing.flag.member_id)
        resolution = standing.resolution
        if resolution is None:
            still_open.add(key)
        elif key not in latest or resolution.at > latest[key]:
            latest[key] = resolution.at
            rulings[key] = resolution.ruling
    return {key: ruling for key, ruling in rulings.items() if key not in still_open}


class News(NamedTuple):
    """What running the rules again adds to the flags already raised."""

    raised: tuple[Flag, ...]
    """New flags."""
    restated: tuple[Flag, ...]
    """Open flags whose evidence changed."""


def settle(standings: Iterable[Standing], found: Iterable[Flag]) -> News:
    """Set the flags of a new run against those raised before: none is doubled, none disappears.

    An open flag takes over changed evidence. Evidence that changed after a flag was closed raises a new flag beside it.
    """
    known = {standing.flag.flag_id: standing for standing in standings}
    raised: list[Flag] = []
    restated: list[Flag] = []
    for flag in found:
        standing = known.get(flag.flag_id)
        while standing is not None and not standing.is_open and not _says_the_same(standing.flag, flag):
            flag = flag._replace(flag_id=next_flag_id(standing.flag.flag_id, flag.leaf_hashes))
            standing = known.get(flag.flag_id)
        if standing is None:
            raised.append(flag)
        elif standing.is_open and not _says_the_same(standing.flag, flag):
            restated.append(flag)
    return News(tuple(raised), tuple(restated))


def _says_the_same(one: Flag, other: Flag) -> bool:
    return (one.found_fen, one.found_pieces, one.found, one.leaf_hashes) == (
        other.found_fen,
        other.found_pieces,
        other.found,
        other.leaf_hashes,
    )
