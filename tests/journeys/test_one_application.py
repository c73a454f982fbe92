"""The way of one application: handed in, accepted, checked, reported, its flag resolved, reported again."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.journeys import records, spans
from tests.journeys.county import County
from tests.journeys.patience import until

WAY = {
    "intake: POST /intake/v1/applications",
    "intake: say application.submitted",
    "verification: hear intake.application",
    "verification: say check.opened",
    "adapters: hear verification.check",
    "adapters: ask tax",
    "adapters: say agency.answered",
    "verification: hear adapters.answer",
    "verification: say report.issued",
}
"""Spans by which an application's trace shows where it went."""


async def test_an_application_becomes_a_report_and_its_resolved_flag_the_next_version(county: County) -> None:
    household, planted = await household_with_one_flag(county)
    (receipt,) = [one async for one in county.township.submit([household])]
    assert receipt.state == "accepted"
    await county.await_version([receipt.application_id], 1)

    (first,) = await county.versions(receipt.application_id)
    assert (first["version"], first["supersedes"], first["open_flags"]) == (1, None, 1)
    assert first["conclusion"]["code"] == "flags_open"
    check = await county.caseworker.check(receipt.application_id)
    assert check is not None
    assert {agency["state"] for agency in check["agencies"]} == {"ended"}

    applications = {receipt.application_id: receipt.household_no}
    (flag,) = await county.caseworker.flags("open", applications)
    assert flag["code"]["code"] == planted["code"]
    truth = {receipt.household_no: [planted]}
    assert [one async for one in county.caseworker.resolve_all(applications, truth, county.clock.now())]

    await county.await_version([receipt.application_id], 2)
    _, second = await county.versions(receipt.application_id)
    assert (second["version"], second["supersedes"]) == (2, first["report_id"])
    assert (second["open_flags"], second["is_partial"]) == (0, False)
    (closed,) = await county.caseworker.flags("closed", applications)
    assert (closed["flag_id"], closed["finding"]["code"]) == (flag["flag_id"], "true")

    seed = json.loads(county.platform.site_file("verification").read_text())["keys"]["sign"]
    published = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed)).public_key()
    for line in (first, second):
        verify(await county.caseworker.report(line["report_id"]), published)


async def test_one_trace_joins_the_post_to_the_report_through_kafka(county: County) -> None:
    households = await county.households(1)
    spans_before = spans.marks(county.platform.var)
    records_before = records.marks(county.platform, county.platform.map.topics)
    (receipt,) = [one async for one in county.township.submit(households)]

    async def all_exported() -> dict[str, dict[str, Any]]:
        found = spans.of_trace(county.platform.var, receipt.trace_id, spans_before)
        return found if {f"{one['service']}: {one['name']}" for one in found.values()} >= WAY else {}

    found = await until(all_exported, "all spans of the way")
    (report_said,) = [one for one in found.values() if one["name"] == "say report.issued"]
    way = spans.way_up(found, report_said)
    assert (way[0], way[-1]) == ("verification: say report.issued", "intake: POST /intake/v1/applications")
    carried = {
        record.topic
        for record in records.read(county.platform, county.platform.map.topics, records_before)
        if receipt.trace_id in record.header("traceparent") and receipt.application_id.encode() in record.value
    }
    assert carried == {"intake.application", "verification.check", "adapters.answer", "verification.report"}


async def household_with_one_flag(county: County) -> tuple[dict[str, Any], dict[str, Any]]:
    """A household of which exactly one flag is true, and that flag."""
    some = await county.households(100)
    truth = await county.outside.truth(some[0]["household_no"], len(some))
    household = next(one for one in some if len(truth[one["household_no"]]) == 1)
    return household, truth[household["household_no"]][0]


def verify(report: dict[str, Any], published: Ed25519PublicKey) -> None:
    """By what anybody can do with the answer alone: spell the content canonically, hash it, check the signature."""
    spelled = json.dumps(report["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hashlib.sha256(spelled)
    assert digest.hexdigest() == report["content_hash"]
    signature = report["signature"]
    hashes = base64.b64decode(signature["hashes"])
    assert hashes[32 * signature["place"] :][:32] == digest.digest()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["public_key"]))
    assert key == published
    key.verify(base64.b64decode(signature["signature"]), b"hedui reports v1\n" + hashes)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature["signature"]), b"hedui reports v1\n" + hashes[::-1])
