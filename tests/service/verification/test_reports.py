"""Reports as anybody may check them: content, canonical hash, signature, versions."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, timedelta

import pytest

from contracts.findings import MotorVehicle, SocialBenefit
from contracts.vocabulary import Agency, ItemKind
from services.verification.domain.signing import is_signed
from tests.service.verification.conftest import DEADLINE, Verification
from tests.service.verification.world import NOW, an_answer, an_application, answers, together

A_CAR = MotorVehicle(type="car", registered_on=date(2020, 1, 1), value_fen=5_000_000, plate_mask="黑F****1")


async def test_hash_and_signature_can_be_checked_from_the_answer_alone(verification: Verification) -> None:
    facts = [an_application() for _ in range(3)]
    opened = [await verification.open(fact) for fact in facts]
    await verification.hear(*together([one for event in opened for one in answers(event)]))
    desk = verification.desk()
    for event in await verification.reports():
        shown = (await desk.get(f"/reports/{event.report_id}")).json()
        spelled = json.dumps(shown["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hashlib.sha256(spelled).digest()
        assert digest.hex() == shown["content_hash"] == event.content_hash
        signature = shown["signature"]
        hashes = base64.b64decode(signature["hashes"])
        place = signature["place"]
        assert hashes[place * 32 : place * 32 + 32] == digest
        public_key, signed = base64.b64decode(signature["public_key"]), base64.b64decode(signature["signature"])
        assert is_signed(public_key, hashes, signed)
        forged = bytearray(hashes)
        forged[place * 32] ^= 1
        assert not is_signed(public_key, bytes(forged), signed)


@pytest.mark.policy("R-077")
@pytest.mark.policy("R-080")
async def test_the_content_shows_the_three_conditions_the_arithmetic_and_the_law(verification: Verification) -> None:
    fact = an_application(declaration=[(ItemKind.WAGE, 1_200_000)])
    opened = await verification.open(fact)
    await verification.hear(
        *answers(
            opened, {(Agency.SOCIAL_INSURANCE, 1): [SocialBenefit(type="employee_pension", monthly_amount_fen=20_000)]}
        )
    )
    (event,) = await verification.reports()
    shown = (await verification.desk().get(f"/reports/{event.report_id}")).json()
    content = shown["content"]
    assert {name: part["verdict"] for name, part in content["conditions"].items()} == {
        "registration": "met",
        "income": "met",
        "property": "met",
    }
    amounts = [step["amount_fen"] for step in content["income"]["arithmetic"]]
    assert amounts == [1_200_000, 240_000, 1_440_000, -372_000, 1_068_000, 44_500]
    assert content["policy"]["pack"] == event.policy_pack
    assert "income.standard_urban_fen" in content["policy"]["assumed"]
    assert [member["citizen_id"] for member in content["members"]] == [
        "9901************" + one.citizen_id[-2:] for one in fact.private.people
    ]
    cells = sum(len(row["members"]) for row in content["coverage"]["answers"])
    assert cells == content["coverage"]["asked"] == sum(len(ask.member_ids) for ask in opened.plan)
    assert shown["income_per_head_month_fen"] == event.income_per_head_month_fen == 44_500
    assert "report.read" in await verification.acts()


async def test_every_version_stays_readable(verification: Verification) -> None:
    fact = an_application()
    opened = await verification.open(fact)
    await verification.hear(*answers(opened, but=[Agency.VEHICLE]))
    verification.clock.at = NOW + DEADLINE
    await verification.ring()
    verification.clock.at += timedelta(hours=1)
    await verification.hear(an_answer(opened, Agency.VEHICLE, {(Agency.VEHICLE, 0): [A_CAR]}))
    desk = verification.desk()
    versions = (await desk.get(f"/reports?application_id={fact.application_id}")).json()["data"]
    assert [(one["version"], one["is_partial"]) for one in versions] == [(1, True), (2, False)]
    assert versions[1]["supersedes"] == versions[0]["report_id"]
    for one in versions:
        shown = (await desk.get(f"/reports/{one['report_id']}")).json()
        assert shown["content"]["version"] == one["version"]
        assert shown["content"]["number"] == one["number"]


async def test_a_check_tells_whom_it_waits_for(verification: Verification) -> None:
    fact = an_application()
    opened = await verification.open(fact)
    await verification.hear(*answers(opened, but=[Agency.VEHICLE]))
    desk = verification.desk()
    shown = (await desk.get(f"/checks/{opened.check_id}")).json()
    assert [one["code"] for one in shown["agencies"] if one["state"] == "waiting"] == ["vehicle"]
    assert shown["state"] == "open"
    listed = (await desk.get(f"/checks?application_id={fact.application_id}")).json()["data"]
    assert listed == [shown]
