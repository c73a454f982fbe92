"""Decisions and certificates as approval says them: its own events, sealed under its own keys, on its own topic."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from chassis.clock import CHINA
from chassis.ids import new_event_id
from chassis.kafka import Outcome, Speaker
from chassis.sealing import Keyring
from chassis.site import Site
from chassis.wire import Codec, Record
from contracts.events.approval import SAYS, Beneficiary, CertificateIssued, DecisionMade, Payee
from contracts.values import Month, check_sign
from contracts.vocabulary import Aid, Area
from deploy.bench.pipeline import TOWNSHIP
from deploy.demo.papers import card_of
from deploy.local.platform import LocalPlatform

_COUNTY_CODE = "230799"
_SENT_TOGETHER = 4_000
_GROUPS: tuple[list[str], ...] = ([], [], ["elderly"], ["minor"], ["seriously_ill", "elderly"])


class Approvals:
    """Speaks in approval's place for a month's roster; everybody is drawn from a seed."""

    def __init__(self, platform: LocalPlatform, roster: Month, seed: int = 1) -> None:
        site = Site.model_validate_json(platform.site_file("approval").read_bytes())
        rings = {topic: Keyring.of(ring) for topic, ring in site.keys.wire.items()}
        self._codec = Codec(rings, SAYS, ())
        self._speaker = Speaker(site.kafka, client_id="bench")
        self._month = roster.plus(-1).first_day
        self._draw = random.Random(seed)

    def records(self, households: int) -> list[Record]:
        """A decision and a certificate of each household, in this order."""
        return [
            self._codec.encode(event, _trace(number)) for number in range(households) for event in self._said_of(number)
        ]

    async def say(self, records: list[Record]) -> None:
        """On the topic when it returns."""
        try:
            for start in range(0, len(records), _SENT_TOGETHER):
                outcomes = await self._speaker.send(records[start : start + _SENT_TOGETHER])
                if any(outcome is not Outcome.SENT for outcome in outcomes):
                    raise RuntimeError("the broker did not take every decision")
        finally:
            await self._speaker.stop()

    def _said_of(self, number: int) -> Iterator[DecisionMade | CertificateIssued]:
        confirmed_on = self._month + timedelta(days=1)
        decision_hash = hashlib.sha256(f"bench decision {number}".encode()).hexdigest()
        case_id, application_id = f"case_{number:032x}", f"app_{number:032x}"
        yield DecisionMade(
            event_id=new_event_id(),
            occurred_at=_morning(confirmed_on),
            case_id=case_id,
            application_id=application_id,
            office=TOWNSHIP,
            region=_COUNTY_CODE,
            aid=Aid.DIBAO,
            case_version=1,
            decision="approved",
            reason="conditions_met",
            decided_on=confirmed_on,
            report_id=f"rep_{number:032x}",
            report_version=1,
            decision_hash=decision_hash,
        )
        citizen_id = _citizen_id(number)
        heads = self._draw.randint(1, 4)
        yield CertificateIssued(
            event_id=new_event_id(),
            occurred_at=_morning(confirmed_on + timedelta(days=8)),
            certificate_id=f"cert_{number:032x}",
            case_id=case_id,
            application_id=application_id,
            office=TOWNSHIP,
            region=_COUNTY_CODE,
            aid=Aid.DIBAO,
            area=self._draw.choice((Area.URBAN, Area.RURAL)),
            case_version=1,
            decision_hash=decision_hash,
            confirmed_on=confirmed_on,
            publicity_ended_on=confirmed_on + timedelta(days=7),
            household_income_month_fen=self._draw.randrange(40_000) * heads,
            members=[
                Beneficiary(
                    member_id=f"m{place}",
                    person_key=hashlib.sha256(f"bench person {number} {place}".encode()).hexdigest(),
                    supplement_groups=self._draw.choice(_GROUPS),
                )
                for place in range(heads)
            ],
            policy_pack="bench",
            private=Payee(member_id="m0", name="某某", citizen_id=citizen_id, account=card_of(citizen_id)),
        )


def _trace(number: int) -> str:
    """One household in a hundred leaves a trace."""
    return f"00-{number + 1:032x}-{number + 1:016x}-{'01' if number % 100 == 0 else '00'}"


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=CHINA)


def _citizen_id(number: int) -> str:
    first = f"99{number // 1_000:04d}19600101{number % 1_000:03d}"
    return first + check_sign(first)
