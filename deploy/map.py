"""Reads `services.toml`, the one map of the platform, into typed values; refuses what it does not know."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

PATH = Path(__file__).with_name("services.toml")


class MapError(ValueError):
    """The map is wrong; the text lists every fault with its place."""


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service: where it listens on a single machine and how many replicas a cluster runs."""

    name: str
    port: int
    replicas: int


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A Kafka topic: only `speaker` may write it, only `listeners` may read it."""

    name: str
    partitions: int
    listeners: tuple[str, ...]

    @property
    def speaker(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class PlatformMap:
    """The whole map, in the order of the file."""

    postgres_port: int
    kafka_port: int
    kafka_controller_port: int
    simulator_port: int
    services: Mapping[str, ServiceEntry]
    topics: Mapping[str, TopicEntry]

    @property
    def ports(self) -> dict[str, int]:
        """The port each process would like to listen on, by the process's name."""
        fixed = {
            "postgres": self.postgres_port,
            "kafka": self.kafka_port,
            "kafka-controller": self.kafka_controller_port,
            "simulator": self.simulator_port,
        }
        return fixed | {service.name: service.port for service in self.services.values()}

    def said_by(self, service: str) -> list[TopicEntry]:
        return [topic for topic in self.topics.values() if topic.speaker == service]

    def heard_by(self, service: str) -> list[TopicEntry]:
        return [topic for topic in self.topics.values() if service in topic.listeners]


def read_map(path: Path = PATH) -> PlatformMap:
    """Reads the map. Raises `MapError` with every unknown key, missing value, stranger and doubled port at once."""
    with path.open("rb") as source:
        return parse_map(tomllib.load(source))


def parse_map(data: dict[str, object]) -> PlatformMap:
    """Checks the parsed map and gives it types; raises `MapError`."""
    faults: list[str] = []
    top = _table(data, "", {"postgres", "kafka", "simulator", "services", "topics"}, faults)
    postgres = _table(top.get("postgres"), "postgres", {"port"}, faults)
    kafka = _table(top.get("kafka"), "kafka", {"port", "controller_port"}, faults)
    simulator = _table(top.get("simulator"), "simulator", {"port"}, faults)
    services = {}
    for name, entry in _table(top.get("services"), "services", None, faults).items():
        at = f"services.{name}"
        table = _table(entry, at, {"port", "replicas"}, faults)
        services[name] = ServiceEntry(name, _number(table, at, "port", faults), _number(table, at, "replicas", faults))
    topics = {}
    for name, entry in _table(top.get("topics"), "topics", None, faults).items():
        at = f"topics.{name}"
        table = _table(entry, at, {"partitions", "listeners"}, faults)
        listeners = table.get("listeners")
        if not isinstance(listeners, list) or not all(isinstance(item, str) for item in listeners):
            faults.append(f"{at}.listeners: must be a list of service names")
            listeners = []
        topics[name] = TopicEntry(name, _number(table, at, "partitions", faults), tuple(listeners))
    found = PlatformMap(
        _number(postgres, "postgres", "port", faults),
        _number(kafka, "kafka", "port", faults),
        _number(kafka, "kafka", "controller_port", faults),
        _number(simulator, "simulator", "port", faults),
        MappingProxyType(services),
        MappingProxyType(topics),
    )
    faults += _strangers(found) + _doubled_ports(found)
    if faults:
        raise MapError("deploy/services.toml is wrong:\n" + "\n".join(f"  {fault}" for fault in faults))
    return found


def _strangers(found: PlatformMap) -> list[str]:
    faults = []
    for topic in found.topics.values():
        if topic.speaker not in found.services:
            faults.append(f"topics.{topic.name}: its speaker {topic.speaker!r} is no service")
        faults += [
            f"topics.{topic.name}.listeners: {listener!r} is no service"
            for listener in topic.listeners
            if listener not in found.services
        ]
    return faults


def _doubled_ports(found: PlatformMap) -> list[str]:
    by_port: dict[int, list[str]] = {}
    for name, port in found.ports.items():
        by_port.setdefault(port, []).append(name)
    return [f"port {port}: claimed by {' and '.join(names)}" for port, names in by_port.items() if len(names) > 1]


def _table(value: object, at: str, known: set[str] | None, faults: list[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        faults.append(f"{at}: missing, or not a table")
        return {}
    if known is not None:
        faults += [f"{f'{at}.{key}' if at else key}: unknown key" for key in value if key not in known]
    return value


def _number(table: dict[str, object], at: str, key: str, faults: list[str]) -> int:
    value = table.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    faults.append(f"{at}.{key}: must be a whole number above 0")
    return 0
