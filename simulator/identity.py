"""Resident ids of the synthetic population: region prefix 99, and the person's number written inside.

A person's number is `household number * 8 + slot`; its seven digits stand as the four region digits after 99 and the
three order digits. The slot's parity is the person's gender, so the seventeenth digit is right by construction.
"""

from __future__ import annotations

from datetime import date

from contracts.values import check_sign

REGION_PREFIX = "99"
SLOTS = 8
HOUSEHOLDS = 10_000_000 // SLOTS
"""Household numbers run from 0 to this, exclusive."""
SANDBOX_FROM = HOUSEHOLDS - 1_000
"""The last thousand household numbers are the sandbox: number `SANDBOX_FROM + n` has the behaviour listed under n."""


def citizen_id(person_no: int, born_on: date) -> str:
    """The id of a person with this number and birth date."""
    region, order = divmod(person_no, 1_000)
    first_17 = f"{REGION_PREFIX}{region:04d}{born_on.year:04d}{born_on.month:02d}{born_on.day:02d}{order:03d}"
    return first_17 + check_sign(first_17)


def person_no(id_number: str) -> int | None:
    """The number written in an id, or None where the text is no id of this population."""
    if len(id_number) != 18 or not id_number.startswith(REGION_PREFIX) or not id_number.isascii():
        return None
    digits = id_number[2:6] + id_number[14:17]
    return int(digits) if digits.isdigit() else None


def region_of(household_no: int) -> str:
    """The six-digit division in which the household's first slot is numbered."""
    return f"{REGION_PREFIX}{household_no * SLOTS // 1_000:04d}"
