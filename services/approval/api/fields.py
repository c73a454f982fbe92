"""Field types of the bodies approval takes. Each refuses with a stable code and never repeats what was sent."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetPydanticSchema, StringConstraints
from pydantic_core import core_schema

from chassis.faults import Fault
from contracts.values import AccountNumber, CitizenId, PersonName, holds_resident_id, is_card_number

# Whole words only: opaque ids are hexadecimal, and long runs of digits occur in them by chance.
_CARD = re.compile(r"(?<![0-9A-Za-z])[0-9]{16,19}(?![0-9A-Za-z])")
_ID_FAULTS = {
    "format": ("应为18位半角数字，末位可为大写X。", "18 plain digits, of which the last may be a capital X."),
    "check_digit": ("公民身份号码校验码不正确。", "The check sign of the resident identity number is wrong."),
    "birth_date": ("公民身份号码中的出生日期不存在。", "The resident identity number holds no real birth date."),
}


def _citizen_id(text: str) -> CitizenId:
    try:
        return CitizenId.parse(text)
    except ValueError as fault:
        code = str(fault)
        raise Fault(code, *_ID_FAULTS[code]) from None


def _account(text: str) -> AccountNumber:
    if not is_card_number(text):
        raise Fault("card_number", "应为16至19位有效卡号。", "A card number of 16 to 19 digits, the last one right.")
    return AccountNumber(text)


def _opaque(text: str) -> str:
    """A word that stays in clear: it must not hold a resident id or a card number."""
    if holds_resident_id(text):
        raise Fault("personal_number", "此处不得填写公民身份号码。", "No resident identity number belongs here.")
    if any(is_card_number(digits) for digits in _CARD.findall(text)):
        raise Fault("personal_number", "此处不得填写银行卡号。", "No card number belongs here.")
    return text


def _masked(read: Any, **limits: Any) -> GetPydanticSchema:
    """Reads a text into a masked value; in the published contract it is a plain string."""
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_after_validator_function(read, core_schema.str_schema(**limits))
    )


_NAME = r"^[^\p{Cc}\p{Cf}\p{Nd}\s](?:[^\p{Cc}\p{Cf}\p{Nd}]{0,48}[^\p{Cc}\p{Cf}\p{Nd}\s])?$"

NameField = Annotated[PersonName, _masked(PersonName, pattern=_NAME, max_length=50)]
CitizenIdField = Annotated[CitizenId, _masked(_citizen_id, max_length=32), Field(description="18 signs, GB 11643")]
AccountField = Annotated[
    AccountNumber, _masked(_account, max_length=32), Field(description="16 to 19 digits with a Luhn check digit")
]
MemberId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$", max_length=64)]
OfficerId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._:/-]{0,127}$", max_length=128), AfterValidator(_opaque)
]
"""A person's name in this system, as their token has it."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Place = Annotated[str, StringConstraints(pattern=r"^[^\p{Cc}\p{Cf}\s]{2,60}$", max_length=60), AfterValidator(_opaque)]
Note = Annotated[str, StringConstraints(max_length=2000)]
OfficePath = Annotated[str, StringConstraints(pattern=r"^cn/(?:[0-9]{2,9}/){1,6}$", max_length=70)]
MonthFen = Annotated[int, Field(ge=0, le=10_000_000_000, description="Whole fen (1/100 yuan) a month")]
