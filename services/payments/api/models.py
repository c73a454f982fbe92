"""What payments officers, signers and townships send."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.payments.domain.entitlement import EndReason

OFFICE = r"^cn/(?:[0-9]{2,9}/){1,6}$"
MONTH = r"^[0-9]{4}-(?:0[1-9]|1[0-2])$"

OfficePath = Annotated[str, Field(pattern=OFFICE, max_length=64)]
MonthText = Annotated[str, Field(pattern=MONTH, max_length=7)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class RosterIn(_In):
    """Which county's roster of which month to draw up."""

    office: OfficePath
    month: MonthText


class SignatureIn(_In):
    """What the signer saw: the roster's content hash."""

    content_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class OfficeIn(_In):
    """Which county's month."""

    office: OfficePath


class AccountIn(_In):
    """The holder's corrected social-security-card account (R-209)."""

    account: Annotated[str, Field(min_length=1, max_length=32)]


class StopIn(_In):
    """Why an entitlement ends, and on which day that happened."""

    reason: EndReason
    on: date


class NothingIn(_In):
    """An empty object."""
