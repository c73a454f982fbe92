"""Field types of the bodies intake takes. Each refuses with a stable code and never repeats what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetPydanticSchema, StringConstraints
from pydantic_core import core_schema

from chassis.faults import Fault
from contracts.values import CitizenId, PersonName, PhoneNumber, holds_resident_id

GUARDIAN = "guardian"
"""Stands for a guardian who does not belong to the household."""

_ID_FAULTS = {
    "format": (
        "应为18位半角数字，末位可为大写X。",
        "18 plain digits, of which the last may be a capital X.",
    ),
    "check_digit": ("公民身份号码校验码不正确。", "The check sign of the resident identity number is wrong."),
    "birth_date": ("公民身份号码中的出生日期不存在。", "The resident identity number holds no real birth date."),
}


def _citizen_id(text: str) -> CitizenId:
    try:
        return CitizenId.parse(text)
    except ValueError as fault:
        code = str(fault)
        raise Fault(code, *_ID_FAULTS[code]) from None


def _opaque(text: str) -> str:
    """A word of the sender's that stays in clear: it must not hold a resident id."""
    if holds_resident_id(text):
        raise Fault("personal_number", "此处不得填写公民身份号码。", "No resident identity number belongs here.")
    return text


def _not_the_guardian(ref: str) -> str:
    if ref == GUARDIAN:
        raise Fault("reserved", "该代号为保留字。", "This ref is a reserved word.")
    return ref


def _read(take: Callable[[str], Any], **limits: Any) -> GetPydanticSchema:
    """Reads a text into what `take` makes of it; in the published contract it is a plain string."""
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_after_validator_function(take, core_schema.str_schema(**limits))
    )


# No digit of any script, no control or format sign, no blank at either end; rare characters and the middle dot pass.
_NAME = r"^[^\p{Cc}\p{Cf}\p{Nd}\s](?:[^\p{Cc}\p{Cf}\p{Nd}]{0,48}[^\p{Cc}\p{Cf}\p{Nd}\s])?$"

CitizenIdField = Annotated[
    CitizenId,
    _read(_citizen_id, max_length=32),
    Field(description="18 signs, GB 11643; the last may be a capital X", examples=["990101196001010019"]),
]
NameField = Annotated[PersonName, _read(PersonName, pattern=_NAME, max_length=50)]
FileName = Annotated[PersonName, _read(PersonName, pattern=r"^[^\p{Cc}\p{Cf}/\\]{1,120}$", max_length=120)]
PhoneField = Annotated[PhoneNumber, _read(PhoneNumber, pattern=r"^\+?[0-9](?:[0-9-]{3,18}[0-9])$", max_length=20)]

_REF = StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$", max_length=32)
MemberRef = Annotated[str, _REF, AfterValidator(_opaque), AfterValidator(_not_the_guardian)]
"""The sender's word for a member where it is given: unique in its application, and not the word for a guardian."""
Ref = Annotated[str, _REF]
"""The same where a member is meant. What names no member is refused as such, and kept nowhere."""
ExternalRef = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$", max_length=64), AfterValidator(_opaque)
]
Region = Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{6}|[0-9]{9})$", max_length=9)]
"""Division code of a county (6 digits) or township (9)."""
OfficePath = Annotated[str, StringConstraints(pattern=r"^cn/(?:[0-9]{2,9}/){1,6}$", max_length=70)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Committee = Annotated[
    str, StringConstraints(pattern=r"^[^\p{Cc}\p{Cf}\s]{2,60}$", max_length=60), AfterValidator(_opaque)
]
AmountFen = Annotated[int, Field(ge=0, le=1_000_000_000_000, description="Whole fen (1/100 yuan)")]
