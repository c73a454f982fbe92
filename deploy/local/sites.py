"""What each process is told about this place: one private file per service, the simulator's, and the migrations'."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.vocabulary import Agency
from deploy.local import tokens
from deploy.local.credentials import SecretBox
from deploy.local.ports import PortBook
from deploy.local.process import Layout, write_private
from deploy.local.topics import user_password
from deploy.map import PlatformMap

OPTIONS = Path(__file__).with_name("options.toml")
_HOST = "127.0.0.1"

Options = Mapping[str, Mapping[str, Any]]
"""Settings by service (or "simulator"), then by name."""


def site_file(layout: Layout, service: str) -> Path:
    """Where the file of a service, or of the simulator, lies."""
    return layout.site / f"{service}.json"


def migrations_file(layout: Layout) -> Path:
    """Where the owners' database logins lie, for migrations only."""
    return layout.site / "migrations.json"


def write_sites(
    layout: Layout,
    platform: PlatformMap,
    ports: PortBook,
    secrets: SecretBox,
    options: Options,
    doors: Mapping[str, int],
) -> None:
    """Writes every site file; unchanged ones stay as they are. `options` go before the project's options file.

    `doors`: the ports at which services look for a process, where that is not its own.
    """
    for folder in ("anchors", "traces", "simulator"):
        (layout.var / folder).mkdir(exist_ok=True)
    tokens.write_key_set(layout, secrets)
    settings = _options(options)
    for service in platform.services:
        site = _service_site(layout, platform, ports, secrets, service, settings.get(service, {}), doors)
        _write(site_file(layout, service), site)
    _write(site_file(layout, "simulator"), _simulator_site(layout, ports, secrets, settings.get("simulator", {})))
    postgres = ports["postgres"]
    owners = {service: _database(postgres, secrets, service, f"{service}_owner") for service in platform.services}
    _write(migrations_file(layout), owners)


def _service_site(
    layout: Layout,
    platform: PlatformMap,
    ports: PortBook,
    secrets: SecretBox,
    service: str,
    options: Mapping[str, Any],
    doors: Mapping[str, int],
) -> dict[str, Any]:
    spoken = [*platform.said_by(service), *platform.heard_by(service)]
    keys: dict[str, Any] = {
        "rest": _ring("r1", secrets.key(f"rest-{service}")),
        "index": secrets.key(f"index-{service}"),
        "cursor": secrets.key(f"cursor-{service}"),
        "wire": {topic.name: _ring("w1", secrets.key(f"wire-{topic.name}")) for topic in spoken},
    }
    if service == "intake":
        keys["person"] = secrets.key("person")
    chosen = dict(options)
    if service == "verification":
        keys["sign"] = secrets.key("sign")
    return {
        "service": service,
        "host": _HOST,
        "port": ports[service],
        "local": True,
        "database": _database(doors.get("postgres", ports["postgres"]), secrets, service, service),
        "kafka": {
            "bootstrap": f"{_HOST}:{doors.get('kafka', ports['kafka'])}",
            "user": service,
            "password": user_password(secrets, service),
        },
        "topics": {
            topic.name: {
                "partitions": topic.partitions,
                "speaker": topic.speaker,
                "listeners": list(topic.listeners),
            }
            for topic in platform.topics.values()
        },
        "keys": keys,
        "tokens": {
            "issuer": tokens.ISSUER,
            "audience": tokens.AUDIENCE,
            "jwks_file": str(tokens.key_set_file(layout)),
        },
        "clock_file": str(layout.clock),
        "anchor_file": str(layout.var / "anchors" / f"{service}.jsonl"),
        "trace_file": str(layout.var / "traces" / f"{service}.jsonl"),
        "trace_sample": chosen.pop("trace_sample", 1.0),
        "policies": str(layout.root / "policies"),
        "options": _addresses(service, doors.get("simulator", ports["simulator"])) | chosen,
    }


def _simulator_site(layout: Layout, ports: PortBook, secrets: SecretBox, options: Mapping[str, Any]) -> dict[str, Any]:
    rest = dict(options)
    return {
        "service": "simulator",
        "host": _HOST,
        "port": ports["simulator"],
        "seed": rest.pop("seed", 1),
        "ledger_dir": str(layout.var / "simulator"),
        "admin_token": secrets.password("simulator-admin"),
        "options": {"clock_file": str(layout.clock)} | rest,
    }


def _addresses(service: str, simulator: int) -> dict[str, Any]:
    """Where the world outside is found: on this machine, always the simulator."""
    if service == "adapters":
        return {"agencies": {agency: f"http://{_HOST}:{simulator}/agencies/{agency}" for agency in Agency}}
    if service == "payments":
        return {"bank": f"http://{_HOST}:{simulator}/bank", "treasury": f"http://{_HOST}:{simulator}/treasury"}
    return {}


def _database(port: int, secrets: SecretBox, name: str, role: str) -> dict[str, Any]:
    return {
        "host": _HOST,
        "port": port,
        "name": name,
        "user": role,
        "password": secrets.password(f"postgres-{role}"),
    }


def _ring(active: str, key: str) -> dict[str, Any]:
    return {"active": active, "keys": {active: key}}


def _options(overriding: Options) -> dict[str, dict[str, Any]]:
    with OPTIONS.open("rb") as source:
        settings: dict[str, dict[str, Any]] = tomllib.load(source)
    for service, values in overriding.items():
        settings[service] = settings.get(service, {}) | dict(values)
    return settings


def _write(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_private(path, text)
