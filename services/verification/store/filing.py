"""How sealed contents are written: households, arrivals, flags, resolutions, reports.

JSON within, typed on the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import orjson
import zstandard
from pydantic import Field, TypeAdapter

from contracts.events.intake import People
from contracts.findings import Record
from contracts.values import CitizenId, PersonName
from contracts.vocabulary import Agency, Outcome, Reason
from services.verification.domain.flags import Flag
from services.verification.domain.household import Household, Question
from services.verification.domain.merge import Reply
from services.verification.domain.report import Person
from services.verification.domain.review import Resolution


class Filed(NamedTuple):
    """A household with who its members are and whom the plan asks about whom."""

    household: Household
    people: dict[str, Person]
    plan: tuple[Question, ...]


class _Household(NamedTuple):
    household: Household
    people: list[tuple[str, str, str]]
    plan: tuple[Question, ...]


class _Reply(NamedTuple):
    """A reply, with how records are told apart."""

    agency: Agency
    as_of: datetime | None
    leaf_hash: str
    answered: tuple[str, ...]
    others: tuple[tuple[str, Outcome, Reason], ...]
    records: dict[str, tuple[Annotated[Record, Field(discriminator="kind")], ...]]


_HOUSEHOLD: TypeAdapter[_Household] = TypeAdapter(_Household)
_REPLIES: TypeAdapter[list[_Reply]] = TypeAdapter(list[_Reply])
_FLAG: TypeAdapter[Flag] = TypeAdapter(Flag)
_RESOLUTION: TypeAdapter[Resolution] = TypeAdapter(Resolution)
_PACK = zstandard.ZstdCompressor(level=1)
_UNPACK = zstandard.ZstdDecompressor()
_REPORT_MAX = 2_000_000


def file_household(household: Household, private: People, plan: tuple[Question, ...]) -> bytes:
    """As `_Household` is read, at half the price of writing it through pydantic."""
    return orjson.dumps(
        (
            {
                "application_id": household.application_id,
                "office": household.office,
                "region": household.region,
                "aid": household.aid,
                "area": household.area,
                "accepted_on": household.accepted_on,
                "members": [tuple(member) for member in household.members],
                "declaration": [tuple(item) for item in household.declaration],
            },
            [(one.member_id, one.name, one.citizen_id) for one in private.people],
            [tuple(question) for question in plan],
        )
    )


def people_of(private: People) -> dict[str, Person]:
    """Who the members are, by member id."""
    return {one.member_id: Person(PersonName(one.name), CitizenId(one.citizen_id)) for one in private.people}


def unfile_household(content: bytes) -> Filed:
    filed = _HOUSEHOLD.validate_json(content)
    people = {member_id: Person(PersonName(name), CitizenId(number)) for member_id, name, number in filed.people}
    return Filed(filed.household, people, filed.plan)


def file_replies(replies: Sequence[Reply]) -> bytes:
    return orjson.dumps([tuple(reply) for reply in replies])


def unfile_replies(content: bytes) -> list[Reply]:
    return [Reply(*reply) for reply in _REPLIES.validate_json(content)]


def file_flag(flag: Flag) -> bytes:
    return _FLAG.dump_json(flag)


def unfile_flag(content: bytes) -> Flag:
    return _FLAG.validate_json(content)


def file_resolution(resolution: Resolution) -> bytes:
    return _RESOLUTION.dump_json(resolution)


def unfile_resolution(content: bytes) -> Resolution:
    return _RESOLUTION.validate_json(content)


def pack(report: bytes) -> bytes:
    return _PACK.compress(report)


def unpack(packed: bytes) -> bytes:
    return _UNPACK.decompress(packed, max_output_size=_REPORT_MAX)


def plain(content: bytes) -> Any:
    """A report's content as plain values."""
    return orjson.loads(content)
