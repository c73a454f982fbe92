"""How sealed contents are written: households, arrivals, flags, resolutions, reports.

JSON within, typed on the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import zstandard

from contracts.events.intake import People
from contracts.values import CitizenId, PersonName
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


_HOUSEHOLD = msgspec.json.Decoder(_Household)
_REPLIES = msgspec.json.Decoder(list[Reply])
_FLAG = msgspec.json.Decoder(Flag)
_RESOLUTION = msgspec.json.Decoder(Resolution)
_JSON = msgspec.json.Encoder()
_PACK = zstandard.ZstdCompressor(level=1)
_UNPACK = zstandard.ZstdDecompressor()
_REPORT_MAX = 2_000_000


def file_household(household: Household, private: People, plan: tuple[Question, ...]) -> bytes:
    people = [(one.member_id, one.name, one.citizen_id) for one in private.people]
    return _JSON.encode(_Household(household, people, plan))


def people_of(private: People) -> dict[str, Person]:
    """Who the members are, by member id."""
    return {one.member_id: Person(PersonName(one.name), CitizenId(one.citizen_id)) for one in private.people}


def unfile_household(content: bytes) -> Filed:
    filed = _HOUSEHOLD.decode(content)
    people = {member_id: Person(PersonName(name), CitizenId(number)) for member_id, name, number in filed.people}
    return Filed(filed.household, people, filed.plan)


def file_replies(replies: Sequence[Reply]) -> bytes:
    return _JSON.encode(replies)


def unfile_replies(content: bytes) -> list[Reply]:
    return _REPLIES.decode(content)


def file_flag(flag: Flag) -> bytes:
    return _JSON.encode(flag)


def unfile_flag(content: bytes) -> Flag:
    return _FLAG.decode(content)


def file_resolution(resolution: Resolution) -> bytes:
    return _JSON.encode(resolution)


def unfile_resolution(content: bytes) -> Resolution:
    return _RESOLUTION.decode(content)


def pack(report: bytes) -> bytes:
    return _PACK.compress(report)


def unpack(packed: bytes) -> bytes:
    return _UNPACK.decompress(packed, max_output_size=_REPORT_MAX)


def plain(content: bytes) -> Any:
    """A report's content as plain values."""
    return msgspec.json.decode(content)
