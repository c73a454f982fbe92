"""What is published is what the code does; nothing is heard that nobody says, nothing said that nobody reads."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from chassis.permissions import OPEN, routes_of
from chassis.run import asgi_app, find_service
from chassis.sealing import Keyring
from chassis.service import Service
from chassis.wire import Codec
from contracts.events import CATALOGUE, EXTERNAL
from contracts.events.adapters import AgencySilent, SilentItem
from contracts.events.event import Event
from contracts.events.intake import ApplicationSubmitted, Declared, Member, People, Person
from contracts.vocabulary import Agency, Aid, Area, Employment, ItemKind, Reason, Relation
from deploy.local.tokens import ROLES
from deploy.map import read_map
from deploy.publishing.documents import PUBLISHED, documents, incompatible, stale
from deploy.publishing.schemas import event_schema, file_name

SAID = [event for events in CATALOGUE.values() for event in events]


@cache
def made() -> dict[str, str]:
    return documents()


@cache
def services() -> dict[str, Service]:
    return {name: find_service(name) for name in read_map().services}


def test_no_published_file_is_stale() -> None:
    assert stale(made()) == [], "run `make contracts` and commit what it writes"


def test_no_published_event_is_broken() -> None:
    assert incompatible(made()) == []


def test_the_check_sees_a_stale_a_missing_and_a_surplus_file(tmp_path: Path) -> None:
    for name, text in made().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert stale(made(), tmp_path) == []
    (tmp_path / "openapi/intake.json").write_text("{}")
    (tmp_path / "asyncapi.yaml").unlink()
    (tmp_path / "openapi/gone.json").write_text("{}")
    assert stale(made(), tmp_path) == ["asyncapi.yaml", "openapi/gone.json", "openapi/intake.json"]


def test_everything_heard_is_said_by_the_speaker_of_its_topic() -> None:
    for listener, service in services().items():
        for event in service.hears:
            speaker = event.topic.partition(".")[0]
            assert event in CATALOGUE[speaker], f"{listener} hears {event.name}, which {speaker} has no word for"
            assert event in services()[speaker].says, f"{listener} hears {event.name}, which {speaker} does not say"


def test_services_hear_only_topics_that_the_map_lets_them_read() -> None:
    topics = read_map().topics
    for listener, service in services().items():
        for event in service.hears:
            assert listener in topics[event.topic].listeners, f"{listener} may not read {event.topic}"


def test_everything_said_stands_in_the_speakers_own_catalogue_and_topic() -> None:
    for speaker, service in services().items():
        assert set(service.says) == set(CATALOGUE.get(speaker, ()))
        for event in service.says:
            assert event.topic.partition(".")[0] == speaker
            assert event.topic in read_map().topics


def test_everything_said_is_heard_or_marked_as_for_others() -> None:
    heard = {event for service in services().values() for event in service.hears}
    unheard = {event for event in SAID if event not in heard}
    assert unheard == EXTERNAL


def test_no_two_events_share_a_name_and_version() -> None:
    assert len({(event.name, event.version) for event in SAID}) == len(SAID)


def test_every_event_has_a_sound_schema() -> None:
    for event in SAID:
        schema = json.loads((PUBLISHED / "events" / file_name(event)).read_text())
        jsonschema_rs.meta.validate(schema)
        assert schema["additionalProperties"] is False
        assert schema["description"], f"{event.name} says nothing of itself"


EXAMPLES: list[Event] = [
    ApplicationSubmitted(
        event_id="01920000-0000-7000-8000-000000000001",
        occurred_at=datetime(2026, 9, 15, 1, 2, 3, tzinfo=UTC),
        application_id="app_1",
        office="cn/2307/230799/230799001/",
        region="230799",
        aid=Aid.DIBAO,
        area=Area.RURAL,
        accepted_on=date(2026, 9, 15),
        members=[
            Member(
                member_id="m1",
                person_key="k1",
                relation=Relation.APPLICANT,
                born_on_year=1960,
                is_adult=True,
                employment=Employment.FARMING,
            )
        ],
        declaration=[Declared(item_id="i1", member_id="m1", kind=ItemKind.WAGE, amount_fen=1)],
        consented=["m1"],
        private=People(people=[Person(member_id="m1", name="某某", citizen_id="990000196001010019")]),
    ),
    AgencySilent(
        event_id="01920000-0000-7000-8000-000000000002",
        occurred_at=datetime(2026, 9, 15, tzinfo=UTC),
        agency=Agency.TAX,
        of_partition=3,
        items=[SilentItem(check_id="c", application_id="a", reason=Reason.LATE)],
    ),
]


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.name)
def test_what_goes_over_the_wire_fits_the_schema_and_nothing_less_does(event: Event) -> None:
    ring = Keyring("w1", {"w1": bytes(32)})
    value = json.loads(Codec({event.topic: ring}, [type(event)], []).encode(event, "").value)
    schema = json.loads((PUBLISHED / "events" / file_name(type(event))).read_text())
    fits = jsonschema_rs.validator_for(schema)
    fits.validate(value)
    assert not fits.is_valid({**value, "surplus": 1})
    for field in schema["required"]:
        assert not fits.is_valid({name: inner for name, inner in value.items() if name != field})


def test_the_sealed_part_is_published_as_sealed_with_what_it_encloses() -> None:
    field = event_schema(ApplicationSubmitted)["properties"]["private"]
    assert field["type"] == "string"
    assert field["x-sealed"] == {"$ref": "#/$defs/People"}
    event = EXAMPLES[0]
    ring = Keyring("w1", {"w1": bytes(32)})
    value = json.loads(Codec({event.topic: ring}, [type(event)], []).encode(event, "").value)
    opened = json.loads(ring.open(base64.b64decode(value["private"]), f"{event.event_id}:private"))
    enclosed = {"$defs": event_schema(ApplicationSubmitted)["$defs"], **field["x-sealed"]}
    jsonschema_rs.validator_for(enclosed).validate(opened)


def references(here: Any) -> set[str]:
    """Every `$ref` in a document."""
    if isinstance(here, dict):
        own = {here["$ref"]} if isinstance(here.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in here.values()), set())
    if isinstance(here, list):
        return set().union(*(references(inner) for inner in here), set())
    return set()


def resolves(reference: str, document: Any) -> bool:
    """Whether a reference leads to something, in the document or in a published file beside it."""
    file, _, path = reference.partition("#")
    here = json.loads((PUBLISHED / file).read_text()) if file else document
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or name not in here:
            return False
        here = here[name]
    return True


def test_every_reference_leads_somewhere() -> None:
    for name, text in made().items():
        document = yaml.safe_load(text)
        lost = [reference for reference in references(document) if not resolves(reference, document)]
        assert lost == [], name


def test_the_channels_are_the_maps_topics_and_the_operations_what_the_tables_say() -> None:
    document = yaml.safe_load(made()["asyncapi.yaml"])
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(read_map().topics)
    sent = [one for one in document["operations"].values() if one["action"] == "send"]
    received = [one for one in document["operations"].values() if one["action"] == "receive"]
    assert len(sent) == len(SAID)
    assert len(received) == sum(len(service.hears) for service in services().values())


def test_each_contract_names_exactly_the_routes_of_its_service_with_their_permissions() -> None:
    for name, service in services().items():
        document = json.loads(made()[f"openapi/{name}.json"])
        assert document["openapi"].startswith("3.1")
        described = {
            (method.upper(), path, operation["security"][0]["token"][0])
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        }
        assert described == {route for route in routes_of(asgi_app(service)) if route[1] not in OPEN}


def test_every_permission_a_route_needs_is_granted_to_some_role() -> None:
    needed = {
        permission
        for service in services().values()
        for _, path, permission in routes_of(asgi_app(service))
        if path not in OPEN
    }
    granted = {scope for role in tomllib.loads(ROLES.read_text()).values() for scope in role["scopes"]}
    assert needed <= granted


def test_every_route_begins_with_its_service_and_version_and_holds_no_personal_data() -> None:
    for name, service in services().items():
        for _, path, _ in routes_of(asgi_app(service)):
            assert path in OPEN or path.startswith(f"/{name}/v1/")
            assert not re.search(r"name\b|citizen|phone|person", path)


def test_a_route_that_compares_versions_says_so() -> None:
    document = json.loads(made()["openapi/verification.json"])
    conditional = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if any(one["name"] == "If-Match" for one in operation.get("parameters", []))
    }
    assert conditional == {"/verification/v1/flags/{flag_id}/resolution"}


def test_whatever_changes_something_by_post_wants_an_idempotency_key_and_reads_a_described_body() -> None:
    for name in services():
        document = json.loads(made()[f"openapi/{name}.json"])
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                wants = [one["name"] for one in operation.get("parameters", []) if one["in"] == "header"]
                is_reading = operation["security"][0]["token"][0].endswith(":read")
                assert ("Idempotency-Key" in wants) == (method == "post" and not is_reading), (name, method, path)
                assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
