"""After all journeys: nobody who was handed in stands in clear in anything the platform wrote, said or kept."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import orjson
import zstandard
from confluent_kafka.admin import NewTopic

from deploy.demo.township import COUNTY, TOWNSHIP
from deploy.local.platform import LocalPlatform
from tests.journeys import places, records
from tests.journeys.canaries import Canaries
from tests.journeys.conftest import Session
from tests.journeys.county import County
from tests.journeys.records import Recorded

HOUSEHOLDS = 20
CONTROL_TOPIC, CONTROL_TABLE = "canary.control", "canary_control"


async def test_nobody_stands_in_clear_anywhere_but_one_planted_in_each_place_is_found(
    county: County, session: Session
) -> None:
    await the_ordinary_way(county)
    refused = await refusals(county)
    assert {status for status, _ in refused} == {400, 401, 403, 404, 413, 415, 422}
    canaries = Canaries.of(session.applications)
    assert min(len(canaries.ids), len(canaries.phones)) >= HOUSEHOLDS
    with planted(county.platform, session) as control:
        found = await search(county.platform, session, canaries | control)
    somebody = {place for place, counts in found.items() if counts.keys() - everything_in(control)}
    assert not somebody, "people stand in clear in these places"
    assert set(found) == {
        "file log/control.log",
        f"table adapters.public.{CONTROL_TABLE}",
        f"topic {CONTROL_TOPIC}",
        "process cmdline",
        "error body",
    }
    assert all(counts.keys() == everything_in(control) for counts in found.values())


def everything_in(canaries: Canaries) -> frozenset[str]:
    return canaries.ids | canaries.names | canaries.phones


async def search(platform: LocalPlatform, session: Session, canaries: Canaries) -> dict[str, Counter[str]]:
    """Where who was found; empty when nobody was."""
    found: dict[str, Counter[str]] = {}

    def look(place: str, content: bytes) -> None:
        if hits := canaries.find(content):
            found.setdefault(place, Counter()).update(hits)

    for kind in (places.files, places.topics, places.arguments):
        for place in kind(platform):
            look(*place)
    async for place in places.tables(platform):
        look(*place)
    for body in session.refusals:
        look("error body", body)
    return found


async def the_ordinary_way(county: County) -> None:
    """Households with phones, all reported; a caseworker reads and closes a flag and writes a name into the note."""
    households = await county.households(HOUSEHOLDS)
    for number, household in enumerate(households):
        household["application"]["members"][0]["phone"] = f"199{county.run[-1]}{number:07d}"
    applications = await county.submit(households)
    await county.await_version(applications, 1)
    for application_id in applications:
        answer = await county.client.get(
            f"{county.platform.url('intake')}/intake/v1/applications/{application_id}",
            headers=county.bearer("township_clerk"),
        )
        answer.raise_for_status()
    truth = await county.outside.truth(households[0]["household_no"], HOUSEHOLDS)
    async for _ in county.caseworker.resolve_all(applications, truth, county.clock.now()):
        pass


async def refusals(county: County) -> list[tuple[int, bytes]]:
    """Everything a client can do wrong with a person in hand; each is refused."""
    (household,) = await county.households(1)
    good = household["application"]
    person = good["members"][0]
    citizen_id, name = person["citizen_id"], person["name"]
    wrong_sign = "0" if citizen_id[-1] != "0" else "1"
    clerk = county.bearer("township_clerk")
    elsewhere = county.bearer("township_clerk", "cn/2307/230798/230798001/")
    forged = {"Authorization": f"Bearer {county.platform.token('township_clerk', TOWNSHIP)[:-8]}AAAAAAAA"}
    url = f"{county.platform.url('intake')}/intake/v1/applications"
    found: list[tuple[int, bytes]] = []

    async def post(body: bytes, headers: dict[str, str], path: str = "", kind: str = "application/json") -> None:
        sent = {"Content-Type": kind, "Idempotency-Key": f"{county.run}-refused-{len(found)}", **headers}
        answer = await county.client.post(url + path, content=body, headers=sent)
        assert answer.is_client_error, answer.status_code
        found.append((answer.status_code, answer.content))

    changes: list[dict[str, Any]] = [
        {"members": [{**person, "citizen_id": citizen_id[:-1] + wrong_sign}]},
        {"members": [{**person, "citizen_id": full_width(citizen_id)}]},
        {"members": [{**person, name: citizen_id}]},
        {"members": [person] * 21},
        {"members": []},
        {"area": citizen_id},
        {"aid": name},
        {"applicant": citizen_id},
        {citizen_id: name},
    ]
    for change in changes:
        await post(orjson.dumps({**deepcopy(good), **change}), clerk)
    whole = orjson.dumps(good)
    await post(whole[:-20], clerk)
    await post(whole[:-1] + b',"area":' + whole[-1:], clerk)
    await post(whole.replace(b'"area":', b'"area":"rural","area":', 1), clerk)
    await post(whole + b" " * 2_000_000, clerk)
    await post(whole, clerk, kind="text/plain")
    await post(whole, {**clerk, "Idempotency-Key": name.encode().hex() + " " + citizen_id})
    await post(whole, forged)
    await post(whole, county.bearer("caseworker", COUNTY))
    await post(whole, elsewhere)
    await post(whole, clerk, f"/{citizen_id}/withdrawal")
    for answer in (
        await county.client.get(f"{url}/{citizen_id}", headers=clerk),
        await county.client.get(url, params={"state": name, "after": citizen_id}, headers=clerk),
        await county.client.get(f"{url}/{name}/{citizen_id}", headers={**clerk, "traceparent": citizen_id}),
    ):
        assert answer.is_client_error, answer.status_code
        found.append((answer.status_code, answer.content))
    return found


def full_width(digits: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in digits)


@contextmanager
def planted(platform: LocalPlatform, session: Session) -> Iterator[Canaries]:
    """Somebody nobody handed in stands in clear in a scratch place of every kind."""
    citizen_id, name = "990001190001010017", "司马长庚"
    person: dict[str, Any] = {"citizen_id": citizen_id, "name": name}
    line = orjson.dumps(person)
    control = platform.layout.log_file("control")
    control.write_bytes(line)
    admin = platform.kafka_admin()
    admin.create_topics([NewTopic(CONTROL_TOPIC, 1, 1)])[CONTROL_TOPIC].result(10)
    records.produce(platform, [Recorded(CONTROL_TOPIC, 0, b"k", line, ())])
    packed = zstandard.ZstdCompressor().compress(line)
    port = platform.ports["postgres"]
    platform.postgres.sql(
        port,
        f"create table {CONTROL_TABLE} (packed bytea);"
        f" insert into {CONTROL_TABLE} values (decode('{packed.hex()}', 'hex'));",
        database="adapters",
    )
    process = subprocess.Popen([sys.executable, "-c", "input()", line.decode()], stdin=subprocess.PIPE)
    session.refusals.append(line)
    try:
        yield Canaries.of([{"members": [person]}])
    finally:
        session.refusals.remove(line)
        process.communicate(b"\n")
        platform.postgres.sql(port, f"drop table {CONTROL_TABLE};", database="adapters")
        admin.delete_topics([CONTROL_TOPIC])[CONTROL_TOPIC].result(10)
        control.unlink()
