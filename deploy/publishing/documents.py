"""All published documents, made from the services' own tables and the platform's map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from chassis.openapi import describe
from chassis.run import asgi_app, find_service
from contracts.events import CATALOGUE
from deploy.map import read_map
from deploy.publishing.channels import asyncapi
from deploy.publishing.compatibility import breaks
from deploy.publishing.schemas import schemas

PUBLISHED = Path(__file__).resolve().parents[2] / "contracts" / "published"


def documents() -> dict[str, str]:
    """Path under contracts/published/ -> text."""
    platform = read_map()
    services = {name: find_service(name) for name in platform.services}
    events = [event for of_speaker in CATALOGUE.values() for event in of_speaker]
    made = {f"openapi/{name}.json": _json(describe(asgi_app(service))) for name, service in services.items()}
    made |= {f"events/{name}": _json(schema) for name, schema in schemas(events).items()}
    made["asyncapi.yaml"] = yaml.safe_dump(asyncapi(platform, services, CATALOGUE), sort_keys=False, allow_unicode=True)
    return made


def stale(made: Mapping[str, str], folder: Path = PUBLISHED) -> list[str]:
    """Files that are not as they would be written now. Schemas of versions no longer said stay as they are."""
    wrong = [name for name, text in made.items() if _read(folder / name) != text]
    wrong += [
        name
        for name in _present(folder)
        if name not in made and not (name.startswith("events/") and _is_superseded(name, made))
    ]
    return sorted(wrong)


def incompatible(made: Mapping[str, str], folder: Path = PUBLISHED) -> list[str]:
    """What breaks a published event, with file and place."""
    wrong: list[str] = []
    for name in _present(folder):
        if not name.startswith("events/"):
            continue
        if name in made:
            old, new = json.loads(_read(folder / name)), json.loads(made[name])
            wrong += [f"{name}: {broken}" for broken in breaks(old, new)]
        elif not _is_superseded(name, made):
            wrong.append(f"{name}: nobody says this event any more")
    return wrong


def write(made: Mapping[str, str], folder: Path = PUBLISHED) -> None:
    """Write every document; remove those of services and channels that are gone, never a published event."""
    for name in stale(made, folder):
        if name in made:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(made[name], encoding="utf-8")
        elif not name.startswith("events/"):
            (folder / name).unlink()


def _present(folder: Path) -> list[str]:
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.suffix in (".json", ".yaml")
    )


def _is_superseded(name: str, made: Mapping[str, str]) -> bool:
    """Whether a later version of the event is said now."""
    stem, _, version = name.removesuffix(".json").rpartition(".v")
    later = (other.removesuffix(".json").rpartition(".v") for other in made)
    return any(
        other == stem and int(number) > int(version) for other, _, number in later if other.startswith("events/")
    )


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
