"""A poison event stops its own case and no other: parked, listed without content, driven again once it can be."""

from __future__ import annotations

import base64
import json
import secrets
import signal
from typing import Any

import httpx
import msgspec

from chassis.ids import new_event_id, new_id
from chassis.kafka import partition_of
from chassis.site import KeySite
from contracts.events.adapters import AgencySilent, SilentItem
from contracts.events.intake import ApplicationSubmitted, ConsentWithdrawn
from contracts.vocabulary import Agency, Reason
from tests.journeys import records
from tests.journeys.county import County
from tests.journeys.patience import until
from tests.journeys.records import Recorded
from tests.journeys.speaking import Voice

TOPIC = "intake.application"
OTHERS = 20
SHOWN = {"id", "event_id", "topic", "key", "type", "version", "part", "problem", "attempts", "parked_at"}
"""All an operator sees of a parked event: where it came from and why it waits."""


async def test_unreadable_and_impossible_records_hold_their_own_case_while_others_flow(county: County) -> None:
    (victim,) = await county.submit(await county.households(1))
    await county.await_version([victim], 1)
    unreadable = Recorded(
        TOPIC,
        partition_of("app_unreadable", county.platform.map.topics[TOPIC].partitions),
        b"app_unreadable",
        b"\xff{no event",
        (("id", new_event_id().encode()), ("type", b"application.submitted"), ("version", b"1"), ("traceparent", b"")),
    )
    impossible = Voice(county.platform, "adapters").say(
        AgencySilent(
            event_id=new_event_id(),
            occurred_at=county.clock.now(),
            agency=Agency.TAX,
            of_partition=partition_of(victim, county.platform.map.topics["adapters.answer"].partitions),
            items=[SilentItem(check_id=new_id("chk"), application_id=victim, reason=Reason.LATE)],
        )
    )
    records.produce(county.platform, [unreadable, impossible])
    parked = await until(lambda: parked_of(county, victim), "the impossible event is parked")
    (torn,) = await until(lambda: parked_of(county, "app_unreadable"), "the unreadable record is parked")
    assert [(one["type"], one["problem"], one["attempts"]) for one in parked] == [
        ("agency.silent", "refused:check-unknown", 3)
    ]
    assert (torn["type"], torn["problem"], torn["attempts"]) == ("application.submitted", "malformed:content", 1)
    assert set(torn) == set(parked[0]) == SHOWN

    withdrawal = await county.client.post(
        f"{county.platform.url('intake')}/intake/v1/applications/{victim}/withdrawal",
        headers={**county.bearer("township_clerk"), "Idempotency-Key": f"{county.run}-withdrawal"},
    )
    assert withdrawal.status_code == 202
    others = await county.submit(await county.households(OTHERS))
    await county.await_version(others, 1)

    async def both_parked() -> list[dict[str, Any]]:
        found = await parked_of(county, victim)
        return found if len(found) == 2 else []

    first, second = await until(both_parked, "the withdrawal waits behind the impossible event")
    assert (second["type"], second["problem"]) == ("application.withdrawn", "behind")
    check = await county.caseworker.check(victim)
    assert check is not None
    assert check["state"] == "reported", "the case is held: its withdrawal has not taken effect"

    refused = await redrive(county, first)
    assert refused.status_code == 409
    assert refused.json()["code"] == "redrive-failed"
    assert await parked_of(county, victim) == [first, second], "nothing was lost by trying"


async def test_what_was_sealed_under_a_key_not_yet_known_is_driven_again_once_it_is(county: County) -> None:
    marks = records.marks(county.platform, [TOPIC])
    await county.submit(await county.households(1, lambda application: len(application["members"]) >= 2))
    (record,) = records.read(county.platform, [TOPIC], marks)
    genuine = Voice(county.platform, "intake").hear(record)
    assert isinstance(genuine, ApplicationSubmitted)
    case = renamed(genuine, new_id("app"))
    ring = KeySite(active="w2", keys={"w2": base64.b64encode(secrets.token_bytes(32)).decode()})
    ahead_of_its_listeners = Voice(county.platform, "intake", {TOPIC: ring})
    leaver = case.members[-1].member_id
    withdrawn = ConsentWithdrawn(
        event_id=new_event_id(),
        occurred_at=county.clock.now(),
        application_id=case.application_id,
        office=case.office,
        member_id=leaver,
    )
    records.produce(county.platform, [ahead_of_its_listeners.say(event) for event in (case, withdrawn)])

    async def both_parked() -> list[dict[str, Any]]:
        found = await parked_of(county, case.application_id)
        return found if len(found) == 2 else []

    first, second = await until(both_parked, "the sealed event and the one behind it")
    assert first["problem"].startswith("malformed:seal-")
    assert (second["type"], second["problem"]) == ("consent.withdrawn", "behind")
    assert (await redrive(county, first)).status_code == 409

    await teach_key(county, ring)
    driven = await redrive(county, first)
    assert (driven.status_code, driven.json()) == (200, {"key": case.application_id, "taken": 2})
    assert not await parked_of(county, case.application_id)
    await county.await_version([case.application_id], 1)
    (line,) = await county.versions(case.application_id)
    report = (await county.caseworker.report(line["report_id"]))["content"]
    missing = [answer for answer in report["coverage"]["answers"] if answer["outcome"] != "answered"]
    assert {(answer["outcome"], answer["reason"], *answer["members"]) for answer in missing} == {
        ("silent", "consent_withdrawn", leaver)
    }


def renamed(genuine: ApplicationSubmitted, application_id: str) -> ApplicationSubmitted:
    """The same household in a case of its own."""
    old, new = genuine.application_id.removeprefix("app_"), application_id.removeprefix("app_")
    text = msgspec.json.encode(genuine).decode().replace(old, new).replace(genuine.event_id, new_event_id())
    return msgspec.json.decode(text, type=ApplicationSubmitted)


async def teach_key(county: County, ring: KeySite) -> None:
    """Verification gets the key into its site file and is restarted, as an operator would do it."""
    file = county.platform.site_file("verification")
    site = json.loads(file.read_text())
    site["keys"]["wire"][TOPIC]["keys"] |= ring.keys
    before = county.platform.processes()["verification"]
    file.write_text(json.dumps(site))
    county.platform.signal("verification", signal.SIGTERM)

    async def restarted() -> bool:
        now = county.platform.processes().get("verification")
        return now is not None and now != before and county.platform.is_ready("verification")

    await until(restarted, "verification runs again")
    county.platform.write_sites()


async def parked_of(county: County, key: str) -> list[dict[str, Any]]:
    """A case's events that verification has put aside, as an operator sees them."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": "200", **({"after": after} if after else {})}
        answer = await county.client.get(events_url(county), params=query, headers=county.bearer("operator"))
        answer.raise_for_status()
        page = answer.json()
        found += [one for one in page["data"] if one["key"] == key]
        after = page["page"]["next"]
        if not after:
            return found


async def redrive(county: County, parked: dict[str, Any]) -> httpx.Response:
    """Under a key of its own each time: this is a new try, not the same request again."""
    return await county.client.post(
        f"{events_url(county)}/{parked['id']}/redrive",
        headers={**county.bearer("operator"), "Idempotency-Key": new_event_id()},
    )


def events_url(county: County) -> str:
    return f"{county.platform.url('verification')}/verification/v1/parked-events"
