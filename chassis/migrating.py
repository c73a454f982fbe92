"""`python -m chassis.migrating <migrations.json>`: bring every service's database to its newest shape, as its owner."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

from chassis.site import DatabaseSite

_ROOT = Path(__file__).parents[1]
_ENVIRONMENT = _ROOT / "chassis" / "migrations"


def migrate(service: str, owner: DatabaseSite, *, app_role: str | None = None) -> None:
    """Upgrade one database: first the chassis' tables, then the service's own history. Harmless when nothing is new."""
    _upgrade(owner, _ENVIRONMENT / "versions", "chassis_version", app_role or service)
    own = _ROOT / "services" / service / "migrations"
    if own.is_dir():
        _upgrade(owner, own, "alembic_version", app_role or service)


def _upgrade(owner: DatabaseSite, versions: Path, version_table: str, app_role: str) -> None:
    config = Config()
    config.set_main_option("script_location", _escaped(_ENVIRONMENT))
    config.set_main_option("version_locations", _escaped(versions))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_table", version_table)
    config.attributes["database"] = owner.model_dump()
    config.attributes["app_role"] = app_role
    command.upgrade(config, "head")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def main(arguments: list[str]) -> int:
    databases: Mapping[str, Any] = json.loads(Path(arguments[0]).read_bytes())
    for service, owner in databases.items():
        migrate(service, DatabaseSite.model_validate(owner))
        print(f"{service}: database is up to date", flush=True)  # noqa: T201 (what this program is run to tell)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
