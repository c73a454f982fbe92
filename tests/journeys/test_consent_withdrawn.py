"""Consent withdrawn while agencies are asked: nobody asks about that member any more, answers under way stay sealed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contracts.vocabulary import Agency
from deploy.demo.township import Receipt
from simulator.identity import person_no
from tests.journeys.county import County
from tests.journeys.patience import until
from tests.journeys.test_ground_truth import is_adult

SLOW, FAILING = Agency.TAX, Agency.VEHICLE
"""One is answering while the consent is withdrawn; the other fails about this member and is asked again and again."""
SLOW_MS = 7_000
AT_MOST_AFTER = timedelta(seconds=1)


async def test_nobody_is_asked_after_the_withdrawal_and_the_answer_under_way_is_quarantined(county: County) -> None:
    (household,) = await county.households(1, lambda application: len(adults_of(county, application)) >= 2)
    member, *others = adults_of(county, household["application"])[::-1]
    number = person_no(member["citizen_id"])
    await county.outside.put_fault(SLOW, "slow", citizen_id=member["citizen_id"], ms=SLOW_MS)
    await county.outside.put_fault(FAILING, "server_error", citizen_id=member["citizen_id"])
    (receipt,) = [one async for one in county.township.submit([household])]

    async def asked_about_member(agency: Agency, times: int) -> bool:
        calls = await calls_about(county, receipt, agency)
        return sum(number in call["asked"][receipt.application_id] for call in calls) >= times

    await until(lambda: asked_about_member(SLOW, 1), "the slow agency holds the question")
    await until(lambda: asked_about_member(FAILING, 2), "the failing agency was asked again")
    took_effect = await withdraw(county, receipt, household["application"]["members"].index(member))
    await county.await_version([receipt.application_id], 1)

    for call in await calls_about(county, receipt):
        if number in call["asked"][receipt.application_id]:
            assert datetime.fromisoformat(call["at"]) <= took_effect + AT_MOST_AFTER
    asked_last = (await calls_about(county, receipt, FAILING))[-1]["asked"][receipt.application_id]
    assert set(asked_last) == {person_no(other["citizen_id"]) for other in others}

    (line,) = await county.versions(receipt.application_id)
    report = (await county.caseworker.report(line["report_id"]))["content"]
    place = household["application"]["members"].index(member)
    member_id = report["members"][place]["member_id"]
    outcomes = {
        (answer["agency"]["code"], each): (answer["outcome"], answer.get("reason"))
        for answer in report["coverage"]["answers"]
        for each in answer["members"]
    }
    for agency in (SLOW, FAILING):
        assert outcomes.pop((agency, member_id)) == ("silent", "consent_withdrawn")
    assert {outcome for outcome, _ in outcomes.values()} == {"answered"}
    assert report["coverage"]["is_partial"]

    quarantined = await county.rows(
        "adapters",
        "select details::jsonb ->> 'agency' as agency, details::jsonb ->> 'members' as members"
        " from audit where act = 'answer.quarantined' and subject = $1",
        line["check_id"],
    )
    assert quarantined == [{"agency": SLOW, "members": "1"}]


def adults_of(county: County, application: dict[str, Any]) -> list[dict[str, Any]]:
    """The applicant first; everybody registered under the number that stands in the application."""
    return [one for one in application["members"] if is_adult(one["citizen_id"], county.clock.today())]


async def calls_about(county: County, receipt: Receipt, agency: Agency | None = None) -> list[dict[str, Any]]:
    """What agencies wrote down about the household, oldest first."""
    return [call for call in await county.outside.calls(agency) if receipt.application_id in call["asked"]]


async def withdraw(county: County, receipt: Receipt, place: int) -> datetime:
    """One member's consent is taken back; the instant, in real time, at which adapters recorded it."""
    application = f"{county.platform.url('intake')}/intake/v1/applications/{receipt.application_id}"
    shown = await county.client.get(application, headers=county.bearer("township_clerk"))
    member_id = shown.json()["members"][place]["member_id"]
    answer = await county.client.post(
        f"{application}/consents/{member_id}/withdrawal",
        headers={**county.bearer("township_clerk"), "Idempotency-Key": f"{county.run}-withdrawal"},
    )
    assert answer.status_code == 202

    async def recorded() -> list[dict[str, Any]]:
        return await county.rows(
            "adapters",
            "select withdrawn_at from consent_withdrawn where application_id = $1 and member_id = $2",
            receipt.application_id,
            member_id,
        )

    (row,) = await until(recorded, "adapters know of the withdrawal")
    at: datetime = row["withdrawn_at"]
    return at - (county.clock.now() - datetime.now(at.tzinfo))
