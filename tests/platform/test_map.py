"""The map is read whole or refused with every fault at once."""

import tomllib
from typing import Any

import pytest

from deploy.map import PATH, MapError, parse_map, read_map


def valid() -> dict[str, Any]:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


def test_the_project_s_map_says_who_speaks_and_who_listens() -> None:
    found = read_map()
    assert list(found.services) == ["intake", "verification", "adapters", "approval", "payments"]
    assert [topic.name for topic in found.said_by("verification")] == ["verification.check", "verification.report"]
    assert [topic.name for topic in found.heard_by("adapters")] == ["intake.application", "verification.check"]
    assert found.topics["adapters.answer"].speaker == "adapters"
    assert found.ports["intake"] == 8101
    assert len(set(found.ports.values())) == len(found.ports)


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("colour",), "red", "colour: unknown key"),
        (("kafka", "prot"), 1, "kafka.prot: unknown key"),
        (("services", "intake", "replica"), 1, "services.intake.replica: unknown key"),
        (("services", "intake", "port"), "8101", "services.intake.port: must be a whole number above 0"),
        (("services", "intake", "replicas"), True, "services.intake.replicas: must be a whole number above 0"),
        (("services", "intake", "port"), 8102, "port 8102: claimed by intake and verification"),
        (("simulator", "port"), 5440, "port 5440: claimed by postgres and simulator"),
        (("topics", "census.count"), {"partitions": 1, "listeners": []}, "its speaker 'census' is no service"),
        (("topics", "payments.roster", "listeners"), ["census"], "'census' is no service"),
        (("topics", "payments.roster", "listeners"), "approval", "must be a list of service names"),
        (("postgres",), None, "postgres: missing, or not a table"),
    ],
)
def test_a_fault_is_named_by_its_place(place: tuple[str, ...], value: object, fault: str) -> None:
    data = valid()
    table = data
    for key in place[:-1]:
        table = table[key]
    table[place[-1]] = value
    with pytest.raises(MapError) as refusal:
        parse_map(data)
    assert fault in str(refusal.value)


def test_all_faults_are_told_at_once() -> None:
    data = valid()
    data["colour"] = "red"
    data["services"]["intake"]["port"] = 8102
    with pytest.raises(MapError) as refusal:
        parse_map(data)
    assert "colour" in str(refusal.value)
    assert "8102" in str(refusal.value)
